"""What a file of sound carries besides: its cover, its year and its genre."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sfa.names import clean
from sfa.sound.by_ffmpeg import input_of
from sfa.sound.errors import BadSound
from sfa.sound.pictures import MOST_BYTES, BadPicture, Picture, redraw
from sfa.sound.programs import ffmpeg

_PICTURE = re.compile(
    r"^ *Stream #0:(\d+)\S*: Video: .*\(attached pic\)$(?P<tags>(?:\n {4,}.*)*)", re.MULTILINE
)
_TAG = re.compile(r"^\s+(date|year|genre) *: (.*)$", re.MULTILINE | re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_FRONT = re.compile(r"comment *: Cover \(front\)", re.IGNORECASE)
_LONGEST_GENRE = 200
_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Attached:
    year: int | None = None
    genre: str | None = None
    cover: Picture | None = None
    left_out: str | None = None  # why there is no cover although the file has a picture


def attached(path: Path, folder: Path) -> Attached:
    """What `path` carries; the cover lies in `folder`. Nothing that is wrong with it is an error."""
    try:
        said = _heading(path)
    except (BadSound, subprocess.TimeoutExpired):
        return Attached()
    tags: dict[str, str] = {}
    for key, text in _TAG.findall(said):
        tags.setdefault(key.lower(), text)
    year = _YEAR.search(tags.get("date") or tags.get("year") or "")
    genre = clean(tags.get("genre"), _LONGEST_GENRE)
    pictures = sorted(_PICTURE.finditer(said), key=lambda found: not _FRONT.search(found["tags"]))
    cover, left_out = None, None
    if pictures:
        try:
            cover = redraw(_taken_out(path, int(pictures[0][1]), folder / "picture"), folder)
        except BadPicture as error:
            left_out = str(error)
    return Attached(int(year[0]) if year else None, genre, cover, left_out)


def _heading(path: Path) -> str:
    run = subprocess.run(
        [ffmpeg(), "-hide_banner", "-nostdin", *input_of(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    return run.stderr.decode("utf-8", "replace").replace("\r", "")


def _taken_out(path: Path, stream: int, to: Path) -> Path:
    """The bytes of the picture as the file has them, in a file of their own."""
    argv = [ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", *input_of(path), "-map", f"0:{stream}"]
    with subprocess.Popen(
        [*argv, "-c", "copy", "-f", "data", "pipe:1"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        data = process.stdout.read(MOST_BYTES + 1)
        process.kill()
    if len(data) > MOST_BYTES:
        raise BadPicture(f"The picture is larger than {MOST_BYTES // 1_000_000} MB.")
    to.write_bytes(data)
    return to
