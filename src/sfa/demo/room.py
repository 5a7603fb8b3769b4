"""The room: a burst of noise that decays as a room does, and what it does to a sound."""

from __future__ import annotations

import numpy as np

from sfa.demo.form import SAMPLE_RATE
from sfa.demo.tape import Chance, Sound, high_pass, low_pass, swell, times

_BLOCK = 1 << 17
_LENGTH_S = 1.1
_DECAY_S = 0.17  # to 1/e: a reverberation time of 1.2 s
_BEFORE_S = 0.014


def build_room(seed: int) -> Sound:
    """The room's response, (2, frames), of unit energy in each ear."""
    chance = Chance(seed, "room")
    before = round(_BEFORE_S * SAMPLE_RATE)
    frames = round(_LENGTH_S * SAMPLE_RATE)
    clock = times(frames)
    ears = []
    for _ in range(2):
        burst = chance.noise(frames)
        # Air and walls take the top away first.
        dull = low_pass(burst, 1800)
        tail = (0.5 * burst * np.exp(-clock / 0.06) + dull * np.exp(-clock / _DECAY_S)) * swell(
            frames, 0.004, 0.35
        )
        tail = high_pass(tail, 180)
        ears.append(np.concatenate([np.zeros(before), tail / np.sqrt(np.sum(tail**2))]))
    return np.stack(ears)


def in_room(sound: Sound, room: Sound, wet: float, pan: float = 0.0) -> Sound:
    """A short mono sound with its room, (2, frames + the room's)."""
    frames = sound.shape[0] + room.shape[1] - 1
    angle = (pan + 1) * np.pi / 4
    around = np.fft.irfft(np.fft.rfft(sound, frames) * np.fft.rfft(room, frames), frames)
    around *= wet
    around[0, : len(sound)] += np.cos(angle) * sound
    around[1, : len(sound)] += np.sin(angle) * sound
    return around


def add_room(dry: Sound, room: Sound, wet: float) -> None:
    """Add the room's answer to a stereo sound, (2, frames), in place; the room hears its middle.

    Block by block (overlap and add), so that the length of the song costs time but no memory.
    """
    length = room.shape[1]
    hop = _BLOCK - length + 1
    answer = np.fft.rfft(room, _BLOCK)
    frames = dry.shape[1]
    tail = np.zeros((2, length - 1))
    for start in range(0, frames, hop):
        stop = min(start + hop, frames)
        heard = np.fft.rfft(dry[:, start:stop].sum(axis=0), _BLOCK)
        wetted = np.fft.irfft(heard * answer, _BLOCK) * (wet * 0.5)
        wetted[:, : length - 1] += tail
        tail = wetted[:, hop : hop + length - 1]
        dry[:, start:stop] += wetted[:, : stop - start]
