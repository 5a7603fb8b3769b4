"""Notes with a known key, and what is said of them."""

from __future__ import annotations

import pytest

from sfa.analysis import KeyEvidence
from sfa.analysis.rows import Key
from sfa.plots import chroma, tonality
from sfa.plots.series import Series
from sfa.plots.tonality import Tonality
from sfa.readings import key as key_of_sound
from tests.plots.paper import brightness

C_MAJOR, A_MINOR, D_MAJOR = Tonality(0), Tonality(21), Tonality(2)


def sounding(*stretches):
    """A chroma curve, ten points a second, of keys that sound as their profiles expect."""
    columns = []
    for key, seconds in stretches:
        low = min(key.profile)
        notes = [(value - low) / (max(key.profile) - low) for value in key.profile]
        columns += [notes] * (10 * seconds)
    return Series([list(row) for row in zip(*columns, strict=True)], 0.1, 0.05)


def evidence(strength, **scores):
    fits = [tonality.correlation(strength, Tonality(n).profile) for n in range(24)]
    return KeyEvidence(
        list(strength), fits, [scores.get(Tonality(n).name.replace(" ", "_"), fits[n]) for n in range(24)]
    )


def test_the_profiles_are_those_that_the_readings_go_by():
    assert tuple(key_of_sound.PROFILES.values()) == tonality.PROFILES


@pytest.mark.parametrize(
    ("tonic", "mode", "n"),
    [("C", "major", 0), ("A", "minor", 21), ("F#", "major", 6), ("Bb", "minor", 22), ("Cb", "major", 11)],
)
def test_a_key_is_found_by_its_name(tonic, mode, n):
    assert tonality.tonality_of(Key(tonic, mode, "1A", 1.0, None)) == Tonality(n)


def test_a_key_and_its_relative_have_the_same_notes_in_one_belt():
    for key in (C_MAJOR, A_MINOR):
        order = tonality.by_fifths(key)
        assert sorted(order) == list(range(12))
        inside = [note in tonality.in_key(key) for note in order]
        assert inside == [False] * 2 + [True] * 7 + [False] * 3
    assert tonality.in_key(A_MINOR) == {0, 2, 4, 5, 7, 9, 11}


def test_notes_are_spelt_as_the_key_has_them():
    assert tonality.note_names(Tonality(5))[10] == "B♭"
    assert tonality.note_names(Tonality(4))[8] == "G♯"


def test_the_lowest_row_of_the_picture_is_the_lowest_note_asked_for():
    rows = [[0.0] * 4 for _ in range(12)]
    rows[7] = [1.0, 1.0, 0.0, 0.0]  # G for the first half
    seen = brightness(chroma.picture(Series(rows, 1.0, 0.5), 4.0, 0, "dark"))
    assert len(seen) == 12
    assert seen[-2][0] > 0.9  # a fifth above C, which is at the bottom
    assert seen[-2][3] < 0.1
    assert max(row[0] for i, row in enumerate(seen) if i != 10) < 0.1


def test_a_song_that_stays_never_leaves_the_key():
    stays = tonality.stays(sounding((C_MAJOR, 60)), 60.0, C_MAJOR)
    assert [stay.key for stay in stays] == [C_MAJOR]
    assert chroma.finding(C_MAJOR, None, stays) == "The key is C major. It never leaves the key."


def test_a_song_that_modulates_says_where_to_and_when():
    stays = tonality.stays(sounding((C_MAJOR, 60), (D_MAJOR, 40)), 100.0, C_MAJOR)
    assert [stay.key for stay in stays] == [C_MAJOR, D_MAJOR]
    assert stays[1].start_s == pytest.approx(60, abs=4)
    assert "It modulates to D major at 1:00 and stays there." in chroma.finding(C_MAJOR, None, stays)


def test_a_song_that_comes_back_says_so():
    stays = tonality.stays(sounding((C_MAJOR, 60), (D_MAJOR, 40), (C_MAJOR, 60)), 160.0, C_MAJOR)
    assert "It modulates: D major from 1:00 to 1:40." in chroma.finding(C_MAJOR, None, stays)
    assert [one.word for one in chroma.moments(C_MAJOR, stays)] == ["D major", "back to C major"]


def test_one_borrowed_chord_is_no_modulation():
    stays = tonality.stays(sounding((C_MAJOR, 60), (D_MAJOR, 3), (C_MAJOR, 60)), 123.0, C_MAJOR)
    assert [stay.key for stay in stays] == [C_MAJOR]


def test_silence_has_no_key_to_leave():
    silent = Series([[0.0] * 600 for _ in range(12)], 0.1, 0.05)
    assert [stay.key for stay in tonality.stays(silent, 60.0, C_MAJOR)] == [C_MAJOR]


def test_the_winner_is_told_against_the_next_by_the_notes_that_decide():
    strength = [0.1] * 12
    for note, strong in {9: 1.0, 0: 0.8, 4: 0.9, 2: 0.5, 5: 0.4, 11: 0.5, 7: 0.3, 8: 0.3}.items():
        strength[note] = strong
    said = chroma.finding(A_MINOR, evidence(strength), [])
    assert said.startswith("A minor fits best, before C major (")
    assert "A is strong" in said


def test_chords_that_decide_against_the_notes_are_given_the_credit():
    strength = [value - min(C_MAJOR.profile) for value in C_MAJOR.profile]
    said = chroma.finding(A_MINOR, evidence(strength, A_minor=2.0), [])
    assert "The notes alone would fit C major" in said
    assert "the chords decide" in said


def test_a_key_set_by_hand_is_compared_with_what_the_notes_say():
    strength = [value - min(C_MAJOR.profile) for value in C_MAJOR.profile]
    said = chroma.finding(D_MAJOR, evidence(strength), [], by_hand=True)
    assert said.startswith("D major was set by hand; the notes fit C major better (")


def test_the_expected_profile_is_brought_to_the_scale_of_the_notes():
    profile = [value - min(C_MAJOR.profile) for value in C_MAJOR.profile]
    strength = [0.2 + 0.1 * value for value in profile]
    assert tonality.scaled(C_MAJOR.profile, strength) == pytest.approx(strength)


def test_the_columns_of_the_profile_stand_on_the_ground_and_reach_their_strength():
    strength = [n / 11 for n in range(12)]
    found = chroma.profile(evidence(strength), C_MAJOR)
    assert len(found.columns) == 12
    assert all(column.y + column.height == pytest.approx(100) for column in found.columns)
    assert max(found.columns, key=lambda column: column.height).name == "B"
    assert found.ranked[0].key == C_MAJOR
