"""How much of the sound lasts, and how much strikes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sfa.readings.reading import Reading, not_taken, taken
from sfa.readings.timbre import HARMONIC_FRAMES, PERCUSSIVE_BINS, Timbre

LEAST_FRAMES = HARMONIC_FRAMES
METHOD = (
    f"median filters over {HARMONIC_FRAMES} frames and {PERCUSSIVE_BINS} bins (FitzGerald 2010), "
    "shares of spectral power by soft masks"
)


@dataclass(frozen=True, slots=True)
class Balance:
    harmonic_share: float
    percussive_share: float


def read_balance(timbre: Timbre) -> Reading[Balance]:
    """Split the power in two shares that add up to 1; noise is neither and gets a low confidence."""
    if len(timbre.harmonic) < LEAST_FRAMES:
        return not_taken("The sound is too short for what lasts to be told from what strikes.", method=METHOD)
    harmonic = timbre.harmonic.astype(np.float64)
    percussive = timbre.percussive.astype(np.float64)
    power = float(harmonic.sum() + percussive.sum())
    if power < 1e-9 * len(harmonic):
        return not_taken("The sound is silent.", method=METHOD)
    share = float(harmonic.sum()) / power
    decided = float(np.abs(harmonic - percussive).sum()) / power
    value = Balance(harmonic_share=round(share, 4), percussive_share=round(1 - share, 4))
    return taken(value, method=METHOD, confidence=0.3 + 0.65 * decided)
