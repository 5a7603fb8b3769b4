"""What is worth knowing of a stem beside the mix: how loud, how present, how busy, how bright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sfa.readings.bands import levels_db
from sfa.readings.listening import FINE_HOP_S, Glimpse
from sfa.readings.loudness import read_loudness
from sfa.readings.onsets import find_onsets
from sfa.readings.spectrum import audible

ACTIVE_DB, BELOW_LOUDEST_DB = -60.0, 40.0


@dataclass(frozen=True, slots=True)
class StemReading:
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    energy: float  # sum of squares over all samples
    active_share: float  # of the time: within 40 dB of its loudest frame and above -60 dBFS
    onsets_per_s: float | None
    spectral_centroid_hz: float | None
    band_levels_db: list[float]  # (30,): see `sfa.readings.bands`


def read_stem(glimpse: Glimpse) -> StemReading:
    """Read one stem; what silence has not is None."""
    loudness = read_loudness(glimpse.level).value
    assert loudness is not None
    rms = glimpse.brightness.rms
    level = 20 * np.log10(np.maximum(rms, 1e-9))
    active = level > max(ACTIVE_DB, float(level.max(initial=-180.0)) - BELOW_LOUDEST_DB)
    sounds = audible(rms)
    times, _ = find_onsets(glimpse.pulse.rise, FINE_HOP_S)
    weight = rms[sounds].astype(np.float64) ** 2
    bright = (
        float(np.average(glimpse.brightness.centroid_hz[sounds], weights=weight)) if sounds.any() else None
    )
    return StemReading(
        integrated_lufs=loudness.integrated_lufs,
        true_peak_dbtp=loudness.true_peak_dbtp,
        energy=glimpse.level.energy * glimpse.level.frames,
        active_share=round(float(active.mean()), 4) if len(active) else 0.0,
        onsets_per_s=round(len(times) / glimpse.duration_s, 3) if sounds.any() else None,
        spectral_centroid_hz=None if bright is None else round(bright, 1),
        band_levels_db=levels_db(glimpse.bands),
    )
