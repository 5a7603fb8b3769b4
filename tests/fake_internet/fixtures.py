"""The door for tests: `net` is an internet of the test's own, and this process and its children are in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_internet.contract import require_downloader
from tests.fake_internet.internet import FakeInternet

# What a developer's own shell may hold and would lead past the double, or past the test's own home.
_LEAKS = (
    "ALL_PROXY",
    "all_proxy",
    "SPOTIPY_CLIENT_ID",
    "SPOTIPY_CLIENT_SECRET",
    "SPOTIPY_CLIENT_USERNAME",
    "SPOTIPY_REDIRECT_URI",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
)


@pytest.fixture(scope="session")
def fake_internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeInternet]:
    """The server itself. Ask for `net`, unless the environment has to stay as it is."""
    internet = FakeInternet(tmp_path_factory.mktemp("internet"))
    yield internet
    internet.stop()


@pytest.fixture
def net(
    fake_internet: FakeInternet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeInternet]:
    """`net.env` is for children; the same is in force in this process until the test ends."""
    fake_internet.reset()
    fake_internet.home = tmp_path / "home"
    fake_internet.home.mkdir()
    fake_internet.env = fake_internet.environment(fake_internet.home)
    for name in _LEAKS:
        monkeypatch.delenv(name, raising=False)
    for name, value in fake_internet.env.items():
        monkeypatch.setenv(name, value)
    yield fake_internet
    try:
        fake_internet.assert_honest()
    finally:
        fake_internet.reset()


@pytest.fixture(scope="session")
def downloader() -> Path:
    """The folder of the programs of the downloader's own environment: `python`, `spotdl`, `yt-dlp`."""
    return require_downloader()
