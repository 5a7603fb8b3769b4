"""Stems of a model on their way to disk: float32 first, because only the end shows how loud each is."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sfa.separators.resample import Fitted
from sfa.sound.errors import room_on_disk
from sfa.sound.mix import Mix, Samples, SoundFacts
from sfa.sound.stems import StemFile, StemWriter

_BLOCK_FRAMES = 1 << 18


class StemSpool:
    """One stem: from the model's rate and channels to those of the mix, with as many frames."""

    def __init__(self, folder: Path, name: str, mix: Mix, rate_hz: int, model_channels: int) -> None:
        self.name = name
        self._mix = mix
        self._folder = folder
        self._path = folder / f"{name}.f32"
        self._channels = min(mix.channels, model_channels)
        self._fitted = Fitted(rate_hz, mix.sample_rate, self._channels, mix.frames)
        self._peak = 0.0
        self._file: BinaryIO = self._path.open("wb")

    def push(self, block: Samples) -> None:
        """Append frames, shape (frames, model channels)."""
        if block.shape[1] > self._channels:
            block = block.mean(axis=1, keepdims=True)
        self._append(self._fitted.push(block))

    def finish(self, bits: int) -> tuple[StemFile, float]:
        """Write the FLAC file; also the gain by which it is lower than the stem in the mix.

        A stem that would clip is turned down as a whole, by demucs' own rule
        (`rescale`): to 1 / 1.01 of full scale.
        """
        self._append(self._fitted.finish())
        self._file.close()
        gain = 1 / max(1.01 * self._peak, 1.0)
        mix = self._mix
        spooled = Mix(self._path, _raw(mix, self._channels), self._channels)
        writer = StemWriter(
            self._folder / f"{self.name}.flac",
            sample_rate=mix.sample_rate,
            channels=mix.channels,
            frames=mix.frames,
            bits=bits,
        )
        try:
            for start in range(0, mix.frames, _BLOCK_FRAMES):
                block = spooled.block(start, start + _BLOCK_FRAMES) * np.float32(gain)
                writer.write(np.repeat(block, mix.channels // self._channels, axis=1))
        except BaseException:
            writer.abandon()
            raise
        self._path.unlink()
        return writer.close(), gain

    def close(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _append(self, block: Samples) -> None:
        if len(block):
            self._peak = max(self._peak, float(np.abs(block).max()))
            with room_on_disk("the stems"):
                self._file.write(block.tobytes())
                self._file.flush()


def finish_all(spools: Sequence[StemSpool], bits: int) -> list[tuple[StemFile, float]]:
    """Write the files of all stems side by side: libsndfile works outside the interpreter's lock."""
    with ThreadPoolExecutor(max_workers=min(4, len(spools))) as pool:
        return list(pool.map(lambda spool: spool.finish(bits), spools))


def _raw(mix: Mix, channels: int) -> SoundFacts:
    return SoundFacts(
        "raw",
        "pcm_f32",
        mix.sample_rate,
        channels,
        mix.frames,
        mix.frames / mix.sample_rate,
        32,
        False,
        None,
        None,
        None,
    )
