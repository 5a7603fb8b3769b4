from __future__ import annotations

import numpy as np
import pytest

from sfa.readings.names import camelot
from tests import sound
from tests.readings.hearing import music


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_a_cadence_tells_its_key(tonic, mode):
    cadence = sound.MAJOR_CADENCE if mode == "major" else sound.MINOR_CADENCE
    key = music(sound.progression(sound.transposed(cadence, tonic), 0.8)).key
    assert (key.value.pitch_class, key.value.mode) == (tonic, mode)
    assert key.confidence > 0.5


@pytest.mark.parametrize("a4_hz", [432.0, 440.0, 446.0])
def test_tuning_is_found_and_does_not_change_the_key(a4_hz):
    key = music(sound.progression(sound.MINOR_CADENCE, 0.8, a4_hz=a4_hz)).key.value
    assert key.tuning_hz == pytest.approx(a4_hz, abs=0.7)
    assert (key.tonic, key.mode) == ("C", "minor")


def test_a_key_has_its_camelot_code_and_runners_up():
    key = music(sound.progression(sound.transposed(sound.MINOR_CADENCE, 9), 0.8)).key
    assert (key.value.tonic, key.value.mode, key.value.camelot) == ("A", "minor", "8A")
    shares = [guess.confidence for guess in key.value.runners_up]
    assert len(shares) == 3
    assert shares == sorted(shares, reverse=True)
    assert 0 <= sum(shares) < 1


def test_the_method_names_its_profiles():
    method = music(sound.progression(sound.MAJOR_CADENCE, 0.8)).key.method
    assert all(name in method for name in ("Krumhansl", "Temperley", "Albrecht"))


def test_a_melody_without_chords_has_a_key():
    steps = [0, 2, 4, 5, 7, 9, 11, 12, 11, 7, 4, 7, 5, 2, 0, 0] * 2
    key = music(np.concatenate([sound.tone(62 + step, 0.4) for step in steps])).key.value
    assert (key.tonic, key.mode) == ("D", "major")


def test_one_chord_alone_leaves_the_key_unsure():
    assert music(sound.progression([(0, "maj")] * 4, 1.0)).key.confidence < 0.5


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (sound.noise(10), "noise or drums"),
        (sound.drums(120, 10), "noise or drums"),
        (sound.clicks(120, 10), "noise or drums"),
        (sound.sine(1000, 10), "too few different notes"),
        (sound.triad(0, "maj", 0.5), "shorter than"),
    ],
    ids=["noise", "drums", "clicks", "sine", "half a second"],
)
def test_without_notes_there_is_no_key_but_a_reason(what, reason):
    key = music(what).key
    assert key.value is None
    assert reason in key.absent


@pytest.mark.parametrize(
    ("tonic", "mode", "code"),
    [
        (0, "major", "8B"),
        (7, "major", "9B"),
        (5, "major", "7B"),
        (11, "major", "1B"),
        (9, "minor", "8A"),
        (4, "minor", "9A"),
        (8, "minor", "1A"),
        (1, "minor", "12A"),
    ],
)
def test_the_camelot_wheel(tonic, mode, code):
    assert camelot(tonic, mode) == code
