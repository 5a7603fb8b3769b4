"""A zip file made while it is sent: entries are stored as they come, and its length can be told before.

Of our own, in some hundred lines, because none of the others fits: the standard library's zipfile cannot
say how long it will be; zipstream-ng (LGPL) pulls its content and so would block a thread per download;
stream-zip brings a library of ciphers along. Sound does not get smaller by being compressed again.

Layout: APPNOTE 6.3.10. Each entry is followed by its checksum and lengths, for they are not known before;
what passes 4 GiB, or may, is zip64.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

_MOST = 0xFFFFFFFF
_MOST_ENTRIES = 0xFFFF
_FLAGS = 0x0808  # lengths follow the content; names are UTF-8
_STORED = 0
_UNIX_FILE = (0o100644) << 16
_PLAIN, _ZIP64 = 20, 45  # version needed to extract


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive. `name` is safe already, parts divided by slashes."""

    name: str
    size: int | None  # None: nobody knows yet; then room is kept for any
    content: Callable[[], AsyncGenerator[bytes, None]]

    @property
    def may_be_large(self) -> bool:
        return self.size is None or self.size >= _MOST


@dataclass(frozen=True, slots=True)
class _Written:
    entry: Entry
    start: int
    size: int
    crc: int


async def zipped(entries: Sequence[Entry], at: datetime) -> AsyncGenerator[bytes, None]:
    """The archive from first byte to last, each entry opened when its turn comes.

    Raises
    ------
    RuntimeError
        When an entry is not as long as it was said to be.
    """
    when = _dos_time(at)
    written: list[_Written] = []
    place = 0
    for entry in entries:
        # The head goes out with the first piece: an entry that cannot be opened leaves no trace.
        held = _local(entry, when)
        size = crc = 0
        start, place = place, place + len(held)
        async with aclosing(entry.content()) as pieces:
            async for piece in pieces:
                crc = zlib.crc32(piece, crc)
                size += len(piece)
                yield held + piece
                held = b""
        if entry.size not in (None, size):
            raise RuntimeError(f"{entry.name} has {size} bytes, not {entry.size}")
        after = _descriptor(entry, crc, size)
        place += size + len(after)
        yield held + after
        written.append(_Written(entry, start, size, crc))
    yield _directory(written, place, when)


def length_of(entries: Sequence[Entry]) -> int | None:
    """Bytes of the whole archive; None when that of an entry is not known."""
    place = 0
    written = []
    for entry in entries:
        if entry.size is None:
            return None
        written.append(_Written(entry, place, entry.size, 0))
        place += len(_local(entry, 0)) + entry.size + len(_descriptor(entry, 0, entry.size))
    return place + len(_directory(written, place, 0))


def _local(entry: Entry, when: int) -> bytes:
    name = entry.name.encode()
    extra = struct.pack("<HHQQ", 1, 16, 0, 0) if entry.may_be_large else b""
    version, size = (_ZIP64, _MOST) if entry.may_be_large else (_PLAIN, 0)
    fields = (b"PK\3\4", version, _FLAGS, _STORED, when, 0, size, size, len(name), len(extra))
    return struct.pack("<4sHHHIIIIHH", *fields) + name + extra


def _descriptor(entry: Entry, crc: int, size: int) -> bytes:
    return struct.pack("<4sIQQ" if entry.may_be_large else "<4sIII", b"PK\7\10", crc, size, size)


def _directory(written: Sequence[_Written], start: int, when: int) -> bytes:
    lines = b"".join(_line(one, when) for one in written)
    count = len(written)
    tail = b""
    if start > _MOST or len(lines) > _MOST or count > _MOST_ENTRIES or start + len(lines) > _MOST:
        tail = struct.pack(
            "<4sQHHIIQQQQ", b"PK\6\6", 44, _ZIP64, _ZIP64, 0, 0, count, count, len(lines), start
        )
        tail += struct.pack("<4sIQI", b"PK\6\7", 0, start + len(lines), 1)
    many = min(count, _MOST_ENTRIES)
    end = (b"PK\5\6", 0, 0, many, many, min(len(lines), _MOST), min(start, _MOST), 0)
    return lines + tail + struct.pack("<4sHHHHIIH", *end)


def _line(one: _Written, when: int) -> bytes:
    name = one.entry.name.encode()
    large = [value for value in (one.size, one.size, one.start) if value >= _MOST]
    extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    version = _ZIP64 if large or one.entry.may_be_large else _PLAIN
    size, start = min(one.size, _MOST), min(one.start, _MOST)
    made_by = 3 << 8 | _ZIP64  # Unix: its permissions stand in the upper half of the attributes
    head = (b"PK\1\2", made_by, version, _FLAGS, _STORED, when, one.crc, size, size, len(name), len(extra))
    return (
        struct.pack("<4sHHHHIIIIHH", *head) + struct.pack("<HHHII", 0, 0, 0, _UNIX_FILE, start) + name + extra
    )


def _dos_time(at: datetime) -> int:
    year = min(max(at.year, 1980), 2107)
    date = (year - 1980) << 9 | at.month << 5 | at.day
    return date << 16 | at.hour << 11 | at.minute << 5 | at.second // 2
