"""Where in the spectrum a stem lives: power in third-octave bands, and where stems meet in them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from sfa.readings.spectra import Floats, hann

# Bands of IEC 61260-1, a tenth of a decade each: 25 Hz, 31.5 Hz, ... 20 kHz.
FIRST, COUNT = 14, 30
SPAN_S = 0.35
FLOOR_DB = -120.0
METHOD = "third-octave bands (IEC 61260-1) of Hann windows of about 0.37 s at the source's rate"

Powers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two stems, and band by band how much of the sound there is both of them at once."""

    stem: str
    other: str
    share: list[float]  # (30,): 0 never, 1 where nothing but these two sounds and they are equally loud


class BandMeter:
    """Feed it blocks in order; then ask for `powers()`."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._size = 1 << max(9, int(np.ceil(np.log2(SPAN_S * rate_hz))))
        self._bank = band_bank(self._size, rate_hz)
        self._window = hann(self._size)
        self._scale = 2 / (self._size * float(np.sum(self._window.astype(np.float64) ** 2)))
        self._held = np.empty((0, channels), np.float32)
        self._powers: list[Powers] = []
        self._channels = channels

    def feed(self, block: Floats) -> None:
        """Take the next frames, shape (frames, channels)."""
        self._held = np.concatenate([self._held, block])
        whole = len(self._held) // self._size * self._size
        for start in range(0, whole, self._size):
            self._add(self._held[start : start + self._size])
        self._held = self._held[whole:]

    def powers(self) -> Powers:
        """Mean square in each window and band, shape (windows, 30); their sum is that of the sound."""
        if len(self._held):
            self._add(np.concatenate([self._held, np.zeros((self._size - len(self._held), self._channels))]))
            self._held = self._held[:0]
        return np.array(self._powers).reshape(-1, COUNT)

    def _add(self, frames: npt.NDArray[np.floating]) -> None:
        spectrum = np.abs(scipy.fft.rfft(frames.T * self._window, axis=1)) ** 2
        self._powers.append(np.asarray(spectrum.mean(axis=0) * self._scale @ self._bank, np.float64))


def centres_hz() -> Powers:
    return np.asarray(10 ** ((FIRST + np.arange(COUNT)) / 10), np.float64)


def band_bank(size: int, rate_hz: int) -> Powers:
    """What share of each bin of a real transform lies in each band, shape (size // 2 + 1, 30)."""
    middle, half = np.arange(size // 2 + 1) * rate_hz / size, 0.5 * rate_hz / size
    low, high = centres_hz() * 10**-0.05, centres_hz() * 10**0.05
    inside = np.minimum(middle[:, None] + half, high) - np.maximum(middle[:, None] - half, low)
    return np.asarray(np.clip(inside / (2 * half), 0, 1))


def levels_db(powers: Powers) -> list[float]:
    """Mean level of each band, dB re the mean square of a full-scale square wave; never below -120."""
    mean = powers.mean(axis=0) if len(powers) else np.zeros(COUNT)
    return [round(float(level), 2) for level in 10 * np.log10(np.maximum(mean, 10 ** (FLOOR_DB / 10)))]


def meetings(powers: Mapping[str, Powers]) -> list[Meeting]:
    """Where each two stems sound at once and about as loud: there one can hide the other.

    Per window the smaller of the two powers, twice, over the power of all stems together; summed over time
    before dividing, so that loud moments count most.
    """
    length = min((len(one) for one in powers.values()), default=0)
    if length == 0:
        return []
    cut = {name: one[:length] for name, one in powers.items()}
    whole = np.maximum(np.sum([one.sum(axis=0) for one in cut.values()], axis=0), 1e-20)
    return [
        Meeting(a, b, [round(float(x), 4) for x in 2 * np.minimum(cut[a], cut[b]).sum(axis=0) / whole])
        for a, b in itertools.combinations(cut, 2)
    ]
