from __future__ import annotations

import re
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile

from sfa.readings.loudness import read_loudness
from tests import sound
from tests.readings.hearing import level


def loudness(samples, rate_hz=48000):
    return read_loudness(level(samples, rate_hz)).value


def faded(samples, rate_hz):
    """Without the clicks at its ends, which every oversampling filter shapes in its own way."""
    ramp = np.minimum(1, np.arange(len(samples)) / (0.05 * rate_hz))
    return (samples.T * ramp * ramp[::-1]).T.astype(np.float32)


def test_a_sine_in_both_channels_is_as_loud_as_its_level():
    """BS.1770: a 997 Hz sine of -23 dBFS peak in both channels measures -23 LUFS."""
    measured = loudness(sound.stereo(sound.sine(997, 20, peak=10 ** (-23 / 20), rate_hz=48000)))
    assert measured.integrated_lufs == pytest.approx(-23.0, abs=0.05)
    assert measured.max_momentary_lufs == pytest.approx(-23.0, abs=0.05)
    assert measured.max_short_term_lufs == pytest.approx(-23.0, abs=0.05)
    assert measured.range_lu == pytest.approx(0.0, abs=0.05)


def test_one_channel_is_three_decibels_less_than_two():
    sine = sound.sine(997, 5, rate_hz=48000)
    assert loudness(sound.stereo(sine)).integrated_lufs - loudness(sine).integrated_lufs == pytest.approx(
        3.01, abs=0.02
    )


def test_pauses_are_gated_out():
    sine = sound.stereo(sound.sine(997, 10, peak=0.1, rate_hz=48000))
    paused = np.concatenate([sine, np.zeros_like(sine), sine])
    assert loudness(paused).integrated_lufs == pytest.approx(loudness(sine).integrated_lufs, abs=0.1)


def test_two_levels_are_their_distance_apart():
    """EBU Tech 3342, first test signal: 20 s at -20 and at -30 dBFS have a range of 10 LU."""
    loud, soft = (sound.sine(1000, 20, peak=10 ** (db / 20), rate_hz=48000) for db in (-20, -30))
    assert loudness(sound.stereo(np.concatenate([loud, soft]))).range_lu == pytest.approx(10.0, abs=0.2)


def test_the_true_peak_lies_between_the_samples():
    t = np.arange(48000)
    sine = faded((0.5 * np.sin(np.pi / 2 * t + np.pi / 4)).astype(np.float32), 48000)
    measured = loudness(sine)
    assert measured.sample_peak_dbfs == pytest.approx(-9.03, abs=0.02)
    assert measured.true_peak_dbtp == pytest.approx(-6.02, abs=0.1)


@pytest.mark.parametrize("rate_hz", [8000, 44100, 96000, 192000])
def test_ffmpeg_measures_the_same(rate_hz, tmp_path):
    mixed = sound.progression(sound.MAJOR_CADENCE[:4], 1.5, rate_hz=rate_hz)
    mixed = (
        mixed + sound.drums(120, 6, rate_hz=rate_hz)[: len(mixed)] + sound.noise(6, rate_hz=rate_hz, peak=0.1)
    )
    samples = faded(sound.stereo(mixed, 0.5 * mixed), rate_hz)
    ours, theirs = loudness(samples, rate_hz), ffmpeg(samples, rate_hz, tmp_path / "sound.wav")
    assert ours.integrated_lufs == pytest.approx(theirs["I"], abs=0.1)
    assert ours.range_lu == pytest.approx(theirs["LRA"], abs=0.3)
    assert ours.max_momentary_lufs == pytest.approx(theirs["M"], abs=0.1)
    assert ours.max_short_term_lufs == pytest.approx(theirs["S"], abs=0.1)
    assert ours.true_peak_dbtp == pytest.approx(theirs["peak"], abs=0.2)


def ffmpeg(samples, rate_hz, path):
    """What ffmpeg's ebur128 filter says at the end, and the largest momentary and short-term loudness."""
    soundfile.write(path, samples, rate_hz, subtype="FLOAT")
    graph = "ebur128=peak=true:metadata=1,ametadata=mode=print:file=-"
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostats", "-i", str(path), "-af", graph, "-f", "null", "-"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True)
    lines = re.findall(r"lavfi\.r128\.(\w+)=(\S+)", said.stdout)
    last = {name: float(value) for name, value in lines}
    loudest = {name: max(float(v) for n, v in lines if n == name) for name in ("M", "S")}
    peak = float(re.findall(r"Peak:\s+(\S+) dBFS", said.stderr)[-1])
    return last | loudest | {"peak": peak}


def test_silence_has_no_loudness_and_no_peak():
    measured = loudness(sound.silence(5, 48000))
    assert set(vars_of(measured)) == {None}


def test_two_tenths_of_a_second_have_peaks_only():
    reading = read_loudness(level(sound.sine(440, 0.2, rate_hz=48000), 48000))
    assert reading.value.integrated_lufs is None
    assert reading.value.sample_peak_dbfs == pytest.approx(-6.02, abs=0.05)
    assert "only peaks" in reading.method


def vars_of(measured):
    return [getattr(measured, name) for name in measured.__slots__]
