"""Where the one outside program is that sound needs."""

from __future__ import annotations

import shutil
from functools import cache

from sfa.sound.errors import BadSound


@cache
def ffmpeg() -> str:
    """The ffmpeg program: the one on PATH, else the one that the imageio-ffmpeg package carries.

    Raises
    ------
    BadSound
        `unreadable`, when there is neither.
    """
    if found := shutil.which("ffmpeg"):
        return found
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise BadSound(
            "unreadable",
            "ffmpeg is not on this machine, and this needs it.",
            "Install ffmpeg, then run this again.",
        ) from error
