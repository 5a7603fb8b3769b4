from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sfa.demo.articulation import course_of, gestures_of
from sfa.demo.melody import SungNote, melody
from sfa.demo.phonemes import CONSONANTS
from sfa.demo.tape import Chance
from tests.demo.paper import form_of


def test_vowels_start_on_the_beat_and_consonants_before_it() -> None:
    line = gestures_of([SungNote(1.0, 1.8, 60, ("s", "iy"))])
    assert [gesture.consonant for gesture in line] == [CONSONANTS["s"], None]
    assert line[0].end_s == pytest.approx(1.0)
    assert (line[1].start_s, line[1].end_s) == (1.0, pytest.approx(1.8))


@pytest.mark.parametrize("bpm", [50, 118, 200])
def test_gestures_follow_each_other_and_leave_every_vowel_time(bpm: float) -> None:
    for phrase in melody(form_of(bpm=bpm)):
        line = gestures_of(phrase)
        assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(line))
        assert all(g.end_s - g.start_s > 0.01 for g in line)


def test_the_voice_falls_silent_for_voiceless_consonants() -> None:
    notes = [SungNote(1.0, 1.5, 60, ("aa",)), SungNote(1.5, 2.0, 60, ("s", "aa"))]
    course = course_of(notes, form_of().hz, Chance(0, "test"))
    clock = course.start_s + np.arange(len(course.voice)) * 256 / 44100
    assert course.voice[np.abs(clock - 1.45).argmin()] < 0.05
    assert course.voice[np.abs(clock - 1.25).argmin()] > 0.6


def test_the_first_formant_never_lies_below_the_note() -> None:
    form = form_of()
    course = course_of([SungNote(1.0, 2.0, 84, ("iy",))], form.hz, Chance(0, "test"))
    sung = [form.hz(pitch) for pitch in course.pitch]
    assert np.all(course.formants_hz[:, 0] >= sung)
    assert np.all(np.diff(course.formants_hz, axis=1) > 0)


def test_long_notes_gain_vibrato_and_short_ones_do_not() -> None:
    def sway(length_s: float) -> float:
        course = course_of([SungNote(1.0, 1.0 + length_s, 60, ("aa",))], form_of().hz, Chance(0, "test"))
        clock = course.start_s + np.arange(len(course.pitch)) * 256 / 44100
        late = (clock > 1 + 0.6 * length_s) & (clock < 1 + length_s)
        return float(np.ptp(course.pitch[late]))

    assert 0.4 < sway(2.0) < 1.0
    assert sway(0.4) < 0.15
