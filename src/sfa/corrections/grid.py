"""Beats as a person corrected them: pure, from times and places in the bar to times and places in the bar."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from sfa.analysis.rows import Beat
from sfa.corrections.rows import Corrections

# A tempo so near to a multiple of the one that was heard is that multiple of the beats that were heard.
_NEAR = 0.01
_PARTS = (2, 3, 4)


def beats_of(
    heard: Sequence[Beat], said: Corrections, *, bpm: float | None, metre: int | None, end_s: float
) -> list[Beat]:
    """The beats that hold.

    Parameters
    ----------
    heard
        As they were read; may be empty.
    said
        What was corrected.
    bpm
        The tempo that was read.
    metre
        Beats in a bar, corrected or read.
    end_s
        The end of the song.
    """
    if (said.tempo, said.anchor_s, said.downbeat_s, said.beats_per_bar) == (None, None, None, None):
        return list(heard)
    beats, recount = _at_tempo(heard, said, bpm, end_s)
    if not beats:
        return []
    down_s = next((beat.at_s for beat in heard if beat.position == 1), beats[0].at_s)
    if said.anchor_s is not None:
        step_s = step_to_beat(beats, said.anchor_s)
        beats = [_beat(beat.at_s + step_s, beat.position) for beat in beats]
        down_s += step_s
        beats = [beat for beat in beats if 0 <= beat.at_s < end_s]
    if said.downbeat_s is not None:
        down_s, recount = said.downbeat_s, True
    if metre is not None and (recount or said.beats_per_bar is not None):
        beats = _counted(beats, down_s, metre)
    return beats


def nearest(beats: Sequence[Beat], at_s: float) -> int:
    """The index of the beat that is nearest in time. There must be one."""
    after = bisect.bisect_left([beat.at_s for beat in beats], at_s)
    near = [index for index in (after - 1, after) if 0 <= index < len(beats)]
    return min(near, key=lambda index: abs(beats[index].at_s - at_s))


def period_at(beats: Sequence[Beat], index: int) -> float:
    """Seconds from beat to beat around one of them; half a second where there is only one."""
    around = beats[max(0, index - 4) : index + 5]
    gaps = [after.at_s - before.at_s for before, after in pairwise(around)]
    return median(gaps) if gaps else 0.5


def step_to_beat(beats: Sequence[Beat], at_s: float) -> float:
    """By how much all beats have to move, half a beat at most, for one to be at `at_s`."""
    index = nearest(beats, at_s)
    away_s, period_s = at_s - beats[index].at_s, period_at(beats, index)
    return away_s - round(away_s / period_s) * period_s


def _at_tempo(
    heard: Sequence[Beat], said: Corrections, bpm: float | None, end_s: float
) -> tuple[list[Beat], bool]:
    """The beats at the corrected tempo, and whether their places in the bar have to be counted anew."""
    if said.tempo is None:
        return list(heard), False
    ratio = said.tempo.bpm / bpm if bpm else 0.0
    if not said.tempo.steady and len(heard) > 1 and ratio:
        if abs(ratio - 1) <= _NEAR:
            return list(heard), False
        for parts in _PARTS:
            if abs(ratio / parts - 1) <= _NEAR:
                return _divided(heard, parts), True
            if abs(ratio * parts - 1) <= _NEAR:
                return _thinned(heard, parts), True
    first = next((beat for beat in heard if beat.position == 1), heard[0] if heard else None)
    start_s = said.anchor_s if said.anchor_s is not None else first.at_s if first else 0.0
    return _even(said.tempo.bpm, start_s, end_s), True


def _even(bpm: float, through_s: float, end_s: float) -> list[Beat]:
    period_s = 60 / bpm
    before = math.floor(through_s / period_s + 1e-9)
    count = max(0, math.ceil((end_s - through_s) / period_s - 1e-9)) + before
    # From the anchor on, never summed up: a long song must not drift.
    return [_beat(max(0.0, through_s + (index - before) * period_s), 0) for index in range(count)]


def _divided(heard: Sequence[Beat], parts: int) -> list[Beat]:
    beats = []
    for before, after in pairwise(heard):
        step_s = (after.at_s - before.at_s) / parts
        beats += [_beat(before.at_s + part * step_s, 0 if part else before.position) for part in range(parts)]
    return [*beats, heard[-1]]


def _thinned(heard: Sequence[Beat], parts: int) -> list[Beat]:
    """Every so-many-th beat, so that as many downbeats as can be stay beats."""
    downs = [sum(beat.position == 1 for beat in heard[first::parts]) for first in range(parts)]
    return list(heard[downs.index(max(downs)) :: parts])


def _counted(beats: Sequence[Beat], down_s: float, metre: int) -> list[Beat]:
    if not beats:
        return []
    first = nearest(beats, down_s)
    # A bar may begin before the first beat that was heard.
    first += round((down_s - beats[first].at_s) / period_at(beats, first))
    return [Beat(beat.at_s, (index - first) % metre + 1) for index, beat in enumerate(beats)]


def _beat(at_s: float, position: int) -> Beat:
    """Finer than anybody hears, and short where it is written out."""
    return Beat(round(at_s, 4), position)
