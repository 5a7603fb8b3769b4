"""Where the bars begin and how many beats they have, from accents and changes of harmony at the beats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sfa.readings.reading import Reading, not_taken, taken
from sfa.readings.spectra import Floats
from sfa.readings.tempo import best_path

Array = npt.NDArray[np.float64]

METRES = (2, 3, 4, 6)
FEWEST_BEATS = 8
WEIGHTS = np.array([1.0, 1.0, 1.0, 0.5, 0.5])  # change over two beats, over one; low, middle, high accent
DOWNBEAT = np.array([0.8, 0.8, 0.8, 0.2, -0.3])
SMALLEST_SPREAD = np.array([0.12, 0.12, 0.25, 0.25, 0.25])  # below this a feature is even, not telling
LEAST_EXPLAINED, NESTED_GAIN, PLAIN_DUPLE = 0.05, 0.1, 0.7
SLIP, LEAST_TELLING, SIGNIFICANT = 16.0, 0.5, 5.0
ACCENTS = slice(2, 5)
METHOD = (
    "how much of the accents (low, middle, high) and of the chord changes at the beats a metre of 2, 3, 4 or "
    "6 explains; downbeats by Viterbi"
)


@dataclass(frozen=True, slots=True)
class Metre:
    beats_per_bar: int


@dataclass(frozen=True, slots=True)
class Bars:
    metre: Reading[Metre]
    positions: list[int]  # per beat: 1 = downbeat; all 0 when the bars are not known
    confidence: float


def find_bars(times_s: Array, rise: Floats, hop_s: float, chroma: Array) -> Bars:
    """Find metre and downbeats.

    Parameters
    ----------
    times_s : array, shape (n_beats,), seconds
    rise : array, shape (n, 3)
        `Pulse.rise`, frames `hop_s` seconds apart.
    chroma : array, shape (n_beats, any)
        Pitch content from each beat to the next.
    """
    if len(times_s) < FEWEST_BEATS:
        return _unknown(f"Fewer than {FEWEST_BEATS} beats were found.", len(times_s))
    evidence = _evidence(times_s, rise, hop_s, chroma)
    shares = {metre: _explained(evidence, metre) for metre in METRES}
    telling = WEIGHTS * np.minimum(1, evidence.std(axis=0) / SMALLEST_SPREAD)
    total = max(float(telling.sum()), LEAST_TELLING)
    explained = {metre: float(share @ telling) / total for metre, share in shares.items()}
    accents = {metre: float(share[ACCENTS].mean()) for metre, share in shares.items()}
    metre = _choose(explained, accents, six=_halves_differ(evidence[:, ACCENTS]))
    if explained[metre] < LEAST_EXPLAINED:
        return _unknown("Neither accents nor chord changes tell where the bars begin.", len(times_s))
    spread = np.maximum(evidence.std(axis=0), SMALLEST_SPREAD)
    downness = ((evidence - evidence.mean(axis=0)) / spread) @ DOWNBEAT
    positions = _positions(downness, metre)
    sure_metre = _margin(explained, metre)
    sure_phase = _phase_margin(downness, positions, metre)
    return Bars(
        metre=taken(Metre(metre), method=METHOD, confidence=sure_metre),
        positions=positions,
        confidence=min(sure_metre, sure_phase),
    )


def _unknown(reason: str, beats: int) -> Bars:
    return Bars(metre=not_taken(reason, method=METHOD), positions=[0] * beats, confidence=0.0)


def _evidence(times_s: Array, rise: Floats, hop_s: float, chroma: Array) -> Array:
    """Per beat: change of harmony over two beats and one, log accents low, middle, high; shape (n, 5)."""
    unit = chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9)
    padded = np.concatenate([unit[:1], unit[:1], unit, unit[-1:]])
    before, after = padded[:-3] + padded[1:-2], padded[2:-1] + padded[3:]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    slow = 1 - np.sum(before * after, axis=1) / np.maximum(norms, 1e-9)
    fast = 1 - np.sum(padded[1:-2] * padded[2:-1], axis=1)
    slow[0], fast[0] = slow[1:].mean(), fast[1:].mean()
    frame = np.round(times_s / hop_s).astype(np.int64)[:, None] + np.arange(-4, 6)
    accents = rise[np.clip(frame, 0, len(rise) - 1)].max(axis=1)
    change = np.sqrt(np.maximum(np.stack([slow, fast], axis=1), 0))
    return np.concatenate([change, np.log(accents + 0.003)], axis=1)


def _explained(evidence: Array, metre: int) -> Array:
    """Share of each feature's variance that the place in the bar explains, adjusted for how many places."""
    n = len(evidence)
    place = np.arange(n) % metre
    within = sum(
        ((evidence[place == p] - evidence[place == p].mean(axis=0)) ** 2).sum(axis=0) for p in range(metre)
    )
    total = np.maximum(evidence.var(axis=0), SMALLEST_SPREAD**2)
    share = (evidence.var(axis=0) - within / n) / total
    return np.asarray(1 - (1 - share) * (n - 1) / max(1, n - metre))


def _choose(explained: dict[int, float], accents: dict[int, float], *, six: bool) -> int:
    """Three or four; six or two only when the accents say so.

    Chords that last two bars look like a metre twice as long, so harmony has no say
    between a metre and its double.
    """
    if max(explained[3], explained[6]) > max(explained[2], explained[4]):
        more = accents[6] - max(accents[3], accents[2])
        return 6 if six and more > max(NESTED_GAIN, 0.3 * accents[3]) else 3
    plain = accents[2] > PLAIN_DUPLE and explained[4] - explained[2] < NESTED_GAIN
    return 2 if plain else 4


def _halves_differ(accents: Array) -> bool:
    """Whether, of six beats, the first and the fourth are accented differently, beyond what chance does."""
    for offset in range(3):
        first, fourth = accents[offset::6], accents[offset + 3 :: 6]
        if len(fourth) < 2:
            return False
        apart = np.abs(first.mean(axis=0) - fourth.mean(axis=0))
        error = np.sqrt(first.var(axis=0, ddof=1) / len(first) + fourth.var(axis=0, ddof=1) / len(fourth))
        if np.any((apart > SMALLEST_SPREAD[ACCENTS]) & (apart > SIGNIFICANT * error)):
            return True
    return False


def _positions(downness: Array, metre: int) -> list[int]:
    """Count the bars through; a slip in the count costs as much as several weak downbeats."""
    gains = np.full((len(downness), metre), -1.0 / max(1, metre - 1)) * downness[:, None]
    gains[:, 0] = downness
    moves = np.full((metre, metre), -SLIP)
    moves[np.arange(metre), (np.arange(metre) + 1) % metre] = 0.0
    return [int(place) + 1 for place in best_path(gains, moves)]


def _margin(explained: dict[int, float], metre: int) -> float:
    rivals = [value for other, value in explained.items() if other % metre and metre % other]
    return min(0.97, explained[metre] / 0.3) * min(1.0, 0.3 + (explained[metre] - max(rivals)) / 0.1)


def _phase_margin(downness: Array, positions: list[int], metre: int) -> float:
    place = np.array(positions)
    means = [float(downness[place == p].mean()) if (place == p).any() else -9.0 for p in range(1, metre + 1)]
    error = float(downness.std()) / np.sqrt(max(1, len(downness) / metre))
    return float(np.clip((means[0] - max(means[1:])) / max(4 * error, 0.5), 0.0, 0.97))
