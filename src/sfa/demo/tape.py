"""What every instrument needs: a stereo tape to play onto, chance that never changes, waves and envelopes."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
from scipy import signal

from sfa.demo.form import SAMPLE_RATE

Sound = npt.NDArray[np.float64]  # (frames,) or, in stereo, (2, frames)

_TABLE = 4096


class Chance:
    """Random numbers from the bit generator itself.

    NumPy keeps a bit generator's stream for ever, but not the streams of its distributions; a song that is
    the same to the bit next year may only use the first.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self._bits = np.random.PCG64([seed, zlib.crc32(purpose.encode())])

    def uniform(self, count: int) -> Sound:
        """Numbers from 0 up to 1."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def noise(self, count: int) -> Sound:
        """White noise between -1 and 1."""
        return 2 * self.uniform(count) - 1

    def around(self, centre: float, spread: float) -> float:
        return float(centre + spread * (2 * self.uniform(1)[0] - 1))


class Tape:
    """A stereo recording of fixed length; what would sound after its end is cut."""

    def __init__(self, frames: int) -> None:
        self.sound: Sound = np.zeros((2, frames))

    def add(self, at: int, sound: Sound, gain: float = 1.0, pan: float = 0.0) -> None:
        """Mix a mono or stereo sound in, from frame `at` (a start before 0 is cut).

        `pan` goes from -1 (left) to 1 (right) at constant power and applies to mono only.
        """
        skip = max(0, -at)
        start = at + skip
        stop = min(self.sound.shape[1], at + sound.shape[-1])
        if stop <= start:
            return
        part = sound[..., skip : skip + stop - start]
        if sound.ndim == 2:
            self.sound[:, start:stop] += gain * part
            return
        angle = (pan + 1) * np.pi / 4
        self.sound[0, start:stop] += gain * np.cos(angle) * part
        self.sound[1, start:stop] += gain * np.sin(angle) * part


def times(frames: int) -> Sound:
    """Seconds of each frame from 0."""
    return np.arange(frames) / SAMPLE_RATE


def swell(frames: int, attack_s: float, release_s: float) -> Sound:
    """An envelope that rises and falls along half cosines; the release ends with the last frame."""
    envelope = np.ones(frames)
    up = min(frames, max(1, round(attack_s * SAMPLE_RATE)))
    down = min(frames, max(1, round(release_s * SAMPLE_RATE)))
    envelope[:up] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(up) / up)
    envelope[frames - down :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, down + 1) / down)
    return envelope


def wave(amplitudes: Sound, phases: Sound | None = None) -> Sound:
    """One period of a wave with the given harmonics, from the fundamental up, for `play_wave`."""
    spectrum = np.zeros(_TABLE // 2 + 1, dtype=np.complex128)
    angles = np.zeros(len(amplitudes)) if phases is None else phases
    spectrum[1 : len(amplitudes) + 1] = -1j * amplitudes * np.exp(1j * angles) * _TABLE / 2
    period = np.fft.irfft(spectrum)
    return np.append(period, period[0])


def play_wave(period: Sound, cycles: Sound) -> Sound:
    """Read a `wave` at the given phase, in cycles, with linear interpolation."""
    place = (cycles % 1.0) * _TABLE
    # A phase a hair below a whole cycle may round up to it.
    left = np.minimum(place.astype(np.int64), _TABLE - 1)
    low = period[left]
    read: Sound = low + (place - left) * (period[left + 1] - low)
    return read


def low_pass(sound: Sound, hz: float, order: int = 1) -> Sound:
    return np.asarray(signal.sosfilt(_butter(hz, "lowpass", order), sound))


def high_pass(sound: Sound, hz: float, order: int = 2) -> Sound:
    return np.asarray(signal.sosfilt(_butter(hz, "highpass", order), sound))


def band_pass(sound: Sound, low_hz: float, high_hz: float) -> Sound:
    return np.asarray(signal.sosfilt(_butter([low_hz, high_hz], "bandpass", 1), sound))


def _butter(hz: float | list[float], kind: str, order: int) -> Sound:
    return np.asarray(signal.butter(order, hz, kind, fs=SAMPLE_RATE, output="sos"))
