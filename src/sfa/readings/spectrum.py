"""The shape of the spectrum over the whole sound, as means and deviations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sfa.readings.reading import Reading, not_taken, taken
from sfa.readings.spectra import Floats
from sfa.readings.timbre import CONTRAST_BANDS, CONTRAST_LOW_HZ, Timbre

SILENT_DB, BELOW_LOUDEST_DB = -70.0, 60.0
METHOD = "frames of 93 ms, 46 ms apart, at 22.05 kHz; frames that sound, that is above -70 dBFS"


@dataclass(frozen=True, slots=True)
class Shape:
    feature: str
    mean: float
    std: float
    unit: str


def read_spectrum(timbre: Timbre, *, rate_hz: int, source_rate_hz: int) -> Reading[list[Shape]]:
    """Summarise centroid, bandwidth, rolloff, contrast, flatness and zero-crossing rate.

    Contrast bands that begin above what the source's rate can hold are left out.
    """
    sounds = audible(timbre.rms)
    if not sounds.any():
        return not_taken(f"The sound is silent, or quieter than {SILENT_DB:.0f} dBFS.", method=METHOD)
    shapes = [
        _shape("centroid", timbre.centroid_hz, sounds, "Hz"),
        _shape("bandwidth", timbre.bandwidth_hz, sounds, "Hz"),
        _shape("rolloff", timbre.rolloff_hz, sounds, "Hz"),
    ]
    begins_hz = [0.0, *(CONTRAST_LOW_HZ * 2.0**k for k in range(CONTRAST_BANDS - 1))]
    shapes += [
        _shape(f"contrast_{band}", timbre.contrast_db[:, band], sounds, "dB")
        for band in range(CONTRAST_BANDS)
        if begins_hz[band] * 1.5 < source_rate_hz / 2
    ]
    shapes.append(_shape("flatness", timbre.flatness, sounds, "ratio"))
    shapes.append(_shape("zero_crossing_rate", timbre.zero_crossing_rate * rate_hz, sounds, "1/s"))
    note = f"; the source holds nothing above {source_rate_hz / 2:.0f} Hz" if source_rate_hz < rate_hz else ""
    return taken(shapes, method=METHOD + note, confidence=min(1.0, float(sounds.sum()) / 20))


def audible(rms: Floats) -> npt.NDArray[np.bool_]:
    """Which frames are above silence."""
    level = 20 * np.log10(np.maximum(rms, 1e-9))
    return np.asarray(level > max(SILENT_DB, float(level.max(initial=-180.0)) - BELOW_LOUDEST_DB))


def _shape(feature: str, values: Floats, sounds: npt.NDArray[np.bool_], unit: str) -> Shape:
    kept = values[sounds].astype(np.float64)
    return Shape(feature, round(float(kept.mean()), 5), round(float(kept.std()), 5), unit)
