from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sfa.readings.sections import letter
from tests import sound
from tests.readings.hearing import music, share_found

BAR_S = 2.0
PARTS = {
    "A": [(0, "maj"), (9, "min"), (5, "maj"), (7, "maj")],
    "B": [(2, "min"), (10, "maj"), (4, "min"), (9, "7")],
    "C": [(8, "maj"), (3, "maj"), (1, "maj"), (8, "maj")],
}


def song(form, bars=8):
    """Every part has its own chords; B and C have drums as well."""
    parts = []
    for part in form:
        played = sound.progression(PARTS[part] * (bars // 4), BAR_S, strikes=4)
        if part in "BC":
            played = played + sound.drums(120, len(played) / sound.RATE_HZ, first_s=0.0)[: len(played)]
        parts.append(played)
    return np.concatenate(parts)


@pytest.mark.parametrize("form", ["AABA", "ABAB", "ABACAB"])
def test_parts_are_found_and_repeats_share_a_letter(form):
    sections = music(song(form)).sections.value
    assert "".join(section.label for section in sections) == form
    borders = np.array([section.start_s for section in sections][1:])
    assert share_found(borders, np.arange(1, len(form)) * 8 * BAR_S, 0.3) == 1.0


def test_the_same_sound_with_other_chords_is_another_part():
    verse, bridge = (sound.progression(PARTS[part] * 2, BAR_S, strikes=4) for part in "AC")
    sections = music(np.concatenate([verse, bridge, verse])).sections.value
    assert [section.group for section in sections] == [0, 1, 0]


def test_sections_cover_the_whole_and_borders_are_downbeats():
    found = music(song("ABA"))
    sections, beats = found.sections.value, found.beats.value
    downbeats = np.array(beats.times_s)[np.array(beats.positions) == 1]
    assert sections[0].start_s == 0.0
    assert sections[-1].end_s == pytest.approx(48.0, abs=0.01)
    for before, after in pairwise(sections):
        assert before.end_s == after.start_s
        assert np.abs(downbeats - after.start_s).min() < 0.001


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (sound.progression(PARTS["A"], 1.0), "shorter than"),
        (sound.progression(PARTS["A"] * 10, 1.0, strikes=2), "changes enough"),
        (sound.silence(60), "silent"),
    ],
    ids=["four seconds", "one loop", "silence"],
)
def test_what_has_no_parts_is_not_divided(what, reason):
    sections = music(what).sections
    assert sections.value is None
    assert reason in sections.absent


def test_letters_go_on_after_z():
    assert [letter(n) for n in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]
