"""The downloader's child, and the pauses that the far side wants."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import imageio_ffmpeg

from sfa.children import protocol
from sfa.children.supervise import Children, Limits
from sfa.errors import Refused
from sfa.lifeline import Foreign
from sfa.settings import Settings

YOUTUBE = "youtube"  # as far_sides calls it
PROGRAM = Path(protocol.__file__).with_name("fetch.py")
_PAUSE = timedelta(minutes=15)
_LOOKING = Limits(timeout_s=300, stall_s=60)
_YOUTUBE_HOSTS = ("youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be")

Ask = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]


async def ask(via: Ask, settings: Settings, home: Path, *, name: str, **what: Any) -> dict[str, Any]:
    """Have the downloader carry out a request of `children/fetch.py`, with an empty folder for its home.

    Raises
    ------
    Refused
        With `retry_at` among its facts when the far side wants a pause.
    ChildFailed
    """
    if not settings.downloader.exists():
        raise Refused(
            "The downloader is not installed, so nothing can be fetched by its link.",
            code="downloader_missing",
            fix="./sfa setup --all",
        )
    cache = settings.data / "cache" / "downloader"
    cache.mkdir(parents=True, exist_ok=True)
    request = {
        "name": name,
        "home": str(home),
        "ffmpeg": _ffmpeg(),
        "limit": settings.max_upload_bytes,
        "arguments": settings.ytdlp_args,
        "cache": str(cache),
        **what,
    }
    program = Foreign("downloader", [str(settings.downloader), "-I", "-X", "utf8", str(PROGRAM)])
    try:
        return await via(program, request)
    except Refused as error:
        if error.code == "source_rate_limited" and is_youtube(what.get("url")):
            error.facts |= {"retry_at": datetime.now(UTC) + _PAUSE, "far_side": YOUTUBE}
        raise


async def look(children: Children, settings: Settings, home: Path, url: str, *, most: int) -> dict[str, Any]:
    """What a link holds that is no link of Spotify: `kind` is track, or playlist with `entries` and `total`.

    Raises as `ask` does.
    """

    async def via(program: str, request: Mapping[str, Any]) -> dict[str, Any]:
        return await children.ask(program, request, _nobody_looks, _LOOKING)

    return await ask(via, settings, home, name=url, do="look", url=url, most=most)


async def _nobody_looks(_done: float, _note: str) -> None:
    return


def is_youtube(url: str | None) -> bool:
    """Where a song is looked for, too, and that has no address."""
    return url is None or urlsplit(url).hostname in _YOUTUBE_HOSTS


def _ffmpeg() -> str:
    try:
        return shutil.which("ffmpeg") or str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise Refused(
            "ffmpeg is not on this machine, and what is fetched needs it.",
            code="ffmpeg_missing",
            fix="Install ffmpeg, then try again.",
        ) from error
