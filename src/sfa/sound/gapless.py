"""What an encoder would go back for at its end, put into the beginning of a stream that has no way back.

Both are possible because the length is known before the first sample: FLAC's count of samples (RFC 9639,
8.2), and the Info frame of an MP3 with its delay and padding, by which players cut off what LAME adds, so
that stems as MP3 begin and end together with all others.
"""

from __future__ import annotations

import struct

_LAME_DELAY = 576  # what LAME's encoder puts in front, less the decoder's own 529, which players know
_BITRATES = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}  # kbit/s of Layer III; MPEG-1 is 3 in the header, all others count as 2
_RATES = (44_100, 48_000, 32_000)
_INFO_BYTES = 156

FLAC_HEAD_BYTES = 42


def with_length(head: bytes, frames: int) -> bytes:
    """The first 42 bytes of a FLAC stream, its STREAMINFO, with the number of frames in it."""
    if head[:4] != b"fLaC" or len(head) < FLAC_HEAD_BYTES:
        raise ValueError("no head of a FLAC stream")
    count = (int.from_bytes(head[21:26]) & ~((1 << 36) - 1)) | frames
    return head[:21] + count.to_bytes(5) + head[26:]


def id3_bytes(head: bytes) -> int:
    """How long the ID3v2 tag is that begins with these ten bytes; 0 when it is none."""
    if head[:3] != b"ID3":
        return 0
    return 10 + sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(reversed(head[6:10])))


def info_frame(header: bytes, frames: int) -> bytes:
    """The Info frame for a stream of `frames` samples per channel at one bit rate.

    `header` are the four bytes of the first frame that LAME made. Its padding
    and number of frames follow from the length (libmp3lame, `lame_encode_flush`).
    """
    version = header[1] >> 3 & 3
    is_first = version == 3
    rate_hz = _RATES[header[2] >> 2 & 3] >> (3 - version if version else 2)
    kbps = _BITRATES[3 if is_first else 2][header[2] >> 4]
    samples = 1152 if is_first else 576
    is_mono = header[3] >> 6 == 3
    size = samples // 8 * kbps * 1000 // rate_hz
    padding = samples - (frames + _LAME_DELAY) % samples
    if padding < 576:
        padding += samples
    count = (frames + _LAME_DELAY + padding) // samples
    side = (17 if is_mono else 32) if is_first else (9 if is_mono else 17)
    toc = bytes(256 * part // 100 for part in range(100))
    # The lowest bit says that there is no checksum; padding and joint stereo are not for this frame.
    clean = bytes([header[0], header[1] | 1, header[2] & 0xFD, header[3] & 0xCF])
    length = size + round(count * samples / 8 * kbps * 1000 / rate_hz)
    delays = (_LAME_DELAY << 12 | padding).to_bytes(3)
    fields = struct.pack(">4sIII", b"Info", 0xF, count, length) + toc + struct.pack(">I", 0)
    lame = b"LAME3.100" + bytes([1, 0]) + bytes(8) + bytes([0, min(kbps, 255)]) + delays + bytes(4)
    tag = fields + lame + struct.pack(">IH", length, 0)
    frame = clean + bytes(side) + tag
    frame += struct.pack(">H", _crc16(frame))
    assert len(tag) + 2 == _INFO_BYTES
    return frame.ljust(size, b"\0")


def _crc16(data: bytes) -> int:
    """CRC-16/ARC, which LAME signs its tag with."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
