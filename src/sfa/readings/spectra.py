"""Windows, frames and filter banks that the transforms share."""

from __future__ import annotations

import functools

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


def mel_of_hz(hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Slaney's mel scale: linear below 1 kHz, logarithmic above.

    Source
    ------
    M. Slaney, "Auditory Toolbox", Interval Research TR 1998-010.
    """
    f = np.asarray(hz, dtype=np.float64)
    return np.where(f < 1000, f * 3 / 200, 15 + np.log(np.maximum(f, 1000) / 1000) * 27 / np.log(6.4))


def hz_of_mel(mel: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Inverse of `mel_of_hz`."""
    m = np.asarray(mel, dtype=np.float64)
    return np.where(m < 15, m * 200 / 3, 1000 * np.exp((np.maximum(m, 15) - 15) * np.log(6.4) / 27))


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
    corners = hz_of_mel(np.linspace(mel_of_hz(low_hz), mel_of_hz(high_hz), bands + 2))
    bins = np.fft.rfftfreq(size, 1 / rate_hz)[:, None]
    left, centre, right = corners[:-2], corners[1:-1], corners[2:]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    bank = np.maximum(0, np.minimum(rising, falling))
    if even_area:
        bank *= 2 / (right - left)
    return bank.astype(np.float32)


def decibels(power: npt.NDArray[np.floating], floor_db: float = -120.0) -> Floats:
    """10 log10 of a power, never below `floor_db`."""
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (floor_db / 10))), np.float32)
