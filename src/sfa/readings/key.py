"""The key of the whole, by named profiles and by the chords that stand in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sfa.readings.chroma import Tuning
from sfa.readings.names import camelot, tonic_name
from sfa.readings.reading import Reading, not_taken, taken

Array = npt.NDArray[np.float64]

# Each: twelve values from the tonic up, major then minor.
PROFILES = {
    "Krumhansl-Kessler 1982": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
    "Temperley 2007": (
        (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
        (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
    ),
    "Albrecht-Shanahan 2013": (
        (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
        (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
    ),
}
METHOD = (
    f"mean correlation of note strengths with the profiles of {', '.join(PROFILES)}, "
    "with the share of time on the tonic chord and the first and last chords"
)
LEAST_TUNING_CLARITY, LEAST_LASTING, LEAST_TIME_S, LEAST_NOTES, LEAST_FIT = 0.15, 0.05, 1.5, 2.5, 0.45
TONIC_SHARE, END_CHORD = 0.35, 0.03
SHARPNESS = 11.0
RUNNERS_UP = 3


@dataclass(frozen=True, slots=True)
class KeyGuess:
    tonic: str
    mode: str
    camelot: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Key:
    tonic: str
    mode: str  # major, minor
    camelot: str
    tuning_hz: float  # of A4
    runners_up: list[KeyGuess]
    pitch_class: int  # of the tonic, 0 = C
    strength: list[float]  # (12,): of each pitch class from C up, the strongest 1
    fits: list[float]  # (24,): correlation with the profiles, twelve major keys from C up, then minor
    scores: list[float]  # (24,): the same with what the chords say; the largest is the key


def read_key(
    notes: Array, duration_s: float, tuning: Tuning, tonics: Array, ends: list[int], *, lasting: float
) -> Reading[Key]:
    """Tell the key.

    Parameters
    ----------
    notes : array, shape (12,), >= 0
        Strength of each pitch class over the whole sound, row 0 = C.
    tonics : array, shape (24,), 0..1
        Share of chord time on each major, then each minor triad (sevenths count as their triads).
    ends : list of int
        The first and the last chord, as indices into `tonics`.
    lasting : float, 0..1
        How much of the sound is pitches that last and keep to the tuning.
    """
    reason = _no_key(notes, duration_s, tuning, lasting)
    if reason:
        return not_taken(reason, method=METHOD)
    fit = _correlations(notes)
    if fit.max() < LEAST_FIT:
        return not_taken("The notes fit no major or minor key.", method=METHOD)
    score = fit + TONIC_SHARE * tonics
    for chord in ends:
        score[chord] += END_CHORD
    odds = np.exp(SHARPNESS * (score - score.max()))
    odds /= odds.sum()
    order = np.argsort(-score, kind="stable")
    guesses = [_guess(int(i), float(odds[i])) for i in order[: 1 + RUNNERS_UP]]
    sure = guesses[0].confidence * min(1.0, 0.4 + tuning.clarity) * min(1.0, fit[order[0]] / 0.7)
    # One chord fits several keys; three settle it.
    sure *= min(1.0, 0.3 + 0.35 * (np.count_nonzero(tonics > 0.03) - 1)) if tonics.any() else 0.6
    best = guesses[0]
    key = Key(
        tonic=best.tonic,
        mode=best.mode,
        camelot=best.camelot,
        tuning_hz=round(tuning.a4_hz, 1),
        runners_up=guesses[1:],
        pitch_class=int(order[0]) % 12,
        strength=[round(float(x), 4) for x in notes / max(float(notes.max()), 1e-12)],
        fits=[round(float(x), 4) for x in fit],
        scores=[round(float(x), 4) for x in score],
    )
    return taken(key, method=METHOD, confidence=sure)


def _no_key(notes: Array, duration_s: float, tuning: Tuning, lasting: float) -> str:
    if duration_s < LEAST_TIME_S:
        return f"The sound is shorter than the {LEAST_TIME_S:g} seconds that a key takes."
    if tuning.clarity < LEAST_TUNING_CLARITY or lasting < LEAST_LASTING:
        return "There are no lasting pitches in this sound, only noise or drums."
    share = notes / max(float(notes.sum()), 1e-12)
    variety = float(np.exp(-np.sum(share * np.log(np.maximum(share, 1e-12)))))
    if variety < LEAST_NOTES:
        return "There are too few different notes to tell a key."
    return ""


def _correlations(notes: Array) -> Array:
    """Mean over the profiles of the correlation with each key: twelve major, then twelve minor."""
    out = np.zeros(24)
    for modes in PROFILES.values():
        for mode, profile in enumerate(modes):
            for tonic in range(12):
                out[12 * mode + tonic] += np.corrcoef(notes, np.roll(profile, tonic))[0, 1]
    return np.nan_to_num(out / len(PROFILES))


def _guess(index: int, confidence: float) -> KeyGuess:
    tonic, mode = index % 12, "major" if index < 12 else "minor"
    return KeyGuess(tonic_name(tonic, mode), mode, camelot(tonic, mode), round(confidence, 3))
