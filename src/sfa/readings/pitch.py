"""The constant-Q transform, and how far the tuning is from 440 Hz."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from sfa.readings.spectra import Floats, frames, hann

SIZE, HOP = 8192, 1024
LOWEST_MIDI, SEMITONES, PER_SEMITONE = 24, 84, 3
BINS = SEMITONES * PER_SEMITONE
SHORTEST = 1024
REACH = SIZE // 2
BATCH = 64
TUNING_LOW_HZ, TUNING_HIGH_HZ, TUNING_EVERY = 120.0, 2000.0, 4


@dataclass(frozen=True, slots=True)
class Pitch:
    """One row per frame; frame i is centred on sample `i * HOP`."""

    cqt: Floats  # (n, 252): amplitude from C1, three bins per semitone; 0.5 for a full-scale sine
    detune: npt.NDArray[
        np.complex128
    ]  # (n,): sum over partials of level * exp(2 pi i * semitones off 440 Hz)
    detune_weight: npt.NDArray[np.float64]  # (n,): sum of levels


def pitch_of(sound: Floats, *, first: int, count: int, rate_hz: int) -> Pitch:
    """Transform `count` frames, the first one centred on sample `first` of `sound`.

    The window of a bin holds the same number of periods from 138 to 1107 Hz; it is
    no longer than 8192 samples below that and no shorter than 1024 above.

    Source
    ------
    J. C. Brown, M. S. Puckette, "An efficient algorithm for the calculation of a constant Q transform", 1992.
    """
    kernels = _kernels(rate_hz)
    cqt = np.empty((count, BINS), np.float32)
    detune, weight = np.zeros(count, np.complex128), np.zeros(count)
    for done in range(0, count, BATCH):
        few = min(BATCH, count - done)
        cut = frames(sound, first=first + done * HOP, count=few, size=SIZE, hop=HOP)
        spectrum = scipy.fft.rfft(cut, axis=1)
        rows = slice(done, done + few)
        for bins, (low, high), kernel in kernels:
            cqt[rows, bins] = np.abs(spectrum[:, low:high] @ kernel)
        some = slice(done, done + few, TUNING_EVERY)
        detune[some], weight[some] = _detune(spectrum[::TUNING_EVERY], rate_hz)
    return Pitch(cqt=cqt, detune=detune, detune_weight=weight)


@functools.cache
def _kernels(rate_hz: int) -> list[tuple[slice, tuple[int, int], npt.NDArray[np.complex64]]]:
    """Spectral kernels, an octave at a time: which bins, which part of the spectrum, the matrix."""
    out = []
    step = 2 ** (1 / (12 * PER_SEMITONE)) - 1
    for first in range(0, BINS, 12 * PER_SEMITONE):
        hz = bin_hz(np.arange(first, first + 12 * PER_SEMITONE))
        kernel = np.zeros((SIZE, len(hz)), np.complex128)
        for column, f in enumerate(hz):
            n = int(np.clip(rate_hz / (f * step), SHORTEST, SIZE)) // 2 * 2
            at = np.arange(n) - n // 2
            window = hann(n)
            kernel[at + SIZE // 2, column] = window / window.sum() * np.exp(2j * np.pi * f * at / rate_hz)
        spectral = np.conj(np.fft.fft(kernel, axis=0)) / SIZE
        margin = 3 * rate_hz / max(SHORTEST, min(SIZE, rate_hz / (hz[0] * step)))
        low = max(0, int((hz[0] - margin) * SIZE / rate_hz))
        high = min(SIZE // 2 + 1, int((hz[-1] + margin) * SIZE / rate_hz) + 2)
        out.append((slice(first, first + len(hz)), (low, high), spectral[low:high].astype(np.complex64)))
    return out


def bin_hz(index: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Centre frequency of a bin of the transform, at A = 440 Hz."""
    midi = LOWEST_MIDI + np.asarray(index, np.float64) / PER_SEMITONE
    return np.asarray(440 * 2 ** ((midi - 69) / 12), np.float64)


def _detune(
    spectrum: npt.NDArray[np.complex64], rate_hz: int
) -> tuple[npt.NDArray[np.complex128], npt.NDArray[np.float64]]:
    """Add up, frame by frame, how far strong partials lie from the nearest note at 440 Hz."""
    low, high = (int(f * SIZE / rate_hz) for f in (TUNING_LOW_HZ, TUNING_HIGH_HZ))
    near = spectrum[:, low - 2 : high + 2]
    level = np.abs(near[:, 1:-1] * 0.5 - 0.25 * (near[:, :-2] + near[:, 2:]))  # Hann, done on the spectrum
    peak = (level[:, 1:-1] > level[:, :-2]) & (level[:, 1:-1] >= level[:, 2:])
    peak &= level[:, 1:-1] > 0.03 * level.max(axis=1, keepdims=True, initial=1e-9)
    row, column = np.nonzero(peak)
    left, top, right = (np.log(level[row, column + k] + 1e-12) for k in range(3))
    offset = 0.5 * (left - right) / np.minimum(left - 2 * top + right, -1e-9)
    semitones = 12 * np.log2((column + low + offset) * rate_hz / SIZE / 440)
    strength = np.exp(top)
    turns = strength * np.exp(2j * np.pi * semitones)
    size = len(spectrum)
    summed = np.bincount(row, turns.real, size) + 1j * np.bincount(row, turns.imag, size)
    return summed, np.bincount(row, strength, size).astype(np.float64)
