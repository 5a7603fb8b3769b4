"""Child: makes one file of sound to be taken away. `python -m sfa.children.export`, started by `pour`.

One request per process, as JSON on standard input. The answer is a line of JSON, and for `sound` then the
bytes of the file, as they are made; only an exit status of 0 says that they are all. `stem_file` is written
to a folder, because an MP4 cannot be made without going back in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from sfa.children.protocol import CannotDo, Report, pour_out
from sfa.sound import BadSound, Mix, decode
from sfa.sound.errors import disk_full, is_full
from sfa.sound.pouring import Shape, pour
from sfa.sound.stem_file import Part, encode_track, put_together
from sfa.sound.voices import BLOCK_FRAMES, Frames, Voice, mixed, peak_of

_STEM_FILE_BITS = 24
_STEM_FILE_CHANNELS = 2
_PERIOD_DB = 10  # offers are made in tenths of a decibel

Answer = tuple[dict[str, Any], Callable[[BinaryIO], None] | None]


def export(request: dict[str, Any], report: Report) -> Answer:
    """What is known before the first byte, and what writes the bytes."""
    try:
        return _stem_file(request, report) if request["kind"] == "stem_file" else _sound(request, report)
    except BadSound as error:
        raise CannotDo(error.code, str(error), error.fix) from error


def _sound(request: dict[str, Any], report: Report) -> Answer:
    """The sum of `voices` from frame `start` to `stop`, moved by `trim_db`.

    A sum that passes full scale is measured, and not made: the answer's `over`
    says by how much and where. With `lower` it is made that much lower instead.
    With `level_only` it is measured whatever it is, and not made.
    """
    voices = [_voice(one, request["trim_db"]) for one in request["voices"]]
    start, stop = request["start"], request["stop"]
    shape = Shape(stop - start, request["rate_hz"], request["channels"], request["bits"])
    next(mixed(voices, start, min(stop, start + 1), channels=shape.channels))  # they open, or say why not
    peak = request["peak"]  # None: it has to be found out
    if request["level_only"] or (peak is None and _most(voices, request) > 1):
        blocks = mixed(voices, start, stop, channels=shape.channels)
        peak, at = peak_of(_told(blocks, shape.frames, report, "measuring the sum"), start)
        level = {"peak": peak, "at_s": at / shape.rate_hz, "by_db": _up(peak)}
        if request["level_only"]:
            return level, None
        if peak > 1 and not request["lower"]:
            return {"over": level}, None
    lowered_db = 0.0 - _up(peak or 0.0)
    if lowered_db:
        voices = [_voice(one, request["trim_db"] + lowered_db) for one in request["voices"]]
    tags = request["tags"] | ({"comment": _said(request, lowered_db)} if lowered_db else {})
    blocks = mixed(voices, start, stop, channels=shape.channels)

    def write(out: BinaryIO) -> None:
        pour(blocks, out, shape, request["format"], tags)

    return {"peak": peak, "lowered_db": lowered_db}, write


def _most(voices: list[Voice], request: dict[str, Any]) -> float:
    """What the sum cannot pass, by the peaks of its voices alone."""
    return sum(voice.most * float(one["peak"]) for voice, one in zip(voices, request["voices"], strict=True))


def _stem_file(request: dict[str, Any], report: Report) -> Answer:
    """The original and its parts as one file in `folder`; what it was made of is gone then."""
    folder = Path(request["folder"])
    shape = Shape(request["frames"], request["rate_hz"], _STEM_FILE_CHANNELS, _STEM_FILE_BITS)
    source = decode(Path(request["source"]), folder / "mix.f32", name=request["name"])
    if (source.frames, source.sample_rate) != (shape.frames, shape.rate_hz):
        raise CannotDo(
            "refused",
            "The original and its stems are not of one length any more.",
            "Separate the track again.",
        )
    parts = [[_voice(one, 0.0) for one in part["voices"]] for part in request["parts"]]
    trim = _room_for(parts, shape)
    files = [folder / f"{number}.m4a" for number in range(1 + len(parts))]
    made = folder / "made.stem.m4a"
    with _room_in(folder):
        for number, path in enumerate(files):
            blocks = mixed(parts[number - 1], 0, shape.frames, channels=2) if number else _original(source)
            encode_track((block * trim for block in blocks), path, shape, request["codec"])
            report((number + 1) / (len(files) + 1), "encoding")
        source.path.unlink()
        named = [Part(part["name"], part["color"]) for part in request["parts"]]
        put_together(files, made, named, request["tags"])
    for path in files:
        path.unlink()
    return {"bytes": made.stat().st_size, "lowered_db": 20 * math.log10(trim)}, None


@contextmanager
def _room_in(folder: Path) -> Iterator[None]:
    """ffmpeg says in many ways that a disk is full."""
    try:
        yield
    except RuntimeError as error:
        if is_full(folder):
            raise disk_full("the stem file") from error
        raise


def _room_for(parts: list[list[Voice]], shape: Shape) -> float:
    """The factor, 1 or less, by which stems added together stay within full scale."""
    peaks = [peak_of(mixed(part, 0, shape.frames, channels=2))[0] for part in parts if len(part) > 1]
    return 1 / max([1.0, *peaks])


def _original(source: Mix) -> Iterator[Frames]:
    for start in range(0, source.frames, BLOCK_FRAMES):
        block = source.block(start, start + BLOCK_FRAMES).astype("float64")
        yield block if source.channels == 2 else block.repeat(2, axis=1)


def _told(blocks: Iterator[Frames], frames: int, report: Report, note: str) -> Iterator[Frames]:
    done = 0
    for block in blocks:
        yield block
        done += len(block)
        report(done / frames, note)


def _voice(one: dict[str, Any], trim_db: float) -> Voice:
    return Voice(Path(one["path"]), one["name"], one["gain_db"] + trim_db, one["pan"])


def _up(peak: float) -> float:
    """By how many decibels a peak is beyond full scale, rounded up to what is enough; 0 when it is not."""
    if peak <= 1:
        return 0.0
    return math.ceil(20 * math.log10(peak) * _PERIOD_DB) / _PERIOD_DB


def _said(request: dict[str, Any], lowered_db: float) -> str:
    comment = request["tags"].get("comment") or "mix"
    return f"{comment}; lowered by {-lowered_db:.1f} dB to stay within full scale"


if __name__ == "__main__":
    pour_out(export)
