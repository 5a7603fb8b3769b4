from __future__ import annotations

import numpy as np
import pytest

from sfa.readings.beats import kick_is_between, track_beats
from tests import sound
from tests.readings.hearing import music, share_found


def beats_of(samples):
    return np.array(music(samples).beats.value.times_s)


@pytest.mark.parametrize("bpm", [87, 120, 174])
def test_beats_fall_on_clicks_within_20_ms(bpm):
    found = beats_of(sound.clicks(bpm, 20))
    assert share_found(found, sound.beat_times(bpm, 20), 0.02) > 0.95


def test_beats_fall_on_drums_within_8_ms_on_average():
    found = beats_of(sound.drums(103, 20))
    true = sound.beat_times(103, 20, first_s=0.3)
    errors = np.array([found[np.argmin(np.abs(found - time))] - time for time in true[:-1]])
    assert np.abs(errors).mean() < 0.008


def test_beats_fall_on_the_chords_of_a_piano_within_20_ms():
    found = beats_of(sound.progression(sound.MAJOR_CADENCE * 2, 1.2, strikes=2))
    assert share_found(found, np.arange(0, 19.2, 0.6), 0.02) > 0.9


def test_beats_go_on_through_a_bar_of_rest():
    times = np.delete(sound.beat_times(120, 24), slice(16, 20))
    found = beats_of(sound.at_times(times, sound.tick(), 24))
    assert share_found(found, sound.beat_times(120, 24), 0.03) > 0.95


def test_silence_before_and_after_has_no_beats():
    padded = np.concatenate([sound.silence(6), sound.drums(120, 12), sound.silence(6)])
    found = beats_of(padded)
    assert found.min() > 5.9
    assert found.max() < 18.5


def test_beats_follow_a_change_of_tempo():
    first, second = sound.beat_times(100, 24, first_s=0.2), sound.beat_times(124, 24, first_s=0.2) + 24
    true = np.concatenate([first, second])
    found = beats_of(sound.at_times(true, sound.tick(), 48))
    assert share_found(found, true, 0.03) > 0.9


def test_the_chain_prefers_even_steps_to_a_stray_onset():
    strength = np.zeros(1000)
    strength[np.arange(20, 1000, 50)] = 1.0
    strength[445] = 1.2
    grid = track_beats(strength, np.full(1000, 0.5), hop_s=0.01, sounding=(0.0, 10.0))
    assert np.diff(grid.times_s) == pytest.approx(0.5, abs=0.02)


def test_a_low_band_between_the_beats_is_noticed():
    low = np.zeros(1000)
    low[np.arange(45, 1000, 50)] = 1.0
    on = np.arange(0.45, 9.9, 0.5)
    assert kick_is_between(on + 0.25, low, 0.01)
    assert not kick_is_between(on, low, 0.01)
