"""What the downloader is told, and when its far side is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sfa.downloads import downloader
from sfa.errors import BadSettings, Refused
from sfa.settings import Settings


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "python").touch()
    return Settings.from_env(
        {
            "SFA_DATA": str(tmp_path / "data"),
            "SFA_DOWNLOADER": str(tmp_path / "python"),
            "SFA_YTDLP_ARGS": "--proxy 'socks5://a b'",
            "SFA_MAX_UPLOAD_MB": "7",
        }
    )


async def test_settings_of_the_operator_go_along(settings, tmp_path):
    async def via(program, request):
        assert program.argv[:2] == [str(tmp_path / "python"), "-I"]
        return request

    told = await downloader.ask(via, settings, tmp_path, name="It", do="look", url="https://a.example/")
    assert (told["arguments"], told["limit"]) == ("--proxy 'socks5://a b'", 7 << 20)
    assert (told["do"], told["home"]) == ("look", str(tmp_path))


@pytest.mark.parametrize(
    ("url", "waits"),
    [(None, True), ("https://music.youtube.com/watch?v=a", True), ("https://a.example/youtube.com", False)],
)
async def test_robot_check_of_youtube_asks_for_a_quarter_of_an_hour(settings, tmp_path, url, waits):
    async def via(program, request):
        raise Refused("Robots.", code="source_rate_limited")

    with pytest.raises(Refused) as caught:
        await downloader.ask(via, settings, tmp_path, name="It", url=url)
    facts = caught.value.facts
    assert facts.get("far_side") == ("youtube" if waits else None)
    if waits:
        assert timedelta(minutes=14) < facts["retry_at"] - datetime.now(UTC) <= timedelta(minutes=15)


def test_arguments_that_no_shell_would_read_are_said_so():
    with pytest.raises(BadSettings, match=r"SFA_YTDLP_ARGS is .* which no shell would read"):
        Settings.from_env({"SFA_YTDLP_ARGS": "--proxy 'socks5://a"})
