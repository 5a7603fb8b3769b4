"""Windows, frames and filter banks that the transforms share."""

from __future__ import annotations

import functools

import librosa
import numpy as np
import numpy.typing as npt
import scipy.fft

Floats = npt.NDArray[np.float32]
Complexes = npt.NDArray[np.complex64]


@functools.cache
def hann(n: int) -> Floats:
    """Periodic Hann window of `n` samples."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)).astype(np.float32)


def frames(sound: Floats, *, first: int, count: int, size: int, hop: int) -> Floats:
    """View `count` frames of `size` samples, the first one centred on sample `first`.

    Returns a read-only view, shape (count, size); `sound` must reach far enough on both sides.
    """
    start = first - size // 2
    reach = sound[start : start + (count - 1) * hop + size]
    return np.lib.stride_tricks.sliding_window_view(reach, size)[::hop]


def amplitude_spectrum(cut: Floats) -> Floats:
    """Magnitudes of Hann-windowed frames, scaled so that a full-scale sine peaks at 1.

    Parameters
    ----------
    cut : array, shape (n_frames, size)

    Returns
    -------
    array, shape (n_frames, size // 2 + 1)
    """
    window = hann(cut.shape[1])
    spectrum = scipy.fft.rfft(cut * (window * (2 / window.sum())), axis=1, overwrite_x=True)
    return np.asarray(np.abs(spectrum), np.float32)


@functools.cache
def mel_bank(
    size: int, rate_hz: int, bands: int, low_hz: float, high_hz: float, even_area: bool = True
) -> Floats:
    """Triangular mel filters over the bins of a real transform.

    Parameters
    ----------
    size, rate_hz : int
        Length of the transform in samples, and the sound's rate.
    even_area : bool
        True divides each triangle by half its width in Hz (Slaney's norm); False leaves the peaks at 1.

    Returns
    -------
    array, shape (size // 2 + 1, bands)
    """
    bank = librosa.filters.mel(
        sr=rate_hz,
        n_fft=size,
        n_mels=bands,
        fmin=low_hz,
        fmax=high_hz,
        norm="slaney" if even_area else None,
    )
    return np.ascontiguousarray(bank.T, np.float32)


def decibels(power: npt.NDArray[np.floating], floor_db: float = -120.0) -> Floats:
    """10 log10 of a power, never below `floor_db`."""
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (floor_db / 10))), np.float32)
