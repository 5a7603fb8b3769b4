"""When the beats fall: dynamic programming over onset strength, then each beat moved to its onset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sfa.readings.reading import Reading, not_taken, taken

Array = npt.NDArray[np.float64]

FEWEST = 4
KICK_RATIO = 1.0
TIGHTNESS = 300.0
WINDOW_S = 0.045
NEIGHBOURS = 4
LATENESS_S = 0.002  # by which the strongest frame follows the attack of a drum; more for soft tones
METHOD = "dynamic programming over onset strength (Ellis 2007) with a local period, refined between frames"


@dataclass(frozen=True, slots=True)
class Beats:
    times_s: list[float]
    positions: list[int]  # place in the bar, 1 = downbeat; 0 where the bars are not known


@dataclass(frozen=True, slots=True)
class Grid:
    """Beats without their place in the bar."""

    times_s: Array
    steadiness: float  # 0..1: share of beats that an onset falls on


def track_beats(strength: Array, period_s: Array, *, hop_s: float, sounding: tuple[float, float]) -> Grid:
    """Place beats where onsets are strong and a period apart.

    Parameters
    ----------
    strength : array, shape (n,), >= 0
        Onset strength; frame i is at `i * hop_s` seconds.
    period_s : array, shape (n,), seconds
        Local period of the beat.
    sounding : (float, float), seconds
        Beats outside this stretch are dropped.

    Source
    ------
    D. P. W. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36(1), 2007.
    """
    frames = _best_chain(strength / max(float(strength.std()), 1e-9), period_s / hop_s)
    times = _refined(frames, strength, hop_s)
    period = float(np.median(period_s))
    keep = (times >= sounding[0] - 0.2 * period) & (times <= sounding[1] + 0.2 * period) & (times >= 0)
    frames, times = frames[keep], times[keep]
    local = np.array([strength[max(0, f - 3) : f + 4].max(initial=0.0) for f in frames])
    floor = 0.5 * float(np.percentile(strength, 90)) if len(strength) else 0.0
    return Grid(times_s=times, steadiness=float((local > floor).mean()) if len(local) else 0.0)


def kick_is_between(times_s: Array, low: Array, hop_s: float) -> bool:
    """Whether the low band begins halfway between beats rather than on them.

    A bass drum that does tells that the beats are snares, and half as fast as they should be.
    """
    if len(times_s) < 2 * FEWEST:
        return False
    halves = 0.5 * (times_s[1:] + times_s[:-1])
    return _mean_near(halves, low, hop_s) > KICK_RATIO * _mean_near(times_s, low, hop_s)


def _mean_near(times_s: Array, strength: Array, hop_s: float) -> float:
    """Mean over the times of the largest strength within three frames."""
    around = np.round(times_s / hop_s).astype(np.int64)[:, None] + np.arange(-3, 4)
    return float(strength[np.clip(around, 0, len(strength) - 1)].max(axis=1).mean())


def read_beats(
    times_s: Array, positions: list[int], *, sure_of_tempo: float, steadiness: float
) -> Reading[Beats]:
    """State the beats; as sure as the tempo is and as onsets fall on them."""
    if len(times_s) < FEWEST:
        return not_taken("There is no steady pulse that beats could follow.", method=METHOD)
    beats = Beats(times_s=[round(float(t), 4) for t in times_s], positions=list(positions))
    return taken(beats, method=METHOD, confidence=0.5 * sure_of_tempo + 0.5 * steadiness)


def _best_chain(strength: Array, period: Array) -> npt.NDArray[np.int64]:
    """Chain of frames, in order, with the best sum of strengths less the cost of uneven steps.

    No step is shorter than half a period, so half a period of frames is settled at once.
    """
    n = len(strength)
    score, back = strength.copy(), np.full(n, -1, np.int64)
    start = 0
    while start < n:
        here = float(period[start])
        shortest, longest = max(1, round(here / 2)), max(2, round(here * 2))
        stop = min(n, start + shortest)
        steps = np.arange(shortest, longest + 1)
        before = np.arange(start, stop)[:, None] - steps[None, :]
        gain = (
            np.where(before >= 0, score[np.maximum(before, 0)], 0.0) - TIGHTNESS * np.log(steps / here) ** 2
        )
        best = np.argmax(gain, axis=1)
        rows = np.arange(stop - start)
        linked = gain[rows, best] > 0
        score[start:stop] += np.where(linked, gain[rows, best], 0.0)
        chosen = before[rows, best]
        back[start:stop] = np.where(linked & (chosen >= 0), chosen, -1)
        start = stop
    return _walk_back(score, back, period)


def _walk_back(score: Array, back: npt.NDArray[np.int64], period: Array) -> npt.NDArray[np.int64]:
    last = len(score) - max(1, round(float(period[-1])))
    at = max(0, last) + int(np.argmax(score[max(0, last) :]))
    chain = []
    while at >= 0:
        chain.append(at)
        at = int(back[at])
    return np.array(chain[::-1], np.int64)


def _refined(frames: npt.NDArray[np.int64], strength: Array, hop_s: float) -> Array:
    """Times of the onsets next to the beats, smoothed over neighbours by how strong they are."""
    if len(frames) == 0:
        return np.empty(0)
    reach = max(1, round(WINDOW_S / hop_s))
    around = np.clip(frames[:, None] + np.arange(-reach, reach + 1), 1, len(strength) - 2)
    rows = np.arange(len(frames))
    top = around[rows, np.argmax(strength[around], axis=1)]
    left, here, right = strength[top - 1], strength[top], strength[top + 1]
    bend = left - 2 * here + right
    offset = np.where(bend < 0, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0)
    heard = (top + np.clip(offset, -0.5, 0.5)) * hop_s - LATENESS_S
    weight = here / max(float(strength.max()), 1e-9)
    fallback = frames.astype(np.float64) * hop_s - LATENESS_S
    smooth = _local_lines(heard, np.maximum(weight, 1e-3), fallback)
    # A strong onset close by is the beat itself; without one the neighbours know better.
    trust = np.clip(weight / 0.3, 0, 0.5) * (np.abs(heard - smooth) < 0.03)
    return np.asarray(smooth + trust * (heard - smooth))


def _local_lines(heard: Array, weight: Array, fallback: Array) -> Array:
    """Each beat as its neighbours see it: a weighted line over `NEIGHBOURS` beats to either side."""
    n = len(heard)
    if n < 4:
        return heard
    out = np.empty(n)
    for i in range(n):
        low, high = max(0, i - NEIGHBOURS), min(n, i + NEIGHBOURS + 1)
        x, y, w = np.arange(low, high) - i, heard[low:high], weight[low:high].copy()
        for _ in range(2):
            mean_x, mean_y = np.average(x, weights=w), np.average(y, weights=w)
            spread = np.sum(w * (x - mean_x) ** 2)
            slope = np.sum(w * (x - mean_x) * (y - mean_y)) / spread if spread > 0 else 0.0
            off = np.abs(y - (mean_y + slope * (x - mean_x)))
            w = weight[low:high] / (1 + (off / 0.015) ** 2)
        out[i] = mean_y - slope * mean_x if spread > 0 else fallback[i]
    return out
