from __future__ import annotations

import re

import numpy as np
import pytest

from sfa.readings.tempo import typical_interval
from tests import sound
from tests.readings.hearing import music


@pytest.mark.parametrize("bpm", [60, 87, 93.7, 120, 126.35, 174])
def test_clicks_have_their_tempo(bpm):
    tempo = music(sound.clicks(bpm, 20)).tempo
    assert tempo.value.bpm == pytest.approx(bpm, rel=0.002)
    assert tempo.confidence > 0.5


@pytest.mark.parametrize("bpm", [87, 104.5, 140])
def test_drums_in_noise_have_their_tempo(bpm):
    mixed = sound.drums(bpm, 20) + sound.noise(20, peak=0.02)
    assert music(mixed).tempo.value.bpm == pytest.approx(bpm, rel=0.002)


def test_half_and_double_are_always_offered():
    tempo = music(sound.drums(110, 15)).tempo.value
    offered = [alternative.bpm for alternative in tempo.alternatives]
    assert any(bpm == pytest.approx(55, rel=0.01) for bpm in offered)
    assert any(bpm == pytest.approx(220, rel=0.01) for bpm in offered)


def test_alternatives_stand_in_order_and_share_what_is_left():
    tempo = music(sound.drums(110, 15)).tempo.value
    shares = [alternative.confidence for alternative in tempo.alternatives]
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) < 1


def test_a_tempo_that_sways_by_two_percent_is_its_middle():
    sway = 1 + 0.02 * np.sin(np.arange(80) / 6)
    times = 0.5 + np.concatenate([[0], np.cumsum(0.5 / sway)])
    swaying = sound.at_times(times, sound.tick(), times[-1] + 1)
    assert music(swaying).tempo.value.bpm == pytest.approx(120, rel=0.01)


def test_a_bass_drum_between_the_beats_makes_them_twice_as_fast():
    beats = sound.beat_times(170, 30)
    bars = beats[::4]
    kicks = np.concatenate([bars + beat * 60 / 170 for beat in (0, 2, 2.5)])
    snares = np.concatenate([bars + 60 / 170, bars + 3 * 60 / 170])
    breakbeat = sound.at_times(kicks, sound.kick(), 32) + sound.at_times(snares, sound.snare(), 32)
    assert music(breakbeat).tempo.value.bpm == pytest.approx(170, rel=0.01)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (sound.noise(20), "steady pulse|Too little"),
        (sound.at_times([2.0], sound.tick(), 8), "Too little"),
        (sound.at_times(np.random.default_rng(4).uniform(0, 30, 50), sound.tick(), 30), "steady pulse"),
        (sound.clicks(120, 2), "shorter than"),
        (sound.silence(10), "silent"),
    ],
    ids=["noise", "one click", "clicks at random", "two seconds", "silence"],
)
def test_without_a_pulse_there_is_no_tempo_but_a_reason(what, reason):
    found = music(what)
    assert found.tempo.value is None
    assert found.beats.value is None
    assert re.search(reason, found.tempo.absent)


def test_one_wrong_beat_does_not_move_the_tempo():
    times = np.arange(64) * 0.5
    times[20] += 0.09
    assert typical_interval(times) == pytest.approx(0.5, rel=1e-4)
