from __future__ import annotations

import numpy as np
import pytest

from tests import sound
from tests.readings.hearing import music, share_found


def downbeats_of(found):
    beats = found.beats.value
    return np.array(beats.times_s)[np.array(beats.positions) == 1]


@pytest.mark.parametrize("beats_per_bar", [2, 3, 4, 6])
def test_accents_tell_metre_and_downbeats(beats_per_bar):
    found = music(sound.clicks(112, 26, every=beats_per_bar))
    assert found.metre.value.beats_per_bar == beats_per_bar
    true = sound.beat_times(112, 26)[::beats_per_bar]
    assert share_found(downbeats_of(found), true, 0.03) > 0.9


def test_a_waltz_of_drums_has_three_beats():
    found = music(sound.drums(150, 24, beats_per_bar=3))
    assert found.metre.value.beats_per_bar == 3
    assert share_found(downbeats_of(found), sound.beat_times(150, 24, first_s=0.3)[::3], 0.03) > 0.9


@pytest.mark.parametrize(("beats_per_bar", "beat_s"), [(3, 0.5), (4, 0.5)])
def test_changes_of_harmony_alone_tell_the_bars(beats_per_bar, beat_s):
    bar_s = beats_per_bar * beat_s
    found = music(sound.progression(sound.MAJOR_CADENCE * 2, bar_s, strikes=beats_per_bar))
    assert found.metre.value.beats_per_bar == beats_per_bar
    assert share_found(downbeats_of(found), np.arange(0, 16 * bar_s, bar_s), 0.03) > 0.85


def test_equal_clicks_have_beats_but_no_bars():
    found = music(sound.clicks(120, 20))
    assert found.metre.value is None
    assert "where the bars begin" in found.metre.absent
    assert set(found.beats.value.positions) == {0}


def test_positions_count_up_and_begin_again():
    positions = np.array(music(sound.clicks(120, 24, every=4)).beats.value.positions)
    assert set(positions) == {1, 2, 3, 4}
    assert np.all((np.diff(positions) == 1) | ((positions[:-1] == 4) & (positions[1:] == 1)))


def test_the_count_recovers_after_a_bar_of_five():
    times = sound.beat_times(120, 60)
    first = np.concatenate([np.arange(0, 56, 4), np.arange(57, len(times), 4)])
    others = np.setdiff1d(np.arange(len(times)), first)
    low = sound.tick(hz=90, seconds=0.08, peak=0.9)
    samples = sound.at_times(times[first], low, 60) + sound.at_times(times[others], sound.tick(peak=0.3), 60)
    assert share_found(downbeats_of(music(samples)), times[first], 0.03) > 0.9
