"""Pictures drawn anew as JPEG, in two sizes. Nothing of what came in is passed on, not even its metadata.

ffmpeg reads one of four kinds, told by their first bytes and by nothing else, with a bound on pixels, memory
and seconds: a picture is a stranger's data like any other.
"""

from __future__ import annotations

import hashlib
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sfa.sound.by_ffmpeg import MOST_PIXELS
from sfa.sound.programs import ffmpeg

Jpeg = bytes

MOST_BYTES = 20_000_000
_LARGE, _SMALL = 600, 96
_MOST_MADE = 1_000_000
_CPU_S = 20
_PATIENCE_S = 40
_MOST_ALLOCATED = 400_000_000  # by one request of ffmpeg for memory
_HEAD_BYTES = 16
_END, _SCAN = b"\xff\xd9", b"\xff\xda"  # markers of JPEG
_SIZES = {0xC0, 0xC1, 0xC2}
_TRY_ANOTHER = "Choose a JPEG, PNG, WebP or GIF."


class BadPicture(Exception):
    """The picture is at fault, not the program. `fix` is the way out."""

    def __init__(self, message: str, fix: str = _TRY_ANOTHER) -> None:
        super().__init__(message)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of at most 600 by 600 in the file `path`, and a square one of 96 for lists."""

    path: Path
    bytes: int
    sha256: str
    width: int
    height: int
    small: Jpeg


def redraw(source: Path, folder: Path) -> Picture:
    """The picture in `source`, drawn anew into `folder`; of one that moves, its first frame.

    Raises
    ------
    BadPicture
        When it is none, is damaged, or claims more than a cover needs.
    BadSound
        When there is no ffmpeg.
    """
    reader = _reader_of(source)
    large, small = folder / "cover.jpg", folder / "cover-small.jpg"
    within = f"scale='min({_LARGE},iw)':'min({_LARGE},ih)':force_original_aspect_ratio=decrease"
    square = f"scale={_SMALL}:{_SMALL}:force_original_aspect_ratio=increase,crop={_SMALL}:{_SMALL}"
    _run(
        [
            *(ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", "-y", "-timelimit", str(_CPU_S)),
            *("-max_alloc", str(_MOST_ALLOCATED), "-protocol_whitelist", "file", "-f", reader),
            *("-max_pixels", str(MOST_PIXELS), "-threads", "1", "-i", f"file:{source.absolute()}"),
            *_written(within, large),
            *_written(square, small),
        ]
    )
    data = large.read_bytes() if large.exists() else b""
    little = small.read_bytes() if small.exists() else b""
    if not data or not little or len(data) > _MOST_MADE:
        raise _broken()
    width, height = size_of(data)
    return Picture(large, len(data), hashlib.sha256(data).hexdigest(), width, height, little)


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Width and height of a JPEG that was made here."""
    place = 2
    while place + 9 <= len(jpeg):
        marker, length = struct.unpack_from(">xBH", jpeg, place)
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", jpeg, place + 5)
            return width, height
        place += 2 + length
    raise _broken()


def _reader_of(source: Path) -> str:
    """The demuxer of ffmpeg for the kind of picture that it is."""
    with source.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"\xff\xd8\xff"):
        data = source.read_bytes()
        if data.rfind(_END) < data.rfind(_SCAN):
            raise _broken()  # ffmpeg would paint the rest grey
        return "jpeg_pipe"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png_pipe"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp_pipe"
    raise BadPicture("This is no picture in any form that can be read here.")


def _written(drawn: str, to: Path) -> list[str]:
    """Colours in full, on black where the picture lets something shine through."""
    return [
        *("-map", "0:v:0", "-frames:v", "1", "-map_metadata", "-1"),
        *("-vf", f"{drawn},format=gbrap,premultiply=inplace=1,format=yuvj420p"),
        *("-c:v", "mjpeg", "-q:v", "3", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        *("-f", "image2", "-update", "1", f"file:{to.absolute()}"),
    ]


def _run(argv: list[str]) -> None:
    try:
        run = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BadPicture("The picture took too long to read.") from error
    if run.returncode == 0:
        return
    said = run.stderr.decode("utf-8", "replace")
    if "Picture size" in said or "Image size" in said:
        raise BadPicture(
            f"The picture claims more than {MOST_PIXELS // 1_000_000} million pixels.",
            "Make it smaller first.",
        )
    raise _broken()


def _broken() -> BadPicture:
    return BadPicture("The picture is damaged: it cannot be read to its end.", "Copy or export it again.")
