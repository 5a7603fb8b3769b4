"""Stems as a player takes them: short pieces of all of them side by side, each of which stands for itself.

Segment after segment, each made of as many little-endian u32 lengths as there
are stems, then as many FLAC streams: 44.1 kHz, 16 bits, stereo, `SEGMENT_FRAMES`
long. The last segment is filled up with silence. `PackFile.offsets` says where
each begins.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from sfa.separators.resample import Fitted
from sfa.sound.errors import room_on_disk
from sfa.sound.mix import Samples
from sfa.sound.stems import StemFile

RATE_HZ = 44_100
SEGMENT_FRAMES = 1 << 14

_CHANNELS = 2
_FULL_SCALE = 1 << 15
_AT_ONCE = 8  # segments of a stem between two looks at the others
_READ_FRAMES = 1 << 16
_EFFORT = 0.25  # of FLAC: more of it makes music smaller by a percent or two, and takes half as long again

Tick = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class PackFile:
    """One finished pack. `frames` are those of the song, without the silence at the end."""

    path: Path
    bytes: int
    sha256: str
    stems: list[str]
    frames: int
    segment_frames: int
    gain: float  # by which every stem is lower than it is in the mix
    offsets: list[int]  # one more than there are segments: the last is the size


def write_pack(
    path: Path, stems: Sequence[tuple[str, StemFile, float]], tick: Tick = lambda done: None
) -> PackFile:
    """Write the pack of stems that belong to one mix.

    Parameters
    ----------
    stems
        Name, file, and the gain by which the file is lower than the stem in the
        mix. What was turned down alone comes back to its place beside the others.
    tick
        Told the share that is done.

    Raises
    ------
    BadSound
        `disk_full`.
    """
    gain = min(gain for _, _, gain in stems)
    half = 0.5 if stems[0][1].sample_rate != RATE_HZ else 1.0
    pack, peak = _write(path, stems, gain, lambda done: tick(half * done))
    if peak > 1:  # resampling reaches between the samples, and found more than full scale there
        pack, _ = _write(path, stems, gain / (peak * 1.0001), lambda done: tick(half + (1 - half) * done))
    return pack


def most_bytes(frames: int, rate_hz: int, stems: int) -> int:
    """What a pack takes on disk at the worst."""
    segments = -(-_at_pack_rate(frames, rate_hz) // SEGMENT_FRAMES)
    return segments * stems * (SEGMENT_FRAMES * _CHANNELS * 2 + 256)


def _at_pack_rate(frames: int, rate_hz: int) -> int:
    return max(1, round(frames * RATE_HZ / rate_hz))


class _Voice:
    """One stem on its way into the pack."""

    def __init__(self, file: StemFile, gain: float) -> None:
        self.peak = 0.0
        self._gain = np.float32(gain)
        self._file: Any = soundfile.SoundFile(file.path)
        frames = _at_pack_rate(file.frames, file.sample_rate)
        self._fitted = Fitted(file.sample_rate, RATE_HZ, file.channels, frames)
        self._channels = file.channels
        self._ready: list[Samples] = []
        self._held = 0
        self._over = False

    def segments(self, count: int) -> list[bytes]:
        """The next so many segments, as FLAC; silence after the end."""
        samples = self._take(count * SEGMENT_FRAMES)
        return [
            _flac(samples[start : start + SEGMENT_FRAMES])
            for start in range(0, count * SEGMENT_FRAMES, SEGMENT_FRAMES)
        ]

    def close(self) -> None:
        self._file.close()

    def _take(self, frames: int) -> NDArray[np.int16]:
        while self._held < frames and not self._over:
            block = self._file.read(_READ_FRAMES, dtype="float32", always_2d=True)
            self._over = len(block) < _READ_FRAMES
            self._hold(self._fitted.push(block))
            if self._over:
                self._hold(self._fitted.finish())
        held = np.concatenate([*self._ready, np.zeros((0, self._channels), np.float32)])
        taken, rest = held[:frames], held[frames:]
        self._ready, self._held = [rest], len(rest)
        if len(taken):
            self.peak = max(self.peak, float(np.abs(taken).max()))
        out = np.zeros((frames, _CHANNELS), np.int16)
        out[: len(taken)] = np.rint(taken * _FULL_SCALE).clip(-_FULL_SCALE, _FULL_SCALE - 1)
        return out

    def _hold(self, block: Samples) -> None:
        if len(block):
            self._ready.append(block * self._gain)
            self._held += len(block)


def _write(
    path: Path, stems: Sequence[tuple[str, StemFile, float]], gain: float, tick: Tick
) -> tuple[PackFile, float]:
    """The pack at this gain, and the largest sample that it was to hold."""
    first = stems[0][1]
    frames = _at_pack_rate(first.frames, first.sample_rate)
    count = -(-frames // SEGMENT_FRAMES)
    voices = [_Voice(file, gain / own) for _, file, own in stems]
    offsets, digest = [0], hashlib.sha256()
    try:
        with (
            room_on_disk("the stems"),
            path.open("wb") as out,
            # FLAC is read and written outside the interpreter's lock.
            ThreadPoolExecutor(max_workers=min(4, len(voices))) as pool,
        ):
            for start in range(0, count, _AT_ONCE):
                size = min(_AT_ONCE, count - start)
                columns = list(pool.map(lambda voice, size=size: voice.segments(size), voices))
                for row in zip(*columns, strict=True):
                    segment = struct.pack(f"<{len(row)}I", *map(len, row)) + b"".join(row)
                    digest.update(segment)
                    out.write(segment)
                    offsets.append(offsets[-1] + len(segment))
                tick((start + size) / count)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        for voice in voices:
            voice.close()
    names = [name for name, _, _ in stems]
    pack = PackFile(path, offsets[-1], digest.hexdigest(), names, frames, SEGMENT_FRAMES, gain, offsets)
    return pack, max(voice.peak for voice in voices)


def _flac(samples: NDArray[np.int16]) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, RATE_HZ, format="FLAC", subtype="PCM_16", compression_level=_EFFORT)
    return out.getvalue()
