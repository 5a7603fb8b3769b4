from __future__ import annotations

import numpy as np
import pytest

from sfa.readings.bands import COUNT, BandMeter, centres_hz, levels_db, meetings
from tests import sound


def powers(samples, rate_hz=sound.RATE_HZ, block=30_000):
    frames = samples if samples.ndim == 2 else samples[:, None]
    meter = BandMeter(rate_hz, frames.shape[1])
    for start in range(0, len(frames), block):
        meter.feed(frames[start : start + block])
    return meter.powers()


@pytest.mark.parametrize("hz", [63.0, 440.0, 4000.0])
def test_a_sine_lies_in_its_band_at_its_level(hz):
    levels = levels_db(powers(sound.sine(hz, 6.0, peak=0.5)))
    band = int(np.argmax(levels))
    assert abs(np.log10(centres_hz()[band] / hz)) <= 0.05 + 1e-3
    assert levels[band] == pytest.approx(20 * np.log10(0.5) - 3.01, abs=0.8)
    assert max(level for n, level in enumerate(levels) if abs(n - band) > 2) < levels[band] - 40


def test_all_bands_together_have_the_power_of_the_sound():
    noise = sound.noise(8.0, peak=0.5)
    assert powers(noise).sum(axis=1).mean() == pytest.approx(float(np.mean(noise**2)), rel=0.1)


def test_it_does_not_matter_how_the_sound_is_cut_into_blocks():
    noise = sound.stereo(sound.noise(3.0), sound.noise(3.0, seed=1))
    assert np.allclose(powers(noise, block=1000), powers(noise, block=50_000))


def test_silence_and_what_the_rate_cannot_hold_are_at_the_floor():
    assert levels_db(powers(sound.silence(2.0))) == [-120.0] * COUNT
    assert levels_db(powers(sound.noise(2.0)))[-1] == -120.0  # 20 kHz at a rate of 22 kHz
    assert levels_db(np.empty((0, COUNT))) == [-120.0] * COUNT


def test_two_that_sound_at_once_and_alike_meet_and_two_that_take_turns_do_not():
    on, off = sound.sine(500, 4.0), sound.silence(4.0)
    at_once = meetings({"a": powers(on), "b": powers(on)})[0]
    in_turns = meetings(
        {"a": powers(np.concatenate([on, off])), "b": powers(np.concatenate([off, on]))},
    )[0]
    assert (at_once.stem, at_once.other, at_once.share[13]) == ("a", "b", pytest.approx(1.0, abs=1e-3))
    assert in_turns.share[13] < 0.1


def test_a_third_that_covers_both_lowers_their_share():
    quiet, loud = sound.sine(500, 4.0, peak=0.05), sound.sine(500, 4.0, peak=0.8)
    found = meetings({"a": powers(quiet), "b": powers(quiet), "c": powers(loud)})
    assert [(one.stem, one.other) for one in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found[0].share[13] < 0.02


def test_no_stems_meet_nowhere():
    assert meetings({}) == []
