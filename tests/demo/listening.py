"""Plain measurements of sound, made without the program's own readings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]


def rms_db(sound: Array) -> float:
    return float(10 * np.log10(np.mean(np.asarray(sound, dtype=np.float64) ** 2) + 1e-12))


def between(sound: Array, start_s: float, end_s: float, sample_rate: int = 44100) -> Array:
    return sound[round(start_s * sample_rate) : round(end_s * sample_rate)]


def spectrum(sound: Array, sample_rate: int = 44100) -> tuple[Array, Array]:
    """Frequencies in Hz and magnitudes of a mono sound, at least twice as fine as its length gives."""
    size = 2 ** (len(sound).bit_length() + 1)
    return np.fft.rfftfreq(size, 1 / sample_rate), np.abs(np.fft.rfft(sound * np.hanning(len(sound)), size))


def strongest_hz(sound: Array, low_hz: float, high_hz: float) -> float:
    hz, level = spectrum(sound)
    inside = (hz >= low_hz) & (hz <= high_hz)
    return float(hz[inside][level[inside].argmax()])


def level_db(sound: Array, low_hz: float, high_hz: float) -> float:
    hz, level = spectrum(sound)
    inside = (hz >= low_hz) & (hz < high_hz)
    return float(10 * np.log10(np.sum(level[inside] ** 2) + 1e-12))


def chroma(sound: Array, tuning_hz: float) -> Array:
    """Amplitude of the twelve pitch classes from C, 60 to 1500 Hz."""
    hz, level = spectrum(sound)
    inside = (hz > 60) & (hz < 1500)
    classes = np.round(12 * np.log2(hz[inside] / tuning_hz) + 69).astype(int) % 12
    return np.sqrt(np.bincount(classes, level[inside] ** 2, 12))
