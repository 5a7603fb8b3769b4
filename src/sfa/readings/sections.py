"""The parts of a piece: stretches of bars that hold together, and which of them are the same music again."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.ndimage

from sfa.readings.reading import Reading, not_taken, taken

Array = npt.NDArray[np.float64]
Bounds = list[tuple[int, int]]

SHORTEST_S, FEWEST_BARS = 16.0, 8
LONGEST_BARS, BAND = 32, 7
LOOP_BARS = 4
HARMONY_SHARE, TIMBRE_SHARE, TIMBRE_FALL = 0.3, 0.6, 2.0
LENGTH_COST = 0.5
SAME, SELF_SAME = 0.72, 0.9
SMALL_BARS, LEAST_BARS = 5, 2
SHIFT_COST = 0.03
METHOD = (
    "bar-wise chroma and MFCC; borders by dynamic programming over self-similarity, favouring 8 and "
    "multiples of 4 bars (after Marmoret 2023); repeats by aligned harmony and timbre, average linkage"
)


@dataclass(frozen=True, slots=True)
class Section:
    start_s: float
    end_s: float
    label: str  # one letter per group, in order of appearance
    group: int
    confidence: float


def read_sections(edges_s: Array, harmony: Array, timbre: Array, *, end_s: float) -> Reading[list[Section]]:
    """Divide a piece into sections.

    Parameters
    ----------
    edges_s : array, shape (n_bars + 1,), seconds
        Ends of the bars.
    harmony : array, shape (n_bars, any), >= 0
        Mean chroma of each bar.
    timbre : array, shape (n_bars, any)
        Mean MFCC and level of each bar, in comparable units (dB).
    end_s : float, seconds
        Where the sound ends; the first section is made to begin at 0 and the last to end here.

    Source
    ------
    A. Marmoret, J. Cohen, F. Bimbot, "Barwise music structure analysis with the correlation block-matching
    segmentation algorithm", TISMIR 2023.
    """
    bars = len(harmony)
    if bars < FEWEST_BARS or end_s < SHORTEST_S:
        return not_taken(f"It is shorter than {FEWEST_BARS} bars or {SHORTEST_S:.0f} seconds.", method=METHOD)
    bounds = _borders(harmony, timbre)
    groups = _groups(bounds, harmony, timbre)
    bounds, groups = _merged(bounds, groups)
    bounds, groups = _joined_halves(bounds, groups)
    if len(bounds) == 1:
        return not_taken("Nothing in it changes enough to divide it.", method=METHOD)
    bounds, groups = _split_repeats(bounds, groups, harmony)
    sure = _contrasts(bounds, timbre, harmony)
    starts = [0.0, *(float(edges_s[start]) for start, _ in bounds[1:])]
    ends = [*starts[1:], end_s]
    order = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    sections = [
        Section(round(start, 4), round(end, 4), letter(order[group]), order[group], round(confidence, 3))
        for start, end, group, confidence in zip(starts, ends, groups, sure, strict=True)
    ]
    return taken(sections, method=METHOD, confidence=float(np.mean(sure)))


def letter(group: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    name = ""
    group += 1
    while group:
        group, rest = divmod(group - 1, 26)
        name = chr(65 + rest) + name
    return name


def _unit(rows: Array) -> Array:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def _spread(timbre: Array) -> float:
    """Typical distance of a bar from the middle; one silent bar does not change it."""
    apart = np.sum((timbre - np.median(timbre, axis=0)) ** 2, axis=1)
    return float(np.sqrt(0.5 * (np.median(apart) + min(apart.mean(), 4 * np.median(apart)))))


def _borders(harmony: Array, timbre: Array) -> Bounds:
    """Cut where the sum over sections of their inner similarity, less the cost of odd lengths, is largest."""
    looped = _unit(scipy.ndimage.uniform_filter1d(harmony, LOOP_BARS, axis=0, mode="nearest"))
    scale = 2 * _spread(timbre) ** 2 + 1e-9
    n = len(harmony)
    sums = []
    for lag in range(1, min(BAND, n - 1) + 1):
        alike = np.sum(looped[lag:] * looped[:-lag], axis=1) ** 4
        near = np.exp(-TIMBRE_FALL * np.sum((timbre[lag:] - timbre[:-lag]) ** 2, axis=1) / scale)
        sums.append(np.concatenate([[0.0], np.cumsum(HARMONY_SHARE * alike + TIMBRE_SHARE * near)]))
    best, back = np.full(n + 1, -np.inf), np.zeros(n + 1, np.int64)
    best[0] = 0.0
    for stop in range(1, n + 1):
        starts = np.arange(max(0, stop - LONGEST_BARS), stop)
        length = stop - starts
        inside = np.zeros(len(starts))
        for lag, running in enumerate(sums, start=1):
            inside += np.where(
                length > lag, running[max(0, stop - lag)] - running[np.minimum(starts, n - lag)], 0.0
            )
        value = best[starts] + 2 * inside / length - LENGTH_COST * _oddness(length)
        back[stop] = starts[int(np.argmax(value))]
        best[stop] = value.max()
    cuts = [n]
    while cuts[-1] > 0:
        cuts.append(int(back[cuts[-1]]))
    cuts = cuts[::-1]
    # What is left at either end is an upbeat or a last chord dying away, no section.
    inner = [cut for cut in cuts[1:-1] if LEAST_BARS < cut < n - LEAST_BARS]
    return list(zip([0, *inner], [*inner, n], strict=True))


def _oddness(bars: npt.NDArray[np.int64]) -> Array:
    return np.where(bars == 8, 0.0, np.where(bars % 4 == 0, 0.25, np.where(bars % 2 == 0, 0.5, 1.0)))


def _alike(a: tuple[int, int], b: tuple[int, int], harmony: Array, apart: float) -> float:
    """How far two sections are the same music, 0..1: harmony bar by bar, and timbre `apart` of them.

    The shorter one may be any part of the longer from a multiple of four bars on: half a verse is a verse.
    """
    timbre = 0.4 * max(0.0, 1 - apart / 0.8)
    if timbre + 0.6 < SAME:
        return timbre
    shorter, longer = sorted((a, b), key=lambda section: section[1] - section[0])
    spare = (longer[1] - longer[0]) - (shorter[1] - shorter[0])
    aligned = max(
        _aligned((longer[0] + part, longer[1]), shorter, harmony, shift) - SHIFT_COST * abs(shift)
        for part in range(0, spare + 1, LOOP_BARS)
        for shift in (-1, 0, 1)
    )
    return timbre + 0.6 * float(np.clip((aligned - 0.6) / 0.35, 0, 1))


def _aligned(a: tuple[int, int], b: tuple[int, int], harmony: Array, shift: int) -> float:
    """Mean similarity of bars, less the worst eighth, when the first begins `shift` bars late (or early)."""
    first, second = harmony[a[0] + max(0, shift) : a[1]], harmony[b[0] + max(0, -shift) : b[1]]
    length = min(len(first), len(second))
    return (
        float(np.mean(np.sort(np.sum(first[:length] * second[:length], axis=1))[length // 8 :]))
        if length
        else 0.0
    )


def _groups(bounds: Bounds, harmony: Array, timbre: Array) -> list[int]:
    """Give sections that are the same music the same number."""
    unit = _unit(np.sqrt(harmony))
    typical = np.array([np.median(timbre[slice(*bound)], axis=0) for bound in bounds]) / (
        _spread(timbre) + 1e-9
    )
    alike = np.zeros((len(bounds), len(bounds)))
    for i, bound in enumerate(bounds):
        apart = np.linalg.norm(typical[:i] - typical[i], axis=1)
        alike[i, :i] = [_alike(bound, other, unit, far) for other, far in zip(bounds[:i], apart, strict=True)]
    return _linked(alike + alike.T, least=SAME)


def _linked(alike: Array, *, least: float) -> list[int]:
    """Number the clusters of average linkage: the most alike are joined while they are above `least`."""
    n = len(alike)
    alike = alike.copy()
    np.fill_diagonal(alike, -np.inf)
    size = np.ones(n)
    cluster = np.arange(n)
    while n > 1:
        first, second = sorted(int(i) for i in np.unravel_index(np.argmax(alike), alike.shape))
        if alike[first, second] <= least:
            break
        joined = size[first] * alike[first] + size[second] * alike[second]
        alike[first] = alike[:, first] = joined / (size[first] + size[second])
        alike[second] = alike[:, second] = alike[first, first] = -np.inf
        size[first] += size[second]
        cluster[cluster == second] = first
    return [int(number) for number in cluster]


def _merged(bounds: Bounds, groups: list[int]) -> tuple[Bounds, list[int]]:
    """Neighbours of one group are one section: the cut between them had no evidence."""
    out: Bounds = []
    kept: list[int] = []
    for bound, group in zip(bounds, groups, strict=True):
        if kept and kept[-1] == group:
            out[-1] = (out[-1][0], bound[1])
        else:
            out.append(bound)
            kept.append(group)
    return out, kept


def _joined_halves(bounds: Bounds, groups: list[int]) -> tuple[Bounds, list[int]]:
    """Two short groups that only ever come together, and more than once, are halves of one section."""
    while (pair := _halves(bounds, groups)) is not None:
        starts = {i for i, both in enumerate(itertools.pairwise(groups)) if both == pair}
        keep = [i for i in range(len(bounds)) if i - 1 not in starts]
        bounds = [(bounds[i][0], bounds[i + 1][1]) if i in starts else bounds[i] for i in keep]
        groups = [groups[i] for i in keep]
    return bounds, groups


def _halves(bounds: Bounds, groups: list[int]) -> tuple[int, int] | None:
    pairs = Counter(itertools.pairwise(groups))
    count = Counter(groups)
    longest: dict[int, int] = {}
    for (start, stop), group in zip(bounds, groups, strict=True):
        longest[group] = max(longest.get(group, 0), stop - start)
    for (first, second), together in pairs.items():
        inseparable = 2 <= together == count[first] == count[second] and first != second
        if inseparable and max(longest[first], longest[second]) <= SMALL_BARS:
            return first, second
    return None


def _split_repeats(bounds: Bounds, groups: list[int], harmony: Array) -> tuple[Bounds, list[int]]:
    """A section that holds another of its group two, three or four times over is that one repeated."""
    unit = _unit(np.sqrt(harmony))
    out: Bounds = []
    numbers: list[int] = []
    for (start, stop), group in zip(bounds, groups, strict=True):
        lengths = _part_lengths(bounds, groups, group)
        part = next((one for one in lengths if _holds(unit[start:stop], one)), stop - start)
        times = max(1, round((stop - start) / part))
        cuts = [start + part * time for time in range(times)]
        out += zip(cuts, [*cuts[1:], stop], strict=True)
        numbers += [group] * times
    return out, numbers


def _part_lengths(bounds: Bounds, groups: list[int], group: int) -> list[int]:
    """Lengths of a group's sections in bars, shortest first; at the ends less an upbeat or last chord."""
    whole = {b - a for (a, b), g in zip(bounds, groups, strict=True) if g == group}
    ends = {(b - a) // LOOP_BARS * LOOP_BARS for (a, b), g in zip(bounds, groups, strict=True) if g == group}
    at_ends = group in (groups[0], groups[-1])
    return sorted(length for length in whole | (ends if at_ends else set()) if length)


def _holds(bars: Array, part: int) -> bool:
    times = round(len(bars) / part)
    if abs(len(bars) - times * part) > 1 or not 2 <= times <= 4 or part < LOOP_BARS:
        return False
    return float(np.mean(np.sum(bars[part:] * bars[:-part], axis=1))) > SELF_SAME


def _contrasts(bounds: Bounds, timbre: Array, harmony: Array) -> list[float]:
    """How clearly each section differs from its neighbours, 0..1."""
    joint = np.concatenate([timbre / (_spread(timbre) + 1e-9), _unit(harmony) * 1.5], axis=1)
    means = np.array([joint[slice(*bound)].mean(axis=0) for bound in bounds])
    spread = np.array([np.sqrt(joint[slice(*bound)].var(axis=0).sum()) for bound in bounds])
    steps = np.linalg.norm(np.diff(means, axis=0), axis=1) / (0.5 * (spread[1:] + spread[:-1]) + 0.3)
    clear = np.clip(steps / 0.9, 0.2, 0.95)
    around = [[*clear[max(0, i - 1) : i + 1]] for i in range(len(bounds))]
    return [float(np.mean(values)) for values in around]
