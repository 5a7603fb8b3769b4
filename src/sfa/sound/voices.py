"""Stems mixed as a person set them: gain, pan and a stretch of time, block by block, flat in memory.

Pan is the equal-power law of the browser's StereoPannerNode (Web Audio API, "StereoPannerNode", the case of
a stereo input), so that what is taken away sounds like what was played: at 0 nothing changes, to one side
that channel keeps its own and takes in the other by a sine. A stem of one channel counts as two equal ones,
as it does in the player. Gain is a plain factor, 10^(dB/20). There is no limiter anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from sfa.names import clock, shown
from sfa.sound.errors import BadSound

BLOCK_FRAMES = 1 << 16

Frames = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Voice:
    """One stem as it is heard. `gain_db` 0 and `pan` 0 (−1 left, 1 right) leave it as it is."""

    path: Path
    name: str
    gain_db: float = 0.0
    pan: float = 0.0

    @property
    def matrix(self) -> Frames:
        """How left and right out are made of left and right in, shape (2, 2)."""
        gain = 10 ** (self.gain_db / 20)
        turn = (self.pan + 1 if self.pan <= 0 else self.pan) * math.pi / 2
        if self.pan == 0:
            panned = np.eye(2)
        elif self.pan < 0:
            panned = np.array([[1, math.cos(turn)], [0, math.sin(turn)]])
        else:
            panned = np.array([[math.cos(turn), 0], [math.sin(turn), 1]])
        return gain * panned

    @property
    def most(self) -> float:
        """By how much it can raise the largest sample at the utmost."""
        return float(self.matrix.sum(axis=1).max())


def mixed(voices: Sequence[Voice], start: int, stop: int, *, channels: int) -> Iterator[Frames]:
    """The sum of the voices over frames `start` to `stop`, full scale at 1.0, shape (n, channels).

    Sums are taken in float64: a single voice left as it is comes out to the bit.

    Raises
    ------
    BadSound
        `gone`, `unreadable` or `truncated`, naming the stem.
    """
    with ExitStack() as held:
        files = [held.enter_context(_opened(voice)) for voice in voices]
        for file in files:
            file.seek(min(start, file.frames))
        for place in range(start, stop, BLOCK_FRAMES):
            count = min(BLOCK_FRAMES, stop - place)
            total = np.zeros((count, channels))
            for voice, file in zip(voices, files, strict=True):
                total += _heard(voice, _read(voice, file, place, count), channels)
            yield total


def peak_of(blocks: Iterator[Frames], start: int = 0) -> tuple[float, int]:
    """The largest absolute sample and the frame it is in, counted from the beginning of the song."""
    peak, at = 0.0, start
    for block in blocks:
        level = np.abs(block).max(axis=1)
        if level.max() > peak:
            peak, at = float(level.max()), start + int(level.argmax())
        start += len(block)
    return peak, at


def _heard(voice: Voice, block: Frames, channels: int) -> Frames:
    if channels == 1:
        return block * 10 ** (voice.gain_db / 20)
    both = np.repeat(block, 2, axis=1) if block.shape[1] == 1 else block
    if voice.gain_db == 0 and voice.pan == 0:
        return both
    heard: Frames = both @ voice.matrix.T
    return heard


def _opened(voice: Voice) -> Any:
    try:
        with voice.path.open("rb"):  # libsndfile does not say why it cannot open a file
            return soundfile.SoundFile(voice.path)
    except FileNotFoundError as error:
        raise BadSound(
            "gone",
            f"The file of the stem {shown(voice.name)} is not in the media folder any more.",
            "Put it back from a backup, or separate the track again.",
        ) from error
    except OSError as error:
        raise BadSound(
            "unreadable",
            f"The file of the stem {shown(voice.name)} cannot be read: {error.strerror}.",
            "Check the disk it is on.",
        ) from error
    except soundfile.LibsndfileError as error:
        raise _damaged(voice, "is no sound any more") from error


def _read(voice: Voice, file: Any, place: int, count: int) -> Frames:
    where = f"is damaged from {clock(place / file.samplerate)} on"
    try:
        block: Frames = file.read(count, dtype="float64", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise _damaged(voice, where) from error
    if len(block) < count:
        raise _damaged(voice, where)
    return block


def _damaged(voice: Voice, what: str) -> BadSound:
    return BadSound(
        "truncated",
        f"The file of the stem {shown(voice.name)} {what}.",
        "Put it back from a backup, or separate the track again.",
    )
