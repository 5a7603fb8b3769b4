"""The clients whose reading the double was written after, as they were then.

What a newer one reads differently, the double may answer wrongly. So an upgrade is a deliberate act: read
what changed, run everything with it, and then change the version here.
"""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import pytest

DOWNLOADER = Path(__file__).parents[2] / ".tools" / "spotdl"
OURS = {"spotipy": "2.26.0"}
DOWNLOADERS = {"spotdl": "4.5.2", "yt-dlp": "2026.8.19", "ytmusicapi": "1.12.1"}


def ours() -> dict[str, str]:
    return {name: metadata.version(name) for name in OURS}


def downloaders() -> dict[str, str]:
    """What is installed in the environment of the downloader, of those that the double knows."""
    places = [str(place) for place in DOWNLOADER.glob("lib/python3.*/site-packages")]
    found = {one.name: one.version for one in metadata.distributions(path=places)}
    return {name: found.get(name, "absent") for name in DOWNLOADERS}


def require_downloader(folder: Path = DOWNLOADER) -> Path:
    """The environment's programs. A machine without it says so; one that checks changes must have it."""
    programs = folder / "bin"
    if not (programs / "spotdl").exists():
        why = f"there is no downloader in {folder}: ./sfa setup --all makes it"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return programs
