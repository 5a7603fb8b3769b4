"""The boxes of an MP4 file: whether all of it is there, and whether its sound is locked.

Layout: ISO/IEC 14496-12, "ISO base media file format".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

# Fairplay, Common Encryption and Audible: the sample entry says that the samples are no codec's own.
_LOCKED = {b"drms", b"enca", b"aavd"}
_OPEN_FIRST = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}
_TO_SOUND = (b"trak", b"mdia", b"minf", b"stbl")
_BOXES = 100_000
_SLACK_BYTES = 8


@dataclass(frozen=True, slots=True)
class Boxes:
    """What the boxes of one file say."""

    is_cut_off: bool
    is_locked: bool


def read_boxes(file: BinaryIO, size: int) -> Boxes | None:
    """Walk the boxes; None when the file is no MP4 at all."""
    file.seek(4)
    if file.read(4) not in _OPEN_FIRST:
        return None
    has_index = False
    is_locked = False
    for kind, start, end in boxes(file, 0, size):
        if end > size + _SLACK_BYTES:
            return Boxes(is_cut_off=True, is_locked=is_locked)
        if kind in {b"moov", b"moof"}:
            has_index = True
            is_locked = is_locked or bool(_sample_entries(file, start, end) & _LOCKED)
    return Boxes(is_cut_off=not has_index, is_locked=is_locked)


def boxes(file: BinaryIO, place: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start of the content and promised end of each box from `place` on."""
    for _ in range(_BOXES):
        file.seek(place)
        header = file.read(16)
        if place + 8 > end or len(header) < 8:
            return
        length, kind = struct.unpack(">I4s", header[:8])
        content = place + 8
        if length == 1 and len(header) == 16:
            length = struct.unpack(">Q", header[8:])[0]
            content = place + 16
        elif length == 0:  # the last box of a file may leave its length open
            length = end - place
        if length < content - place:
            return
        yield kind, content, place + length
        place += length


def _sample_entries(file: BinaryIO, start: int, end: int) -> set[bytes]:
    """Four-letter codes of every sample entry below one `moov`."""
    folders = [(start, end)]
    for wanted in _TO_SOUND:
        folders = [
            (first, last)
            for folder_start, folder_end in folders
            for kind, first, last in boxes(file, folder_start, folder_end)
            if kind == wanted
        ]
    entries: set[bytes] = set()
    for folder_start, folder_end in folders:
        for kind, first, last in boxes(file, folder_start, folder_end):
            if kind == b"stsd":  # 4 bytes of version and flags, 4 of count, then boxes
                entries |= {entry for entry, _, _ in boxes(file, first + 8, last)}
    return entries
