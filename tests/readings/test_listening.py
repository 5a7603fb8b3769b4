from __future__ import annotations

import numpy as np
import pytest

from sfa.readings.chroma import find_tuning
from sfa.readings.listening import HOP_S, RATE_HZ, SEGMENT, block_frames, glance, segments
from sfa.readings.pitch import LOWEST_MIDI, PER_SEMITONE
from tests import sound
from tests.readings.hearing import hear


def test_segments_put_together_are_the_sound():
    samples = sound.noise(60)
    pieces = [samples[i : i + 30000] for i in range(0, len(samples), 30000)]
    cut = list(segments(pieces))
    reach = (len(cut[0].sound) - SEGMENT) // 2
    joined = np.concatenate([part.sound[reach : reach + part.length] for part in cut])
    assert np.array_equal(joined, samples)


def test_where_a_segment_ends_leaves_no_trace():
    """A sound that repeats every second reads the same in every second, across the border as elsewhere."""
    heard = hear(np.tile(sound.noise(HOP_S * 32), 20))
    rise, period = heard.pulse.rise.sum(axis=1), 32 * 4
    border = SEGMENT // 256
    assert rise[border - 60 : border + 60] == pytest.approx(
        rise[border - 60 - period : border + 60 - period], rel=1e-3
    )


@pytest.mark.parametrize("rate_hz", [8000, 44100, 48000, 192000])
def test_any_rate_is_heard_alike(rate_hz):
    reference = hear(sound.progression([(0, "maj"), (7, "maj")], 1.0))
    other = hear(sound.progression([(0, "maj"), (7, "maj")], 1.0, rate_hz=rate_hz), rate_hz)
    assert other.duration_s == pytest.approx(2.0)
    assert other.pitch.cqt[5:-5].mean() == pytest.approx(reference.pitch.cqt[5:-5].mean(), rel=0.05)


def test_blocks_are_whole_waveform_peaks_of_about_24_seconds():
    for rate_hz in (8000, 22050, 44100, 192000):
        assert block_frames(rate_hz) % 16384 == 0
        assert 20 < block_frames(rate_hz) / rate_hz < 28


@pytest.mark.parametrize("midi", [36, 57, 69, 84, 96])
def test_a_sine_shows_in_its_bin_of_the_constant_q_transform(midi):
    hz = 440 * 2 ** ((midi - 69) / 12)
    cqt = hear(sound.sine(hz, 2)).pitch.cqt[10:-10].mean(axis=0)
    assert np.argmax(cqt) == (midi - LOWEST_MIDI) * PER_SEMITONE
    assert cqt.max() == pytest.approx(0.25, rel=0.05)


@pytest.mark.parametrize("a4_hz", [430.0, 432.0, 440.0, 446.0])
def test_partials_tell_the_tuning(a4_hz):
    tuning = find_tuning(hear(sound.progression(sound.MAJOR_CADENCE[:4], 1.0, a4_hz=a4_hz)).pitch)
    assert tuning.a4_hz == pytest.approx(a4_hz, abs=0.7)
    assert tuning.clarity > 0.8


def test_noise_has_no_tuning():
    assert find_tuning(hear(sound.noise(5)).pitch).clarity < 0.1


def test_one_sample_is_heard_without_complaint():
    heard = hear(np.array([0.5], np.float32))
    assert (len(heard.timbre.rms), len(heard.pulse.rise)) == (1, 1)


def test_progress_goes_up_to_one():
    told = []
    samples = sound.silence(60)[:, None]
    size = block_frames(RATE_HZ)
    blocks = (samples[i : i + size] for i in range(0, len(samples), size))
    glance(blocks, rate_hz=RATE_HZ, channels=1, frames=len(samples), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0, abs=0.01)
