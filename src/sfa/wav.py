"""The head of a WAV file whose length is known before its first sample: written once, never gone back to.

Layout: RIFF/WAVE by Microsoft and IBM; beyond 4 GiB RF64 with a `ds64` chunk (EBU Tech 3306). No numbers
are crunched here, so a page may ask how long a file will be that a child has yet to make.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

_PCM = 1
_MOST = 0xFFFFFFFF
_TAGS = {"title": b"INAM", "artist": b"IART", "album": b"IPRD", "comment": b"ICMT"}


def head(
    *, frames: int, rate_hz: int, channels: int, bits: int, tags: Mapping[str, str | None] | None = None
) -> bytes:
    """Everything that stands before the first of so many frames of whole numbers.

    After the last frame comes one zero byte where the samples fill an odd number, see `size`.
    """
    width = channels * bits // 8
    data = frames * width
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, _PCM, channels, rate_hz, rate_hz * width, width, bits)
    info = _info(tags or {})
    whole = 4 + len(form) + len(info) + 8 + data + data % 2
    if whole <= _MOST:
        riff = struct.pack("<4sI4s", b"RIFF", whole, b"WAVE")
        return riff + form + info + struct.pack("<4sI", b"data", data)
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, whole + 36, data, frames, 0)
    riff = struct.pack("<4sI4s", b"RF64", _MOST, b"WAVE")
    return riff + sizes + form + info + struct.pack("<4sI", b"data", _MOST)


def size(
    *, frames: int, rate_hz: int, channels: int, bits: int, tags: Mapping[str, str | None] | None = None
) -> int:
    """Bytes of the whole file."""
    data = frames * channels * bits // 8
    before = head(frames=frames, rate_hz=rate_hz, channels=channels, bits=bits, tags=tags)
    return len(before) + data + data % 2


def _info(tags: Mapping[str, str | None]) -> bytes:
    chunks = b""
    for name, kind in _TAGS.items():
        if text := tags.get(name):
            words = text.encode() + b"\0"
            chunks += struct.pack("<4sI", kind, len(words)) + words + b"\0" * (len(words) % 2)
    return struct.pack("<4sI4s", b"LIST", 4 + len(chunks), b"INFO") + chunks if chunks else b""
