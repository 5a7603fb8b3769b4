"""Between the rate of a recording and the rate of a model, in blocks, without losing or gaining a frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr

from sfa.sound.errors import room_on_disk
from sfa.sound.mix import Mix, Samples, SoundFacts

_BLOCK_FRAMES = 1 << 18


def at_rate(mix: Mix, rate_hz: int, spool: Path) -> Mix:
    """The recording at another rate, on disk in `spool`; itself when it has that rate already."""
    if mix.sample_rate == rate_hz:
        return mix
    frames = 0
    with room_on_disk("the samples"), spool.open("wb") as out:
        for block in _resampled(mix, rate_hz):
            out.write(block.tobytes())
            frames += len(block)
    facts = SoundFacts(
        "raw", "pcm_f32", rate_hz, mix.channels, frames, frames / rate_hz, 32, False, None, None, None
    )
    return Mix(spool, facts, mix.channels)


def _resampled(mix: Mix, rate_hz: int) -> Iterator[Samples]:
    stream = soxr.ResampleStream(mix.sample_rate, rate_hz, mix.channels, "float32", "HQ")
    for start in range(0, mix.frames, _BLOCK_FRAMES):
        stop = start + _BLOCK_FRAMES
        yield stream.resample_chunk(mix.block(start, stop), last=stop >= mix.frames)


class Fitted:
    """Blocks at one rate in, blocks at another out, `frames` of them in all."""

    def __init__(self, from_hz: int, to_hz: int, channels: int, frames: int) -> None:
        same = from_hz == to_hz
        self._stream = None if same else soxr.ResampleStream(from_hz, to_hz, channels, "float32", "HQ")
        self._channels = channels
        self._left = frames

    def push(self, block: Samples) -> Samples:
        """Take the next frames, shape (frames, channels); give those that are ready."""
        ready = block if self._stream is None else self._stream.resample_chunk(np.ascontiguousarray(block))
        return self._fit(ready)

    def finish(self) -> Samples:
        """The last frames. The two rates rarely divide, so one or two may be cut or added as silence."""
        empty = np.zeros((0, self._channels), np.float32)
        rest = empty if self._stream is None else self._fit(self._stream.resample_chunk(empty, last=True))
        missing = np.zeros((self._left, self._channels), np.float32)
        self._left = 0
        return np.concatenate([rest, missing])

    def _fit(self, block: Samples) -> Samples:
        fitting = block[: self._left]
        self._left -= len(fitting)
        return fitting
