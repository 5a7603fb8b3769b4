"""A decoded file: what it said about itself, and its samples on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What a file holds. `channels` is the file's own count; a `Mix` has one or two."""

    container: str
    codec: str
    sample_rate: int
    channels: int
    frames: int
    duration_s: float
    bits: int | None  # per sample; None where the codec has no such thing
    lossy: bool
    title: str | None
    artist: str | None
    album: str | None


@dataclass(frozen=True, slots=True)
class Mix:
    """Samples as raw little-endian float32, frame by frame, in the file `path`."""

    path: Path
    facts: SoundFacts
    channels: int

    @property
    def sample_rate(self) -> int:
        return self.facts.sample_rate

    @property
    def frames(self) -> int:
        return self.facts.frames

    @property
    def samples(self) -> np.memmap[tuple[int, int], np.dtype[np.float32]]:
        """All samples, shape (frames, channels), mapped: pages come and go as they are read."""
        return np.memmap(self.path, np.float32, "r", shape=(self.frames, self.channels))

    def block(self, start: int, stop: int) -> Samples:
        """Frames `start` to `stop` as an array of its own, shape (stop - start, channels).

        Unlike `samples` this leaves nothing mapped, so that a child that is
        watched for its memory stays small however long the file is.
        """
        width = 4 * self.channels
        with self.path.open("rb") as file:
            file.seek(start * width)
            raw = file.read(max(0, min(stop, self.frames) - start) * width)
        return np.frombuffer(raw, np.float32).reshape(-1, self.channels)
