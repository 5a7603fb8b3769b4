from __future__ import annotations

import numpy as np
import pytest

from sfa.readings.level import PEAK_FRAMES, LevelMeter, k_weighting
from tests import sound
from tests.readings.hearing import level


def test_blocks_measure_the_same_as_the_whole():
    samples = sound.stereo(sound.drums(120, 4, rate_hz=44100), sound.noise(4, rate_hz=44100))
    meter = LevelMeter(44100, 2)
    for start in range(0, len(samples), 3 * 16384):
        meter.feed(samples[start : start + 3 * 16384])
    parts, whole = meter.level(), level(samples, 44100)
    assert parts.slot_energy == pytest.approx(whole.slot_energy, rel=1e-9)
    assert (parts.true_peak, parts.sample_peak) == pytest.approx((whole.true_peak, whole.sample_peak))
    assert all(np.array_equal(a, b) for a, b in zip(parts.peaks, whole.peaks, strict=True))


def test_k_weighting_is_the_table_of_the_standard_at_48_khz():
    """ITU-R BS.1770-4, tables 1 and 2."""
    shelf, rumble = k_weighting(48000)
    assert shelf == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585],
        abs=1e-6,
    )
    assert rumble == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-6)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 44100, 192000])
def test_a_second_has_ten_slots_at_any_rate(rate_hz):
    assert len(level(sound.sine(500, 3, rate_hz=rate_hz), rate_hz).slot_energy) == 30


def test_waveform_peaks_are_the_largest_samples_of_their_frames():
    samples = sound.noise(3, rate_hz=44100, peak=0.9)
    for frames, peaks in zip(PEAK_FRAMES, level(samples, 44100).peaks, strict=True):
        starts = np.arange(0, len(samples), frames)
        expected = np.round(np.maximum.reduceat(np.abs(samples), starts) * 255)
        assert np.array_equal(peaks, expected)


def test_samples_beyond_full_scale_stay_within_a_byte():
    assert level(np.full(1000, 3.0, np.float32)).peaks[0].max() == 255


def test_long_silence_after_sound_is_measured_as_silence():
    samples = np.concatenate([sound.noise(1), sound.silence(60)])
    assert level(samples).slot_energy[-1] < 1e-20


def test_the_true_peak_has_its_tenth_of_a_second():
    samples = sound.silence(2.0)
    samples[round(1.25 * sound.RATE_HZ)] = 0.9
    found = level(samples)
    assert len(found.slot_peak) == 20
    assert int(np.argmax(found.slot_peak)) == 12
    assert found.slot_peak.max() == pytest.approx(found.true_peak)
    assert found.slot_peak[:12].max() == found.slot_peak[13:].max() == 0.0


@pytest.mark.parametrize("rate_hz", [22050, 96000, 192000])
def test_slots_of_peaks_do_not_depend_on_blocks_or_rate(rate_hz):
    samples = sound.sine(997, 2.0, peak=0.5, rate_hz=rate_hz)
    assert level(samples, rate_hz).slot_peak == pytest.approx(np.full(20, 0.5), abs=0.02)
