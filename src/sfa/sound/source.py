"""What the two decoders have in common: an opened file that gives blocks of samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sfa.sound.mix import Samples

BLOCK_FRAMES = 1 << 15  # small enough that "readable up to" is true to a second
LOWEST_RATE_HZ = 1000
HIGHEST_RATE_HZ = 655_350  # FLAC, which the stems are kept in, counts no further


@dataclass(frozen=True, slots=True)
class Heading:
    """What a file says about itself before its samples are read."""

    container: str
    codec: str
    sample_rate: int
    channels: int
    bits: int | None
    lossy: bool
    title: str | None
    artist: str | None
    album: str | None
    promised_frames: int | None  # the header's count, where it has one that binds
    likely_frames: int | None  # for progress only


class Source(Protocol):
    """One file, opened for a single pass."""

    heading: Heading

    def blocks(self) -> Iterator[Samples]:
        """Samples from first to last, float32, shape (frames, 1) or (frames, 2)."""

    def close(self) -> None:
        """Let go of the file and of any helper process."""


class Undecodable(Exception):
    """The decoder gave up; `str(error)` is its own word for why."""


def is_playable_rate(rate_hz: int) -> bool:
    """FLAC writes rates above 65,535 Hz in steps of ten."""
    return LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ and (rate_hz <= 65_535 or rate_hz % 10 == 0)
