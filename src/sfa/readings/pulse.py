"""Where sound begins: the rise of level in bands from one short frame to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage

from sfa.readings.spectra import Floats, amplitude_spectrum, frames, mel_bank

SIZE, HOP, LAG = 1024, 256, 2
BANDS, LOW_HZ, HIGH_HZ = 64, 30.0, 10000.0
EDGES_HZ = (200.0, 2000.0)
KNEE = 1000.0
REACH = SIZE // 2 + HOP * LAG
BATCH = 512


@dataclass(frozen=True, slots=True)
class Pulse:
    """One row per short frame; frame i is centred on sample `i * HOP`."""

    rise: Floats  # (n, 3): how much the low, middle and high bands grow, in log amplitude per band


def pulse_of(sound: Floats, *, first: int, count: int, rate_hz: int) -> Pulse:
    """Measure the onset strength of `count` frames, the first one centred on sample `first`.

    Log-compressed mel levels are compared with the level `LAG` frames before,
    widened by one band to each side, so that vibrato is no onset; only growth counts.

    Source
    ------
    S. Böck, G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013.
    """
    bank = mel_bank(SIZE, rate_hz, BANDS, LOW_HZ, min(HIGH_HZ, rate_hz / 2), even_area=False)
    groups = _groups(rate_hz)
    rise = np.empty((count, groups.shape[1]), np.float32)
    for done in range(0, count, BATCH):
        few = min(BATCH, count - done)
        cut = frames(sound, first=first + (done - LAG) * HOP, count=few + LAG, size=SIZE, hop=HOP)
        level = np.log10(1 + KNEE * (amplitude_spectrum(cut) @ bank))
        before = scipy.ndimage.maximum_filter1d(level[:-LAG], 3, axis=1)
        rise[done : done + few] = np.maximum(level[LAG:] - before, 0) @ groups
    return Pulse(rise=rise)


def _groups(rate_hz: int) -> Floats:
    """Which mel band belongs to low, middle or high; shape (BANDS, 3)."""
    bank = mel_bank(SIZE, rate_hz, BANDS, LOW_HZ, min(HIGH_HZ, rate_hz / 2), even_area=False)
    centre = np.fft.rfftfreq(SIZE, 1 / rate_hz)[np.argmax(bank, axis=0)]
    group = np.digitize(centre, EDGES_HZ)
    return np.asarray(np.eye(len(EDGES_HZ) + 1)[group] / BANDS, np.float32)
