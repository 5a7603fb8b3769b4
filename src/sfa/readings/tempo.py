"""How fast: the period of the pulse, its octaves, and the tempo that the tracked beats keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.ndimage

from sfa.readings.reading import Reading, not_taken, taken
from sfa.readings.spectra import Floats

SLOWEST_BPM, FASTEST_BPM = 40.0, 240.0
USUAL_BPM, USUAL_OCTAVES = 125.0, 0.75
SHORTEST_S, FEWEST_BEATS = 3.0, 4
NEAR_OCTAVES = 0.06
LEAST_CLARITY, CHANCE = 0.08, 1.0
BAR_SHARE, SPLIT_BEAT, EVEN_SPLIT = 0.7, 0.4, 0.3
WINDOW_S, STEP_S = 12.0, 3.0
RELATED = (0.5, 2.0, 1 / 3, 3.0, 2 / 3, 1.5)
METHOD = (
    "autocorrelation of onset strength in three bands, weighed by how usual a tempo is (log-normal around "
    "125 BPM); then a robust line through the tracked beats"
)

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Alternative:
    bpm: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Tempo:
    bpm: float
    alternatives: list[Alternative]  # other metrical levels, likeliest first


@dataclass(frozen=True, slots=True)
class Period:
    """The pulse as autocorrelation sees it."""

    bpm: float
    clarity: float  # 0..1: how much of the onset strength comes back after one period
    share: float  # 0..1: how clearly this level beats its octaves
    alternatives: list[Alternative]
    path_s: Array  # (n_frames,): local period


def onset_strength(rise: Floats, hop_s: float) -> Array:
    """Add up the bands so that kick, voice and cymbal count alike, whatever the level.

    Parameters
    ----------
    rise : array, shape (n, 3)
        Growth in the low, middle and high bands (`Pulse.rise`).

    Returns
    -------
    array, shape (n, 3)
        Low, middle and all bands, each free of its local mean and divided by its local strength.
    """
    parts = np.stack([rise[:, 0], rise[:, 1], rise.sum(axis=1)], axis=1).astype(np.float64)
    second, eight = max(1, round(1 / hop_s)), max(1, round(8 / hop_s))
    over = np.maximum(parts - scipy.ndimage.uniform_filter1d(parts, second, axis=0), 0)
    square = np.maximum(scipy.ndimage.uniform_filter1d(over**2, eight, axis=0), 0)
    floor = 0.05 * np.sqrt(square.max(axis=0, initial=0)) + 1e-3
    return np.asarray(scipy.ndimage.gaussian_filter1d(over / (np.sqrt(square) + floor), 1.3, axis=0))


def find_period(strength: Array, hop_s: float, *, near_bpm: float | None = None) -> Period | str:
    """Find the period of the beat, or say in a sentence why there is none.

    A period scores by how well onsets repeat after it, after three or four of it
    and after half of it, times how usual the tempo is.

    Parameters
    ----------
    strength : array, shape (n, 3)
        From `onset_strength`.
    hop_s : float, seconds
    near_bpm : float, optional
        Look for a tempo within 4 % of this one only.
    """
    if len(strength) * hop_s < SHORTEST_S:
        return f"The sound is shorter than the {SHORTEST_S:.0f} seconds that a tempo takes."
    if np.count_nonzero(_peaks(strength[:, 2])) < 4:
        return "Too little begins in this sound to make a pulse."
    bpm = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 360)
    repeats = _repeats(strength, round(4.2 * 60 / SLOWEST_BPM / hop_s))
    score, plain = _scores(repeats, bpm, hop_s)
    allowed = np.abs(np.log2(bpm / near_bpm)) < NEAR_OCTAVES if near_bpm else np.ones(len(bpm), np.bool_)
    best = int(np.argmax(np.where(allowed, score, -1.0)))
    clarity = float(plain[best])
    # Onsets at random times repeat by chance, the more so the fewer there are.
    if clarity < max(LEAST_CLARITY, CHANCE / np.sqrt(2 * len(strength) * hop_s)) or score[best] <= 0:
        return "There is no steady pulse."
    alternatives = _alternatives(bpm, score, best)
    total = score[best] + sum(a.confidence for a in alternatives)
    return Period(
        bpm=float(bpm[best]),
        clarity=clarity,
        share=float(score[best] / total),
        alternatives=[Alternative(a.bpm, float(a.confidence / total)) for a in alternatives],
        path_s=_local_periods(strength, 60 / float(bpm[best]), hop_s),
    )


def read_tempo(times_s: Array, period: Period, *, steadiness: float) -> Reading[Tempo]:
    """State the tempo that the beats keep, and its other metrical levels.

    Parameters
    ----------
    times_s : array, shape (n_beats,), seconds
    steadiness : float, 0..1
        How closely onsets follow the beats.
    """
    if len(times_s) < FEWEST_BEATS:
        return not_taken(f"Fewer than {FEWEST_BEATS} beats were found.", method=METHOD)
    bpm = 60 / typical_interval(times_s)
    scale = bpm / period.bpm
    alternatives = [Alternative(round(a.bpm * scale, 2), round(a.confidence, 3)) for a in period.alternatives]
    usual = np.exp(-0.25 * (np.log2(bpm / USUAL_BPM) / USUAL_OCTAVES) ** 2)
    sure = min(0.97, period.clarity / 0.35) * (0.4 + 0.6 * steadiness) * min(1.0, period.share / 0.6) * usual
    return taken(Tempo(bpm=round(bpm, 2), alternatives=alternatives), method=METHOD, confidence=sure)


def typical_interval(times_s: Array) -> float:
    """Time from beat to beat, seconds: slope of a line through all beats, or the median of local ones.

    A performance that keeps one tempo lies on one line, which averages every beat's
    error away; one that drifts does not, and then the median of short stretches is
    what a listener would tap.
    """
    index = np.arange(len(times_s))
    slope, offset = np.polyfit(index, times_s, 1)
    off = np.abs(times_s - (slope * index + offset))
    if np.median(off) < 0.03 and off.max() < 0.12:
        keep = off <= max(0.01, 2.5 * float(np.median(off)))
        return float(np.polyfit(index[keep], times_s[keep], 1)[0])
    span = min(16, len(times_s) - 1)
    return float(np.median((times_s[span:] - times_s[:-span]) / span))


def _peaks(strength: Array) -> npt.NDArray[np.bool_]:
    inner = (strength[1:-1] > strength[:-2]) & (strength[1:-1] >= strength[2:])
    return np.asarray(inner & (strength[1:-1] > 0.2 * strength.max()))


def _repeats(strength: Array, lags: int) -> Array:
    """Normalised autocorrelation per band, shape (3, lags); widened by a frame for periods between lags."""
    n = len(strength)
    centred = strength - strength.mean(axis=0)
    spectrum = np.fft.rfft(centred, 2 * n, axis=0)
    raw = np.fft.irfft(np.abs(spectrum) ** 2, axis=0)[: min(n, lags)].T
    raw = raw * n / (n - np.arange(raw.shape[1]))
    out = np.zeros((raw.shape[0], lags))
    reliable = min(raw.shape[1], max(2, int(0.8 * n)))
    out[:, :reliable] = raw[:, :reliable] / np.maximum(raw[:, :1], 1e-9)
    return np.asarray(scipy.ndimage.maximum_filter1d(out, 3, axis=1))


def _scores(repeats: Array, bpm: Array, hop_s: float) -> tuple[Array, Array]:
    """Score of each tempo, and how well onsets repeat after one period of it.

    Kick and snare that also repeat after half a period speak for the faster level;
    a hi-hat that does speaks for this one, because most beats are divided.
    """
    lag = 60 / bpm / hop_s
    grid = np.arange(repeats.shape[1])

    def after(periods: float) -> Array:
        return np.array([np.maximum(-0.1, np.interp(lag * periods, grid, band)) for band in repeats])

    plain = after(1).mean(axis=0)
    bar = np.minimum(np.maximum(after(3).mean(axis=0), after(4).mean(axis=0)), 3 * np.maximum(plain, 0))
    half = after(0.5)
    score = plain + BAR_SHARE * bar - SPLIT_BEAT * half[:2].mean(axis=0) + EVEN_SPLIT * half[2]
    usual = np.exp(-0.5 * (np.log2(bpm / USUAL_BPM) / USUAL_OCTAVES) ** 2)
    return np.maximum(score, 0) * usual, plain


def _alternatives(bpm: Array, score: Array, best: int) -> list[Alternative]:
    """The best period near each simple ratio of the winner; half and double always stand in the list."""
    found = []
    for ratio in RELATED:
        wanted = bpm[best] * ratio
        if not SLOWEST_BPM * 0.75 <= wanted <= FASTEST_BPM * 1.25:
            continue
        near = np.abs(np.log2(bpm / wanted)) < 0.05
        value = float(score[near].max(initial=0.0))
        if ratio in (0.5, 2.0) or value > 0.25 * score[best]:
            found.append(Alternative(float(wanted), value))
    return sorted(found, key=lambda a: -a.confidence)


def _local_periods(strength: Array, period_s: float, hop_s: float) -> Array:
    """Follow the period through time, half an octave to either side; one value per frame.

    The path is the best one through windows of 12 s, where change costs.
    """
    n = len(strength)
    window, step = round(WINDOW_S / hop_s), round(STEP_S / hop_s)
    if n < 2 * window:
        return np.full(n, period_s)
    ratios = np.geomspace(0.72, 1.38, 66)
    lags = round(2 * 1.4 * period_s / hop_s) + 2
    starts = range(0, n - window + 1, step)
    gains = np.empty((len(starts), len(ratios)))
    for row, start in enumerate(starts):
        repeats = _repeats(strength[start : start + window], lags).mean(axis=0)
        grid = np.arange(lags)
        once, twice = (np.interp(ratios * period_s * k / hop_s, grid, repeats) for k in (1, 2))
        gains[row] = np.maximum(once, 0) + 0.5 * np.maximum(twice, 0)
    moves = 0.08 * np.abs(np.subtract.outer(np.arange(len(ratios)), np.arange(len(ratios))))
    home = 0.02 * np.abs(np.log(ratios) / np.log(ratios[1] / ratios[0]))
    path = best_path(gains - home, -moves)
    centres = np.array(starts) + window / 2
    return np.interp(np.arange(n), centres, ratios[path] * period_s)


def best_path(gains: Array, moves: Array) -> npt.NDArray[np.int64]:
    """Viterbi: the row-by-row choice of columns with the largest sum of gains and moves.

    Parameters
    ----------
    gains : array, shape (n_steps, n_states)
    moves : array, shape (n_states, n_states)
        Gain (mostly negative) of going from row to column.
    """
    came = np.zeros(gains.shape, np.int64)
    best = gains[0].copy()
    for step in range(1, len(gains)):
        options = best[:, None] + moves
        came[step] = np.argmax(options, axis=0)
        best = options[came[step], np.arange(gains.shape[1])] + gains[step]
    path = np.empty(len(gains), np.int64)
    path[-1] = int(np.argmax(best))
    for step in range(len(gains) - 1, 0, -1):
        path[step - 1] = came[step, path[step]]
    return path
