"""Reads back what was drawn: pictures as colours, and songs whose truth is known."""

from __future__ import annotations

import struct
import zlib

from sfa.analysis.rows import Section
from sfa.plots.png import SIGNATURE


def colours(picture: bytes) -> list[list[tuple[int, int, int]]]:
    """Rows of RGB from a paletted PNG of eight bits; every checksum must be right."""
    assert picture.startswith(SIGNATURE)
    chunks, at = {}, len(SIGNATURE)
    while at < len(picture):
        length, kind = struct.unpack(">I4s", picture[at : at + 8])
        data = picture[at + 8 : at + 8 + length]
        assert struct.unpack(">I", picture[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + data)
        chunks[kind] = data
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height, depth, kind, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, kind, rest) == (8, 3, [0, 0, 0])
    palette = [tuple(chunks[b"PLTE"][3 * i : 3 * i + 3]) for i in range(len(chunks[b"PLTE"]) // 3)]
    pixels = zlib.decompress(chunks[b"IDAT"])
    assert len(pixels) == height * (width + 1)
    lines = [pixels[row * (width + 1) : (row + 1) * (width + 1)] for row in range(height)]
    assert {line[0] for line in lines} == {0}
    return [[palette[shade] for shade in line[1:]] for line in lines]


def brightness(picture: bytes) -> list[list[float]]:
    """Rows of 0..1, by the sum of the channels."""
    return [[sum(colour) / 765 for colour in row] for row in colours(picture)]


def sections(*parts: tuple[float, float, str]) -> list[Section]:
    """Sections of one letter are of one group."""
    groups: dict[str, int] = {}
    return [
        Section(start, end, label, groups.setdefault(label, len(groups)), 0.9) for start, end, label in parts
    ]
