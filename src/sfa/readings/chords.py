"""Chords over beats: templates on note strengths, and the likeliest path through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sfa.readings.chroma import Notes
from sfa.readings.names import chord_name
from sfa.readings.reading import Reading, not_taken, taken

Array = npt.NDArray[np.float64]

STEPS = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus4": (0, 5, 7),
    "5": (0, 7),
}
RARITY = {
    "maj": 0.0,
    "min": 0.0,
    "7": 0.02,
    "maj7": 0.02,
    "min7": 0.02,
    "dim": 0.04,
    "aug": 0.08,
    "sus4": 0.05,
    "5": 0.12,
}
THIRDLESS = ("sus4", "5")
STATES = [(root, kind) for kind in STEPS for root in range(12)]
NONE = len(STATES)
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10, 11)}

THIRD, SEVENTH = 0.85, 0.9
BASS_SHARE = 0.3
SHARPNESS = 12.0
CHANGE, CHANGE_ON_DOWNBEAT, CHANGE_OFF_BEAT = 4.0, 2.0, 5.0
OUTSIDE_KEY = 0.03
NO_CHORD, NO_CHORD_NOISE, TONAL, SILENT = 0.66, 0.3, 0.35, 9.0
SLOW_BEAT_S, WITHOUT_BEATS_S, LEAST_TIME_S = 0.55, 0.5, 0.8
METHOD = (
    "templates for maj, min, 7, maj7, min7, dim, aug, sus4 and 5 on beat-wise constant-Q spectra explained "
    "by notes (non-negative sparse coding, bass and treble apart); Viterbi with a cost of change, less on "
    "downbeats, and a weak preference for the key"
)


@dataclass(frozen=True, slots=True)
class Chord:
    start_s: float
    end_s: float
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class ChordPath:
    """The likeliest states, and what they were chosen by."""

    states: npt.NDArray[np.int64]  # (n,): an index into `STATES`, or `NONE`
    fits: Array  # (n, n_states + 1): log likelihood of each state in each stretch
    change: Array  # (n,): cost of a change as a stretch begins


@dataclass(frozen=True, slots=True)
class Stretches:
    """Time cut at the beats, and at half beats when they are slow; without beats, at every half second."""

    edges_s: Array  # (n + 1,)
    beat: npt.NDArray[np.int64]  # (n,): which beat begins here; -1 when none does


def cut(times_s: Array, duration_s: float) -> Stretches:
    """Cut the whole duration into stretches short enough for one chord each."""
    if len(times_s) < 2:
        edges = np.append(
            np.arange(0, max(duration_s - WITHOUT_BEATS_S / 2, 1e-6), WITHOUT_BEATS_S), duration_s
        )
        return Stretches(edges, np.full(len(edges) - 1, -1))
    interval = float(np.median(np.diff(times_s)))
    parts = 2 if interval > SLOW_BEAT_S else 1
    index = np.arange(0, len(times_s) - 1 + 0.5 / parts, 1 / parts)
    inner = np.interp(index, np.arange(len(times_s)), times_s)
    beat = np.where(np.arange(len(index)) % parts == 0, np.arange(len(index)) // parts, -1)
    step = interval / parts
    lead = np.arange(inner[0] - step, 0.5 * step, -step)[::-1]
    tail = np.arange(inner[-1] + step, duration_s - 0.5 * step, step)
    begins = np.concatenate([lead, inner, tail])
    beat = np.concatenate([np.full(len(lead), -1), beat, np.full(len(tail), -1)])
    kept = begins < duration_s - 0.1 * step
    begins, beat = begins[kept], beat[kept]
    if begins[0] <= 0.1 * step:
        begins[0] = 0.0
    else:
        begins, beat = np.append(0.0, begins), np.append(-1, beat)
    return Stretches(np.append(begins, duration_s), beat)


def costs_of_change(stretches: Stretches, positions: list[int]) -> Array:
    """What a change of chord costs as each stretch begins: least on downbeats, most between beats."""
    cost = np.full(len(stretches.beat), CHANGE)
    if positions:
        place = np.array([*positions, -1])[stretches.beat]
        cost[place == 1] = CHANGE_ON_DOWNBEAT
        cost[stretches.beat < 0] = CHANGE_OFF_BEAT
    return cost


def find_chords(notes: Notes, *, change: Array, key: tuple[int, str] | None) -> ChordPath:
    """Find the likeliest sequence of chords, one per stretch of `notes`.

    Parameters
    ----------
    change : array, shape (n,)
        From `costs_of_change`.
    key : (pitch class, mode) or None
    """
    fits = SHARPNESS * _fits(notes, key)
    return ChordPath(states=_likeliest(fits, change), fits=fits, change=change)


def read_chords(
    path: ChordPath, edges_s: Array, names: tuple[str, ...], *, steady: bool
) -> Reading[list[Chord]]:
    """Join equal neighbours and name them with the note names of the key.

    Parameters
    ----------
    edges_s : array, shape (n + 1,), seconds
        Ends of the stretches.
    steady : bool
        Whether the stretches follow beats.
    """
    states = path.states
    if edges_s[-1] < LEAST_TIME_S:
        return not_taken(
            f"The sound is shorter than the {LEAST_TIME_S:g} seconds that chords take.", method=METHOD
        )
    if np.all(states == NONE):
        return not_taken("No chords sound together long enough to be named.", method=METHOD)
    starts = np.flatnonzero(np.concatenate([[True], states[1:] != states[:-1]]))
    probability = _probabilities(path.fits, path.change)
    chords, weights = [], []
    for start, stop in zip(starts, [*starts[1:], len(states)], strict=True):
        state = int(states[start])
        label = "N" if state == NONE else chord_name(*STATES[state], names)
        sure = float(probability[start:stop, state].mean())
        begin, end = float(edges_s[start]), float(edges_s[stop])
        chords.append(Chord(round(begin, 4), round(end, 4), label, round(sure, 3)))
        weights.append(end - begin)
    overall = float(np.average([chord.confidence for chord in chords], weights=weights))
    return taken(
        chords,
        method=METHOD if steady else f"{METHOD}; no beat, so cut at every half second",
        confidence=overall,
    )


def triad_shares(path: ChordPath, edges_s: Array) -> tuple[Array, list[int]]:
    """Share of chord time on each of 12 major and 12 minor triads; the first and the last of them.

    Chords without a third count half for either.
    """
    shares = np.zeros(24)
    ends: list[int] = []
    for state, length in zip(path.states, np.diff(edges_s), strict=True):
        if state != NONE:
            root, kind = STATES[int(state)]
            if kind in THIRDLESS:
                shares[[root, root + 12]] += length / 2
                continue
            triad = root + 12 * (kind in ("min", "min7", "dim"))
            shares[triad] += length
            ends = [*ends[:1], triad]
    return shares / max(float(shares.sum()), 1e-9), ends


def _fits(notes: Notes, key: tuple[int, str] | None) -> Array:
    """How well each state explains each stretch, about 0..1.3; shape (n, n_states + 1)."""
    treble = notes.treble / np.maximum(np.linalg.norm(notes.treble, axis=1, keepdims=True), 1e-9)
    bass = notes.bass / np.maximum(notes.bass.max(axis=1, keepdims=True), 1e-9)
    roots = np.array([root for root, _ in STATES])
    plain = treble @ _templates().T - _rarity(key)
    fits = plain + BASS_SHARE * bass[:, roots]
    # Noise and drums spread over all notes and keep to no tuning: a chord must fit very well to be named.
    needed = NO_CHORD + NO_CHORD_NOISE * np.clip(1 - notes.tonal / TONAL, 0, 1)
    best = np.argmax(fits, axis=1)
    none = needed + BASS_SHARE * bass[np.arange(len(bass)), roots[best]]
    none[treble.sum(axis=1) == 0] = SILENT
    return np.concatenate([fits, none[:, None]], axis=1)


def _templates() -> Array:
    out = np.zeros((len(STATES), 12))
    for state, (root, kind) in enumerate(STATES):
        for step in STEPS[kind]:
            weight = SEVENTH if step in (10, 11) else THIRD if step in (3, 4, 5) else 1.0
            out[state, (root + step) % 12] = weight
    return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True))


def _rarity(key: tuple[int, str] | None) -> Array:
    out = np.array([RARITY[kind] for _, kind in STATES])
    if key is not None:
        inside = {(key[0] + step) % 12 for step in SCALES[key[1]]}
        outside = [sum((root + step) % 12 not in inside for step in STEPS[kind]) for root, kind in STATES]
        out += OUTSIDE_KEY * np.minimum(outside, 2)
    return out


def _likeliest(fits: Array, change: Array) -> npt.NDArray[np.int64]:
    """Viterbi where every change costs the same, which makes a step linear in the number of states."""
    n, states = fits.shape
    came = np.zeros((n, states), np.int64)
    best = fits[0].copy() if n else np.empty(0)
    stay = np.arange(states)
    for step in range(1, n):
        leader = int(np.argmax(best))
        moved = best[leader] - change[step]
        came[step] = np.where(best >= moved, stay, leader)
        best = np.maximum(best, moved) + fits[step]
    path = np.zeros(n, np.int64)
    if n:
        path[-1] = int(np.argmax(best))
    for step in range(n - 1, 0, -1):
        path[step - 1] = came[step, path[step]]
    return path


def _probabilities(fits: Array, change: Array) -> Array:
    """Probability of each state in each stretch given all stretches (forward-backward), same costs."""
    n, states = fits.shape
    emit = np.exp(fits - fits.max(axis=1, keepdims=True))
    move = np.exp(-change)
    forward, backward = np.empty((n, states)), np.ones((n, states))
    for step in range(n):
        before = forward[step - 1] if step else np.full(states, 1.0 / states)
        reached = before + move[step] * before.sum()
        forward[step] = reached * emit[step]
        forward[step] /= forward[step].sum()
    for step in range(n - 2, -1, -1):
        coming = backward[step + 1] * emit[step + 1]
        backward[step] = coming + move[step + 1] * coming.sum()
        backward[step] /= backward[step].sum()
    both = forward * backward
    return np.asarray(both / np.maximum(both.sum(axis=1, keepdims=True), 1e-300))
