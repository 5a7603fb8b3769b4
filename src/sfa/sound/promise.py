"""Where a file says that it ends: the one fact by which a file that was cut off is known.

Decoders read on happily to the last byte that is there. Most containers,
though, write down how long they are; what they write is compared with what is
on the disk. Each reader below follows the layout of one family of containers
and answers with the offset of the promised end, or None when nothing is promised.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO

_UNKNOWN_32 = 0xFFFFFFFF
_SLACK_BYTES = 128  # sloppy writers count their own header in
_CHUNKS = 10_000  # more than any honest file has
_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
_ASF_HEADER = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"
_ASF_FILE = b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65"
_OGG_PAGE = 65_307
_MPEG_SLACK_BYTES = 2048  # two frames: cutters of mp3 files are rarely exact


def is_cut_off(file: BinaryIO, size: int) -> bool:
    """Whether the container in `file` promises more bytes than its `size`."""
    file.seek(0)
    head = file.read(16)
    for magic, at, reader in _READERS:
        if head[at : at + len(magic)] == magic:
            try:
                end = reader(file, size)
            except struct.error:
                return True  # a header that breaks off is a promise too
            return end is not None and end > size + _SLACK_BYTES
    return False


def _riff(file: BinaryIO, size: int) -> int | None:
    """WAV and RF64: the end of the `data` chunk; without one, the end of the whole."""
    file.seek(0)
    magic, whole = struct.unpack("<4sI", file.read(8))
    big: int | None = None
    place = 12
    for _ in range(_CHUNKS):
        file.seek(place)
        header = file.read(8)
        if len(header) < 8:
            return None if whole in {0, _UNKNOWN_32} else 8 + whole
        kind, length = struct.unpack("<4sI", header)
        if kind == b"ds64":
            big = struct.unpack("<QQ", file.read(16))[1]
        if kind == b"data":
            if magic == b"RF64" and length == _UNKNOWN_32 and big is not None:
                length = big
            # Programs that write to a pipe cannot come back to fill this in.
            return (
                None if length in {0, _UNKNOWN_32, 0x7FFFFFFF} or length >= 0xFFFFFF00 else place + 8 + length
            )
        place += 8 + length + length % 2
    return None


def _aiff(file: BinaryIO, size: int) -> int | None:
    place = 12
    for _ in range(_CHUNKS):
        file.seek(place)
        header = file.read(8)
        if len(header) < 8:
            return None
        kind, length = struct.unpack(">4sI", header)
        if kind == b"SSND":
            return None if length in {0, _UNKNOWN_32} else place + 8 + length
        place += 8 + length + length % 2
    return None


def _w64(file: BinaryIO, size: int) -> int | None:
    place = 40
    for _ in range(_CHUNKS):
        file.seek(place)
        header = file.read(24)
        if len(header) < 24:
            return None
        length: int = struct.unpack("<Q", header[16:])[0]
        if header[:16] == _W64_DATA:
            return None if length > 1 << 62 else place + length
        place += max(24, (length + 7) // 8 * 8)
    return None


def _au(file: BinaryIO, size: int) -> int | None:
    file.seek(4)
    start, length = struct.unpack(">II", file.read(8))
    return None if length == _UNKNOWN_32 else int(start + length)


def _caf(file: BinaryIO, size: int) -> int | None:
    place = 8
    for _ in range(_CHUNKS):
        file.seek(place)
        header = file.read(12)
        if len(header) < 12:
            return None
        kind, length = struct.unpack(">4sq", header)
        if kind == b"data":
            return None if length < 0 else place + 12 + int(length)
        place += 12 + max(0, length)
    return None


def _asf(file: BinaryIO, size: int) -> int | None:
    """Windows Media: the file size that the File Properties object keeps, unless it is a broadcast."""
    file.seek(0)
    head = file.read(65_536)
    place = head.find(_ASF_FILE)
    if place < 0 or len(head) < place + 92:
        return None
    promised: int = struct.unpack_from("<Q", head, place + 40)[0]
    is_broadcast = head[place + 88] & 1
    return None if is_broadcast or not promised else promised


def _ebml(file: BinaryIO, size: int) -> int | None:
    """Matroska and WebM: the end of the Segment, when its length is known."""
    place = 0
    for _ in range(2):
        file.seek(place)
        header = file.read(12)
        if len(header) < 12:
            return None
        id_bytes = 9 - header[0].bit_length()
        length_bytes = 9 - header[id_bytes].bit_length() if header[id_bytes] else 0
        if not length_bytes:
            return None
        raw = int.from_bytes(header[id_bytes : id_bytes + length_bytes], "big")
        length = raw & ~(1 << (7 * length_bytes))
        is_unknown = length == (1 << (7 * length_bytes)) - 1
        end = place + id_bytes + length_bytes + length
        if header[:4] == b"\x18\x53\x80\x67":
            return None if is_unknown else end
        place = end
    return None


def _ogg(file: BinaryIO, size: int) -> int | None:
    """Ogg promises nothing about the whole, but every page says how long it is: look at the last."""
    start = max(0, size - 2 * _OGG_PAGE)
    file.seek(start)
    tail = file.read()
    place = tail.rfind(b"OggS")
    if place < 0 or len(tail) < place + 27:
        return None if place < 0 else size + _SLACK_BYTES + 1
    segments = tail[place + 26]
    lengths = tail[place + 27 : place + 27 + segments]
    if len(lengths) < segments or place + 27 + segments + sum(lengths) > len(tail):
        return size + _SLACK_BYTES + 1
    return None


def _id3(file: BinaryIO, size: int) -> int | None:
    """Step over an ID3v2 tag (its length has seven bits a byte), then read on as MPEG sound."""
    file.seek(0)
    header = file.read(10)
    if len(header) < 10:
        return None
    length = sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(reversed(header[6:10])))
    return _mpeg(file, size, 10 + length)


def _mpeg(file: BinaryIO, size: int, start: int = 0) -> int | None:
    """MPEG sound: the byte count in the `Xing`, `Info` or `VBRI` header of the first frame."""
    file.seek(start)
    frame = file.read(256)
    for magic, flags_at, bytes_at in ((b"Xing", 4, 8), (b"Info", 4, 8), (b"VBRI", 0, 10)):
        place = frame.find(magic, 4)
        if place < 0 or len(frame) < place + 20:
            continue
        flags = struct.unpack_from(">I", frame, place + flags_at)[0] if flags_at else 3
        if not flags & 2:
            return None
        after_frames = 4 if flags & 1 and flags_at else 0
        length: int = struct.unpack_from(">I", frame, place + bytes_at + after_frames)[0]
        return start + length - _MPEG_SLACK_BYTES
    return None


_Reader = Callable[[BinaryIO, int], int | None]
_READERS: tuple[tuple[bytes, int, _Reader], ...] = (
    (b"WAVE", 8, _riff),
    (b"AIFF", 8, _aiff),
    (b"AIFC", 8, _aiff),
    (b"riff\x2e\x91", 0, _w64),
    (b".snd", 0, _au),
    (b"caff", 0, _caf),
    (_ASF_HEADER, 0, _asf),
    (b"\x1a\x45\xdf\xa3", 0, _ebml),
    (b"OggS", 0, _ogg),
    (b"ID3", 0, _id3),
    (b"\xff\xfb", 0, _mpeg),
    (b"\xff\xfa", 0, _mpeg),
    (b"\xff\xf3", 0, _mpeg),
    (b"\xff\xf2", 0, _mpeg),
)
