"""Level at the source's own rate, block after block: K-weighted energy, true peak, waveform peaks."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.signal

from sfa.readings.spectra import Floats

SLOTS_PER_S = 10
PEAK_FRAMES = (256, 2048, 16384)
TAPS, ROW = 24, 64
CALM = 1e-15


@dataclass(frozen=True, slots=True)
class Level:
    """What the samples themselves say."""

    slot_energy: npt.NDArray[
        np.float64
    ]  # (n,): mean K-weighted square in each tenth of a second, channels added
    sample_peak: float  # 1 = full scale
    true_peak: float
    slot_peak: npt.NDArray[np.float64]  # (n,): true peak in each tenth of a second, the last may be shorter
    energy: float  # mean square over all samples and channels, not weighted
    peaks: list[npt.NDArray[np.uint8]]  # one array per entry of PEAK_FRAMES
    frames: int


class LevelMeter:
    """Feed it blocks in order, each but the last a multiple of 16384 frames; then ask for `level()`."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._filter = k_weighting(rate_hz)
        self._state = np.zeros((channels, len(self._filter), 2))
        self._tail = np.zeros((TAPS - 1, channels), np.float32)
        self._slots: list[npt.NDArray[np.float64]] = []
        self._open = 0.0
        self._frames = 0
        self._square = 0.0
        self._sample_peak = 0.0
        self._peaks = _SlotPeaks(rate_hz)
        self._finest: list[Floats] = []

    def feed(self, block: Floats) -> None:
        """Take the next frames, shape (frames, channels)."""
        if len(block) == 0:
            return
        columns = np.ascontiguousarray(block.T)
        self._add_energy(columns)
        self._square += float(sum(np.dot(c, c) for c in columns))
        envelope = np.abs(columns).max(axis=0)
        self._finest.append(np.maximum.reduceat(envelope, np.arange(0, len(envelope), PEAK_FRAMES[0])))
        self._sample_peak = max(self._sample_peak, float(envelope.max()))
        self._peaks.add(self._frames, np.maximum.reduceat(envelope, np.arange(0, len(envelope), ROW)))
        whole = np.concatenate([self._tail, block])
        self._peaks.add(self._frames - TAPS // 2, true_peaks(whole, self._rate_hz))
        self._tail = whole[-(TAPS - 1) :]
        self._frames += len(block)

    def level(self) -> Level:
        """Close the last slot and say what was measured."""
        end = np.zeros((TAPS // 2, self._tail.shape[1]), np.float32)
        self._peaks.add(
            self._frames - TAPS // 2, true_peaks(np.concatenate([self._tail, end]), self._rate_hz)
        )
        slot_peak = self._peaks.slots(self._frames)
        return Level(
            slot_energy=np.concatenate([*self._slots, np.empty(0)]),
            sample_peak=self._sample_peak,
            true_peak=max(self._sample_peak, float(slot_peak.max(initial=0.0))),
            slot_peak=slot_peak,
            energy=self._square / max(1, self._frames * self._tail.shape[1]),
            peaks=_levels_of(np.concatenate([*self._finest, np.empty(0, np.float32)])),
            frames=self._frames,
        )

    def _add_energy(self, columns: Floats) -> None:
        square = np.zeros(columns.shape[1])
        for channel, samples in enumerate(columns):
            weighted, state = scipy.signal.sosfilt(
                self._filter, samples.astype(np.float64), zi=self._state[channel]
            )
            # Numbers too small to be normal would make the filter many times slower through silence.
            self._state[channel] = np.where(np.abs(state) < CALM, 0.0, state)
            square += weighted * weighted
        first = self._frames
        slot = np.arange(
            first * SLOTS_PER_S // self._rate_hz, (first + len(square)) * SLOTS_PER_S // self._rate_hz + 1
        )
        ends = np.round((slot + 1) * self._rate_hz / SLOTS_PER_S).astype(np.int64) - first
        ends = ends[(ends > 0) & (ends <= len(square))]
        sums = np.add.reduceat(square, np.concatenate([[0], ends[ends < len(square)]]))
        sums[0] += self._open
        closed = sums[: len(ends)]
        self._open = float(sums[-1]) if len(sums) > len(ends) else 0.0
        self._slots.append(closed * SLOTS_PER_S / self._rate_hz)


@functools.cache
def k_weighting(rate_hz: int) -> npt.NDArray[np.float64]:
    """The two filters of K-weighting as second-order sections, for any rate.

    Source
    ------
    ITU-R BS.1770-4, annex 1; the analogue parameters behind its 48 kHz table after
    B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement", AES 2018.
    """
    tan = np.tan(np.pi * 1681.974450955533 / rate_hz)
    quality, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    a0 = 1 + tan / quality + tan**2
    shelf = [
        (high + middle * tan / quality + tan**2) / a0,
        2 * (tan**2 - high) / a0,
        (high - middle * tan / quality + tan**2) / a0,
        1.0,
        2 * (tan**2 - 1) / a0,
        (1 - tan / quality + tan**2) / a0,
    ]
    tan = np.tan(np.pi * 38.13547087602444 / rate_hz)
    quality = 0.5003270373238773
    a0 = 1 + tan / quality + tan**2
    rumble = [1.0, -2.0, 1.0, 1.0, 2 * (tan**2 - 1) / a0, (1 - tan / quality + tan**2) / a0]
    return np.array([shelf, rumble])


class _SlotPeaks:
    """The largest of what is added, for each tenth of a second."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._found: list[tuple[npt.NDArray[np.int64], Floats]] = []

    def add(self, first: int, peaks: Floats) -> None:
        """Peaks of `ROW` frames each, from frame `first` on."""
        if len(peaks) == 0:
            return
        at = np.maximum(first + ROW * np.arange(len(peaks)), 0) * SLOTS_PER_S // self._rate_hz
        begins = np.concatenate([[0], np.flatnonzero(np.diff(at)) + 1])
        self._found.append((at[begins], np.maximum.reduceat(peaks, begins)))

    def slots(self, frames: int) -> npt.NDArray[np.float64]:
        out = np.zeros(-(-frames * SLOTS_PER_S // self._rate_hz))
        for at, peaks in self._found:
            np.maximum.at(out, np.minimum(at, len(out) - 1), peaks)
        return out


def true_peaks(block: Floats, rate_hz: int) -> Floats:
    """Largest absolute values between the samples, by oversampling (4x, 2x from 96 kHz, none from 192 kHz).

    Returns one value for each `ROW` frames, the first from the middle of the filter on; none where samples
    are dense enough to be the peaks themselves. Values whose filter would reach over the ends of `block`
    are left out: pass blocks that overlap by `TAPS - 1` frames.

    Source
    ------
    ITU-R BS.1770-4, annex 2, with a longer filter than its example.
    """
    factor = 4 if rate_hz < 96000 else 2 if rate_hz < 192000 else 1
    if factor == 1 or len(block) < TAPS:
        return np.empty(0, np.float32)
    toeplitz = _between(factor)
    length = -(-(len(block) - TAPS + 1) // ROW) * ROW + TAPS - 1
    best = np.zeros(-(-(len(block) - TAPS + 1) // ROW), np.float32)
    for samples in block.T:
        padded = np.zeros(length, np.float32)
        padded[: len(samples)] = samples
        rows = np.lib.stride_tricks.sliding_window_view(padded, ROW + TAPS - 1)[::ROW]
        for few in range(0, len(rows), 1024):
            oversampled = np.ascontiguousarray(rows[few : few + 1024]) @ toeplitz
            here = best[few : few + 1024]
            np.maximum(here, np.maximum(oversampled.max(axis=1), -oversampled.min(axis=1)), out=here)
    return best


@functools.cache
def _between(factor: int) -> Floats:
    """Makes of a row of samples all values between them; shape (ROW + TAPS - 1, ROW * (factor - 1))."""
    at = np.arange(TAPS) - (TAPS // 2 - 1)
    matrix = np.zeros((ROW + TAPS - 1, factor - 1, ROW), np.float32)
    for phase in range(1, factor):
        distance = at - phase / factor
        window = np.i0(8.0 * np.sqrt(np.maximum(0, 1 - (distance / (TAPS / 2)) ** 2))) / np.i0(8.0)
        taps = np.sinc(distance) * window
        for shift in range(ROW):
            matrix[shift : shift + TAPS, phase - 1, shift] = taps / taps.sum()
    return matrix.reshape(ROW + TAPS - 1, -1)


def _levels_of(finest: Floats) -> list[npt.NDArray[np.uint8]]:
    """Waveform peaks per level, 255 = full scale or above."""
    fine = np.minimum(255, np.round(finest * 255)).astype(np.uint8)
    levels = [fine]
    for before, wanted in itertools.pairwise(PEAK_FRAMES):
        joined = np.arange(0, len(levels[-1]), wanted // before)
        levels.append(np.maximum.reduceat(levels[-1], joined) if len(joined) else levels[-1])
    return levels
