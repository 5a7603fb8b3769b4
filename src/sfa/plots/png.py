"""Heat maps as pictures: one byte a cell, a ramp of colours beside it. No library, no numpy."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

SHADES = 256
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTH, _PALETTED = 8, 3

# From the ground to the strongest through amber: even steps to the eye, also to one that does not tell red
# from green. The same as in static/js/drawing.js.
RAMPS = {
    "dark": ((10, 11, 15), (58, 42, 62), (128, 74, 62), (205, 128, 52), (248, 205, 100), (255, 244, 205)),
    "light": ((250, 251, 252), (252, 226, 172), (240, 176, 92), (203, 112, 66), (128, 62, 78), (46, 30, 56)),
}


def paletted(rows: Sequence[bytes], ramp: Sequence[tuple[int, int, int]]) -> bytes:
    """A PNG of one pixel a cell.

    Parameters
    ----------
    rows : sequence of bytes, each of the same length
        Shades 0..255, the topmost row first.
    ramp : sequence of RGB
        Colours at even distances from shade 0 to shade 255.
    """
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), _DEPTH, _PALETTED, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", header), (b"PLTE", palette(ramp)), (b"IDAT", pixels), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def palette(ramp: Sequence[tuple[int, int, int]]) -> bytes:
    """256 colours along the ramp, three bytes each."""
    steps = list(pairwise(ramp))
    out = bytearray()
    for shade in range(SHADES):
        place = shade / (SHADES - 1) * len(steps)
        low, high = steps[min(int(place), len(steps) - 1)]
        share = place - min(int(place), len(steps) - 1)
        out += bytes(round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return bytes(out)


def shades(values: Iterable[float], *, low: float, high: float, gamma: float = 1.0) -> bytes:
    """Values as shades: `low` and below 0, `high` and above 255; a `gamma` above 1 darkens the middle."""
    span = max(high - low, 1e-9)
    return bytes(round(255 * min(max((value - low) / span, 0.0), 1.0) ** gamma) for value in values)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
