"""What a person may write, and what they are told."""

from __future__ import annotations

import pytest

from sfa.corrections import grammar
from sfa.errors import Refused
from sfa.readings import names


def test_chords_are_named_as_the_readings_name_them():
    assert set(grammar.KINDS) == set(names.SUFFIXES.values())
    assert set(grammar.NOTES) == {*names.SHARPS, *names.FLATS, *names.MIXED}
    for note in grammar.NOTES:
        for kind in grammar.KINDS:
            assert grammar.chord(note + kind) == note + kind


def test_keys_are_spelt_as_the_readings_spell_them():
    for pitch in range(12):
        for mode in ("major", "minor"):
            for spelling in {names.SHARPS[pitch], names.FLATS[pitch]}:
                assert grammar.key(spelling, mode).tonic == names.tonic_name(pitch, mode)


@pytest.mark.parametrize(
    ("said", "chord"),
    [
        ("am", "Am"),
        (" B♭ maj7 ", "Bbmaj7"),
        ("F♯min7", "F#m7"),
        ("bb", "Bb"),
        ("C+", "Caug"),
        ("Dsus", "Dsus4"),
        ("E-", "Em"),
        ("N.C.", "N"),
        ("", "N"),
        ("–", "N"),
    ],
)
def test_other_ways_to_write_a_chord_are_understood(said, chord):
    assert grammar.chord(said) == chord


@pytest.mark.parametrize("said", ["H", "Am9", "Fb", "<b>", "C/E", "A" * 5000, "\x00", "😀"])
def test_what_is_no_chord_is_said_in_words(said):
    with pytest.raises(Refused, match="is not a chord this studio knows") as refusal:
        grammar.chord(said)
    assert "Am7" in refusal.value.fix
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("83.5", 83.5), ("1:23.5", 83.5), ("1:23,5", 83.5), ("0:00:07", 7), (" 12 ", 12), (".5", 0.5)],
)
def test_times_are_read_as_people_write_them(said, seconds):
    assert grammar.time(said, end_s=100) == seconds


@pytest.mark.parametrize("said", ["", "soon", "-1", "1:2:3:4", "1e3", "nan", "inf", "1:23.5s"])
def test_what_is_no_time_is_said_in_words(said):
    with pytest.raises(Refused, match=r"is not a time|There is no time"):
        grammar.time(said, end_s=100)


def test_time_behind_the_end_is_refused_and_names_the_end():
    with pytest.raises(Refused, match=r"1:41.000 lies behind the end") as refusal:
        grammar.time("101", end_s=100)
    assert refusal.value.fix == "It ends at 1:40.000."


@pytest.mark.parametrize("said", ["19.9", "400.5", "-120", "0", "1e9"])
def test_tempo_that_cannot_be_counted_is_refused(said):
    with pytest.raises(Refused, match="is not a tempo"):
        grammar.bpm(said)


@pytest.mark.parametrize("said", ["", "fast", "nan", "inf", "1_0", "12 0"])
def test_what_is_no_number_is_said_in_words(said):
    with pytest.raises(Refused, match=r"beats per minute was expected|is not a tempo"):
        grammar.bpm(said)


def test_tempo_may_have_a_comma():
    assert grammar.bpm(" 120,5 ") == 120.5


@pytest.mark.parametrize("said", ["0", "17", "3.5", "-4"])
def test_metre_that_nobody_counts_is_refused(said):
    with pytest.raises(Refused, match="A bar cannot have"):
        grammar.beats_per_bar(said)


@pytest.mark.parametrize(
    ("tonic", "mode"), [("H", "major"), ("", "minor"), ("C", "dorian"), ("C#m", "minor")]
)
def test_what_is_no_key_is_said_in_words(tonic, mode):
    with pytest.raises(Refused, match="is not a key"):
        grammar.key(tonic, mode)


def test_section_has_a_name_that_can_be_seen():
    assert grammar.section("  Verse\n1 ") == "Verse 1"
    with pytest.raises(Refused, match="has no name"):
        grammar.section("\u200b ")
    with pytest.raises(Refused, match="too long"):
        grammar.section("x" * 61)
