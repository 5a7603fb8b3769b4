from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sfa.readings.names import chord_name
from tests import sound
from tests.readings.hearing import music


def named(chords):
    return [chord_name(root, kind) for root, kind in chords]


def share_right(found, labels, chord_s):
    """Share of the time, looked at every 20 ms, on which the label is the true one."""
    times = np.arange(0.01, len(labels) * chord_s - 0.05, 0.02)
    at = {chord.start_s: chord.label for chord in found}
    starts = np.array(list(at))
    heard = [at[starts[np.searchsorted(starts, time, side="right") - 1]] for time in times]
    return np.mean([label == labels[int(time / chord_s)] for label, time in zip(heard, times, strict=True)])


@pytest.mark.parametrize(
    "kinds", [["maj", "min"], ["7", "maj7", "min7"], ["dim", "sus4", "aug"]], ids=" ".join
)
def test_chords_of_every_kind_are_named(kinds):
    chords = [(root * 7 % 12, kinds[root % len(kinds)]) for root in range(12)]
    found = music(sound.progression(chords, 1.0)).chords.value
    assert share_right(found, named(chords), 1.0) > 0.9


def test_chords_under_drums_are_named():
    chords = [(0, "maj"), (9, "min"), (5, "maj7"), (7, "7")] * 3
    mixed = sound.progression(chords, 2.0, strikes=4)
    mixed = mixed + 0.7 * sound.drums(120, 24, first_s=0.0)[: len(mixed)]
    assert share_right(music(mixed).chords.value, named(chords), 2.0) > 0.9


def test_chords_without_a_bass_are_named():
    chords = sound.MAJOR_CADENCE[:6]
    notes = np.concatenate([sound.triad(root, kind, 1.0, bass=False) for root, kind in chords])
    assert share_right(music(notes).chords.value, named(chords), 1.0) > 0.8


def test_roots_and_fifths_are_power_chords():
    fifths = [(4, "5"), (9, "5"), (11, "5"), (4, "5")] * 2
    samples = [sound.tone(40 + (r - 4) % 12, 1.0) + sound.tone(47 + (r - 4) % 12, 1.0) for r, _ in fifths]
    assert share_right(music(np.concatenate(samples)).chords.value, named(fifths), 1.0) > 0.8


def test_the_key_decides_between_sharps_and_flats():
    flat = music(sound.progression(sound.transposed(sound.MAJOR_CADENCE, 3), 0.8)).chords.value
    sharp = music(sound.progression(sound.transposed(sound.MAJOR_CADENCE, 4), 0.8)).chords.value
    assert "Ab" in {chord.label for chord in flat}
    assert "C#m" in {chord.label for chord in sharp}


def test_a_pause_is_no_chord():
    played = sound.progression(sound.MAJOR_CADENCE[:4], 1.0)
    found = music(np.concatenate([played, sound.silence(4), played])).chords.value
    pause = [chord for chord in found if chord.start_s < 6 < chord.end_s]
    assert [chord.label for chord in pause] == ["N"]


def test_chords_follow_each_other_from_beginning_to_end():
    found = music(sound.progression(sound.MINOR_CADENCE, 0.7)).chords.value
    assert found[0].start_s == 0.0
    assert found[-1].end_s == pytest.approx(8 * 0.7, abs=0.001)
    assert all(left.end_s == right.start_s for left, right in pairwise(found))
    assert all(left.label != right.label for left, right in pairwise(found))


@pytest.mark.parametrize(
    "what", [sound.noise(10), sound.drums(120, 10), sound.sine(440, 5)], ids=["noise", "drums", "sine"]
)
def test_without_chords_there_is_a_reason(what):
    chords = music(what).chords
    assert chords.value is None
    assert "long enough to be named" in chords.absent


def test_clear_chords_are_surer_than_chords_in_noise():
    clear = sound.progression(sound.MAJOR_CADENCE, 1.0)
    buried = clear + sound.noise(8, peak=0.5)[: len(clear)]
    assert music(clear).chords.confidence > music(buried).chords.confidence
