"""What the header of a file claims about its samples: asked when nothing can be decoded, to say why.

Decoders refuse a header that cannot be true without a word about it. The
readers below follow the layout of one family of containers each, and answer
with what stands there, however absurd.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sfa.names import shown
from sfa.sound.source import is_playable_rate

_MOST_CHANNELS = 64  # ffmpeg mixes down no more
_MOST_BITS = 64
_CHUNKS = 10_000  # more than any honest file has
_ENDLESS = 1 << 48
_PLAIN = (1, 3)  # whole numbers and floats
_EXTENSIBLE = 0xFFFE
_EXTENSIBLE_BYTES = 40
_AIFF_BYTES = 18  # of a COMM chunk; that of AIFC is longer and names a coding


@dataclass(frozen=True, slots=True)
class Claims:
    """The figures of one header, as they stand there."""

    rate_hz: float
    channels: int
    bits: int | None  # of one sample; None where samples are no plain numbers
    coding: str  # what the samples are, as the container names it


def absurdity(path: Path, *, has_decoder: bool = True) -> str | None:
    """Why nothing can be made of a header, as the end of a sentence about the file; None when it is not that.

    `has_decoder` is whether anything here knows the coding that the header names.
    """
    said = _read(path)
    if said is None:
        return None
    if not (math.isfinite(said.rate_hz) and is_playable_rate(int(said.rate_hz))):
        return rate(said.rate_hz)
    if said.channels < 1:
        return "claims 0 channels, which is no sound"
    if said.channels > _MOST_CHANNELS:
        return f"claims {said.channels:,} channels, more than the {_MOST_CHANNELS} that can be read here"
    if said.bits is not None and not 0 < said.bits <= _MOST_BITS:
        return f"claims samples of {said.bits:,} bits, which no sound has"
    if not has_decoder:
        width = "" if said.bits is None else f" with samples of {said.bits} bits"
        return f"names the coding {said.coding}{width}, which cannot be read here"
    return None


def rate(rate_hz: float) -> str:
    """What is wrong with a rate, said like `absurdity`."""
    if not math.isfinite(rate_hz):
        return "claims a rate that is not a number"
    unit = "sample" if rate_hz == 1 else "samples"
    return f"claims {rate_hz:,.0f} {unit} a second, which no sound has"


def _read(path: Path) -> Claims | None:
    with path.open("rb") as file:
        head = file.read(12)
        try:
            return next((read(file) for magic, at, read in _READERS if head[at:].startswith(magic)), None)
        except struct.error:  # a header that breaks off claims nothing
            return None


def _wav(file: BinaryIO) -> Claims | None:
    for kind, length in _chunks(file, 12, "<4sI", pad=2):
        if kind == b"fmt ":
            tag, channels, rate_hz, bits = struct.unpack("<HHI6xH", file.read(16))
            if tag == _EXTENSIBLE and length >= _EXTENSIBLE_BYTES:
                tag = struct.unpack("<8xH", file.read(10))[0]
            return Claims(rate_hz, channels, bits if tag in _PLAIN else None, f"{tag:#06x}")
    return None


def _aiff(file: BinaryIO) -> Claims | None:
    for kind, length in _chunks(file, 12, ">4sI", pad=2):
        if kind == b"COMM":
            channels, bits, exponent, mantissa = struct.unpack(">H4xHHQ", file.read(_AIFF_BYTES))
            rate_hz = _extended(exponent, mantissa)
            if length == _AIFF_BYTES:
                return Claims(rate_hz, channels, bits, "NONE")
            return Claims(rate_hz, channels, None, _letters(file.read(4)))
    return None


def _au(file: BinaryIO) -> Claims:
    file.seek(12)
    coding, rate_hz, channels = struct.unpack(">III", file.read(12))
    return Claims(rate_hz, channels, None, str(coding))


def _caf(file: BinaryIO) -> Claims | None:
    for kind, _ in _chunks(file, 8, ">4sq", pad=1):
        if kind == b"desc":
            rate_hz, coding, channels, bits = struct.unpack(">d4s12xII", file.read(32))
            return Claims(rate_hz, channels, bits if coding == b"lpcm" else None, _letters(coding))
    return None


def _letters(coding: bytes) -> str:
    return shown(coding.decode("latin-1"))


def _chunks(file: BinaryIO, start: int, layout: str, *, pad: int) -> Iterator[tuple[bytes, int]]:
    """Kind and length of each chunk; the file stands at its content."""
    place, width = start, struct.calcsize(layout)
    for _ in range(_CHUNKS):
        file.seek(place)
        header = file.read(width)
        if len(header) < width:
            return
        kind, length = struct.unpack(layout, header)
        yield kind, length
        if not 0 <= length < _ENDLESS:
            return
        place += width + length + length % pad


def _extended(exponent: int, mantissa: int) -> float:
    """The 80-bit number in which AIFF writes its rate."""
    sign = -1.0 if exponent & 0x8000 else 1.0
    power = exponent & 0x7FFF
    if power == 0x7FFF:
        return math.inf
    try:
        return sign * math.ldexp(mantissa, power - 16_383 - 63)
    except OverflowError:
        return math.inf


_READERS: tuple[tuple[bytes, int, Callable[[BinaryIO], Claims | None]], ...] = (
    (b"WAVE", 8, _wav),
    (b"AIFF", 8, _aiff),
    (b"AIFC", 8, _aiff),
    (b".snd", 0, _au),
    (b"caff", 0, _caf),
)
