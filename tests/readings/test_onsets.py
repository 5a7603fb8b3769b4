from __future__ import annotations

import numpy as np
import pytest

from sfa.readings.listening import FINE_HOP_S
from sfa.readings.onsets import find_onsets, read_onsets
from tests import sound
from tests.readings.hearing import hear, share_found


def onsets_of(samples):
    return find_onsets(hear(samples).pulse.rise, FINE_HOP_S)


HITS = {"tick": sound.tick(), "kick": sound.kick(), "snare": sound.snare(), "hat": sound.hat()}


@pytest.mark.parametrize("hit", HITS.values(), ids=HITS)
def test_hits_at_any_time_are_found_within_15_ms(hit):
    times = np.cumsum(np.random.default_rng(2).uniform(0.15, 0.6, 30))
    found, _ = onsets_of(sound.at_times(times, hit, times[-1] + 1))
    assert share_found(found, times, 0.015) > 0.95


def test_notes_of_a_melody_are_found_within_20_ms():
    times = np.arange(0.2, 10, 0.31)
    notes = [sound.tone(60 + step * 5 % 12, 0.4) for step in range(len(times))]
    found, _ = onsets_of(sum(sound.at_times([t], note, 11) for t, note in zip(times, notes, strict=True)))
    assert share_found(found, times, 0.02) > 0.95


def test_steady_noise_begins_once():
    found, strength = onsets_of(sound.noise(10))
    assert list(found) == pytest.approx([0.0], abs=0.02)
    assert read_onsets(found, strength, duration_s=10).value.count == 1


def test_silence_has_no_onsets_but_a_reason():
    found, strength = onsets_of(sound.silence(4))
    assert "begins" in read_onsets(found, strength, duration_s=4).absent


def test_quiet_music_has_the_same_onsets_as_loud_music():
    loud = sound.drums(120, 8)
    assert len(onsets_of(0.1 * loud)[0]) == pytest.approx(len(onsets_of(loud)[0]), abs=1)


def test_they_are_counted_per_second():
    found, strength = onsets_of(sound.clicks(120, 10))
    reading = read_onsets(found, strength, duration_s=10)
    assert (reading.value.count, reading.value.per_s) == (19, 1.9)
