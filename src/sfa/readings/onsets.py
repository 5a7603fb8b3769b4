"""When notes and hits begin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.ndimage

from sfa.readings.beats import LATENESS_S
from sfa.readings.reading import Reading, not_taken, taken
from sfa.readings.spectra import Floats

Array = npt.NDArray[np.float64]

APART_S, AROUND_S = 0.03, 0.1
LEAST_RISE, SHARE_OF_STRONG = 0.035, 0.05  # steady noise stays below the first
METHOD = (
    "peaks of the growth of log mel levels (SuperFlux, Böck 2013) over a local mean, refined between frames"
)


@dataclass(frozen=True, slots=True)
class Onsets:
    count: int
    per_s: float


def find_onsets(rise: Floats, hop_s: float) -> tuple[Array, Array]:
    """Find onsets.

    Parameters
    ----------
    rise : array, shape (n, 3)
        `Pulse.rise`.

    Returns
    -------
    times_s, strength : arrays, shape (n_onsets,)
    """
    growth = rise.sum(axis=1).astype(np.float64)
    if len(growth) < 3:
        return np.empty(0), np.empty(0)
    apart, around = max(1, round(APART_S / hop_s)), max(1, round(AROUND_S / hop_s))
    top = scipy.ndimage.maximum_filter1d(growth, 2 * apart + 1) == growth
    needed = max(LEAST_RISE, SHARE_OF_STRONG * float(np.percentile(growth, 99)))
    over = growth - scipy.ndimage.uniform_filter1d(growth, 2 * around + 1)
    at = np.flatnonzero(top & (over > needed))
    left, here, right = growth[np.maximum(at - 1, 0)], growth[at], growth[np.minimum(at + 1, len(growth) - 1)]
    bend = left - 2 * here + right
    offset = np.where(bend < 0, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0)
    times = (at + np.clip(offset, -0.5, 0.5)) * hop_s - LATENESS_S
    return np.maximum(times, 0.0), over[at]


def read_onsets(times_s: Array, strength: Array, *, duration_s: float) -> Reading[Onsets]:
    """Count the onsets; the confidence says how far they stand out."""
    if len(times_s) == 0:
        return not_taken("Nothing in it begins audibly.", method=METHOD)
    value = Onsets(count=len(times_s), per_s=round(len(times_s) / duration_s, 3))
    return taken(value, method=METHOD, confidence=min(0.95, float(np.median(strength)) / 0.25))
