"""Sound of any length to measure with: the demo band's song, end to end, and cut where it is long enough."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from sfa import demo

RATE = 44_100
_BARS = 36  # of the song with its one round of verse and chorus
_WHOLE_S = 60.0


@functools.cache
def recording() -> NDArray[np.int16]:
    """A minute of the demo band, shape (frames, 2)."""
    bpm = _BARS * 4 * 60 / (_WHOLE_S - 1.6)
    samples = (demo.compose(bpm=bpm).samples * 2.0**15).astype(np.int16)
    return samples[: int(_WHOLE_S * RATE)]


@functools.cache
def stems() -> dict[str, NDArray[np.float32]]:
    """That minute as a four-stem separator names its parts, shape (frames, 2), from the first note on."""
    song = demo.compose(bpm=_BARS * 4 * 60 / (_WHOLE_S - 1.6))
    first = int(np.argmax(np.abs(song.samples).max(axis=1) > 0.01))
    return {name: samples[first : int(_WHOLE_S * RATE)] for name, samples in song.four_stems().items()}


def write(path: Path, seconds: float, mark: int = 0) -> Path:
    """A FLAC file of so many seconds. Each `mark` gives other bytes and another sample: nothing that was
    kept of one can answer for the next."""
    once = recording()
    left = int(seconds * RATE)
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16", format="FLAC") as file:
        while left > 0:
            block = once[:left].copy()
            block[mark % 1000, 0] += 1 + mark
            file.write(block)
            left -= len(block)
    return path
