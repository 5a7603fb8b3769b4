from __future__ import annotations

import pytest

from sfa.demo.theory import Chord, camelot, chord_of, nearest_tone, pitch_class, scale_pitch


@pytest.mark.parametrize(
    ("name", "expected"), [("C", 0), ("F#", 6), ("Bb", 10), ("Cb", 11), ("B#", 0), ("A", 9)]
)
def test_pitch_names_are_read(name: str, expected: int) -> None:
    assert pitch_class(name) == expected


@pytest.mark.parametrize("name", ["H", "c", "", "A##", "Am"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a pitch name"):
        pitch_class(name)


def test_the_camelot_wheel_goes_by_fifths_and_relatives_share_a_number() -> None:
    assert [camelot(tonic, "minor") for tonic in (9, 4, 11, 8)] == ["8A", "9A", "10A", "1A"]
    assert [camelot(tonic, "major") for tonic in (0, 7, 2, 11)] == ["8B", "9B", "10B", "1B"]


@pytest.mark.parametrize(
    ("numeral", "mode", "label"),
    [
        ("i", "minor", "Am"),
        ("iv", "minor", "Dm"),
        ("V7", "minor", "E7"),
        ("VI", "minor", "F"),
        ("vi", "major", "F#m"),
        ("IV", "major", "D"),
        ("V", "major", "E"),
    ],
)
def test_numerals_in_a_name_chords(numeral: str, mode: str, label: str) -> None:
    assert chord_of(numeral, 9, mode).label == label


def test_seventh_chords_have_four_tones() -> None:
    assert Chord(4, "7").tones == (4, 8, 11, 2)


def test_scale_steps_cross_octaves_both_ways() -> None:
    assert [scale_pitch(degree, "minor") for degree in (-1, 0, 2, 7, 9)] == [-2, 0, 3, 12, 15]


def test_a_pitch_moves_to_the_nearest_tone_and_down_when_two_are_as_near() -> None:
    f_major = Chord(5, "")
    assert nearest_tone(64, f_major) == 65
    assert nearest_tone(60, f_major) == 60
    assert nearest_tone(67, Chord(5, "m")) == 68
    assert nearest_tone(67, Chord(2, "")) == 66
