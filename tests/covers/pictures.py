"""Pictures and songs that carry them, made by ffmpeg and by hand."""

from __future__ import annotations

import struct
import subprocess
import zlib
from pathlib import Path

from sfa.sound import ffmpeg

AT_ONCE = (ffmpeg(), "-v", "error", "-nostdin", "-y")


def picture(path: Path, size: str = "800x400", colour: str = "red") -> Path:
    """A picture of one colour, of the kind that its name says."""
    subprocess.run(
        [*AT_ONCE, "-f", "lavfi", "-i", f"color={colour}:s={size}", "-frames:v", "1", str(path)], check=True
    )
    return path


def song(path: Path, cover: Path | None = None, **tags: str) -> Path:
    """A second of sound with an attached picture."""
    attached = ["-i", str(cover), "-map", "0", "-map", "1", "-c:v", "copy"] if cover else []
    attached += ["-disposition:v", "attached_pic"] if cover else []
    said = [word for name, text in tags.items() for word in ("-metadata", f"{name}={text}")]
    subprocess.run(
        [*AT_ONCE, "-f", "lavfi", "-i", "sine=d=1", *attached, *said, str(path)],
        check=True,
    )
    return path


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b""))
        + _chunk(b"IEND", b"")
    )


def id3(picture: bytes, sound: bytes, kind: bytes = b"image/jpeg") -> bytes:
    """An MP3 in whose ID3v2.3 tag these bytes stand for a picture."""
    frame = b"\0" + kind + b"\0\x03\0" + picture
    frame = b"APIC" + struct.pack(">I", len(frame)) + b"\0\0" + frame
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame + sound


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
