"""The shape of the spectrum, block by block, against librosa on the whole signal and known answers."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from sfa.readings.listening import RATE_HZ
from sfa.readings.spectra import mel_bank
from sfa.readings.spectrum import read_spectrum
from sfa.readings.timbre import HOP, SIZE
from tests import sound
from tests.readings.hearing import hear

BAND = (
    sound.drums(120, 6)
    + sound.progression(sound.MAJOR_CADENCE, 0.75)[: 6 * sound.RATE_HZ]
    + sound.noise(6, peak=0.01)
)


@pytest.fixture(scope="module")
def timbre():
    return hear(BAND).timbre


@pytest.fixture(scope="module")
def magnitude():
    return np.abs(librosa.stft(BAND, n_fft=SIZE, hop_length=HOP, pad_mode="constant"))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("centroid_hz", librosa.feature.spectral_centroid),
        ("bandwidth_hz", librosa.feature.spectral_bandwidth),
        ("rolloff_hz", librosa.feature.spectral_rolloff),
    ],
)
def test_librosa_measures_the_same_shape(timbre, magnitude, ours, theirs):
    expected = theirs(S=magnitude, sr=RATE_HZ).T.squeeze()
    measured = getattr(timbre, ours)
    frames = slice(2, len(measured) - 2)
    assert np.median(np.abs(measured[frames] / expected[: len(measured)][frames] - 1)) < 0.02


def test_librosa_has_half_the_contrast_because_it_takes_amplitude_for_power(timbre, magnitude):
    expected = 2 * librosa.feature.spectral_contrast(S=magnitude, sr=RATE_HZ).T
    frames = slice(2, len(timbre.contrast_db) - 2)
    assert np.median(np.abs(timbre.contrast_db[frames] - expected[: len(timbre.rms)][frames])) < 0.1


def test_librosa_has_the_same_mel_bands():
    expected = librosa.filters.mel(sr=RATE_HZ, n_fft=SIZE, n_mels=128)
    ours = mel_bank(SIZE, RATE_HZ, 128, 0, RATE_HZ / 2)
    assert np.abs(ours.T - expected).max() < 1e-6


def test_librosa_has_the_same_mfcc_but_for_the_level(timbre, magnitude):
    scaled = magnitude * 2 / (SIZE / 2)
    mel = np.maximum(librosa.feature.melspectrogram(S=scaled**2, sr=RATE_HZ), 1e-10)
    expected = librosa.feature.mfcc(S=10 * np.log10(mel), n_mfcc=20).T
    frames = slice(2, len(timbre.mfcc) - 2)
    assert timbre.mfcc[frames] == pytest.approx(expected[: len(timbre.mfcc)][frames], abs=0.05)


def test_librosa_counts_the_same_crossings(timbre):
    expected = librosa.feature.zero_crossing_rate(BAND, frame_length=SIZE, hop_length=HOP)[0]
    frames = slice(2, len(timbre.zero_crossing_rate) - 2)
    assert timbre.zero_crossing_rate[frames] == pytest.approx(
        expected[: len(timbre.rms)][frames], abs=2 / SIZE
    )


def shapes_of(samples, rate_hz=RATE_HZ):
    reading = read_spectrum(hear(samples, rate_hz).timbre, rate_hz=RATE_HZ, source_rate_hz=rate_hz)
    return {shape.feature: shape for shape in reading.value}, reading


def test_a_sine_lies_where_it_lies():
    shapes, _ = shapes_of(sound.sine(1500, 3))
    assert shapes["centroid"].mean == pytest.approx(1500, rel=0.02)
    assert shapes["rolloff"].mean == pytest.approx(1500, rel=0.02)
    assert shapes["zero_crossing_rate"].mean == pytest.approx(3000, rel=0.02)
    assert shapes["flatness"].mean < 0.01


def test_noise_is_flat_and_wide():
    shapes, _ = shapes_of(sound.noise(3))
    assert shapes["flatness"].mean > 0.4
    assert shapes["bandwidth"].mean > 2500


def test_silence_around_the_sound_does_not_count():
    alone, _ = shapes_of(sound.sine(1500, 3))
    padded, _ = shapes_of(np.concatenate([sound.silence(5), sound.sine(1500, 3), sound.silence(5)]))
    assert padded["centroid"].mean == pytest.approx(alone["centroid"].mean, rel=0.03)


def test_bands_that_the_source_cannot_hold_are_left_out():
    shapes, reading = shapes_of(sound.noise(3, rate_hz=8000), 8000)
    assert "contrast_5" not in shapes
    assert "contrast_4" in shapes
    assert "nothing above 4000 Hz" in reading.method


def test_silence_has_no_spectrum_but_a_reason():
    timbre = hear(sound.silence(3)).timbre
    assert "silent" in read_spectrum(timbre, rate_hz=RATE_HZ, source_rate_hz=RATE_HZ).absent
