from __future__ import annotations

import numpy as np
import pytest

from sfa.readings.balance import read_balance
from tests import sound
from tests.readings.hearing import hear


def balance_of(samples):
    return read_balance(hear(samples).timbre)


def test_held_notes_last():
    assert balance_of(sound.progression(sound.MAJOR_CADENCE[:4], 2.0, strikes=1)).value.harmonic_share > 0.95


def test_drums_strike():
    assert balance_of(sound.drums(120, 8)).value.percussive_share > 0.9


def test_shares_follow_the_mixture():
    notes = sound.progression(sound.MAJOR_CADENCE[:4], 2.0, strikes=1)
    drums = sound.drums(120, 8)[: len(notes)]
    power = float(np.sum(notes**2)) / float(np.sum(notes**2) + np.sum(drums**2))
    assert balance_of(notes + drums).value.harmonic_share == pytest.approx(power, abs=0.2)


def test_shares_add_up():
    value = balance_of(sound.drums(90, 5) + 0.2 * sound.sine(300, 5)).value
    assert value.harmonic_share + value.percussive_share == pytest.approx(1.0)


def test_noise_is_neither_and_says_so():
    reading = balance_of(sound.noise(8))
    assert reading.value.harmonic_share == pytest.approx(0.5, abs=0.1)
    assert reading.confidence < 0.5


@pytest.mark.parametrize(
    ("what", "reason"), [(sound.silence(4), "silent"), (sound.sine(440, 0.2), "too short")]
)
def test_silence_and_splinters_have_no_balance(what, reason):
    assert reason in balance_of(what).absent
