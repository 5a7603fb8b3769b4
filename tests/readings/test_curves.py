from __future__ import annotations

import numpy as np
import pytest

from sfa.readings.chroma import find_tuning
from sfa.readings.curves import chroma, curves_of, thinned
from tests import sound
from tests.readings.hearing import hear


@pytest.fixture(scope="module")
def curves():
    heard = hear(sound.sine(880, 8, peak=0.1))
    return {curve.name: curve for curve in curves_of(heard, find_tuning(heard.pitch), np.array([0.0]), None)}


def test_energy_is_the_level_of_the_frames(curves):
    energy = curves["energy"]
    assert energy.values[5:-5] == pytest.approx(-23.01, abs=0.1)
    assert len(energy.values) * energy.hop_s == pytest.approx(8, abs=0.1)


def test_loudness_begins_at_the_end_of_its_first_window(curves):
    assert (curves["momentary_loudness"].start_s, len(curves["momentary_loudness"].values)) == (0.4, 77)
    assert (curves["short_term_loudness"].start_s, len(curves["short_term_loudness"].values)) == (3.0, 51)


def test_chroma_and_mfcc_have_rows(curves):
    assert curves["chroma"].values.shape[0] == 12
    assert curves["mfcc"].values.shape[0] == 20
    assert np.argmax(curves["chroma"].values[:, 80]) == 9


@pytest.mark.parametrize(
    "samples", [sound.silence(3), sound.noise(3), sound.noise(0.2)], ids=["silence", "noise", "0.2 s"]
)
def test_every_value_is_a_number(samples):
    heard = hear(samples)
    for curve in curves_of(heard, find_tuning(heard.pitch), np.empty(0), None):
        assert np.isfinite(curve.values.astype(curve.dtype)).all(), curve.name


def test_chroma_follows_the_tuning():
    heard = hear(sound.progression([(0, "maj")], 2.0, a4_hz=428))
    strongest = np.argsort(chroma(heard.pitch.cqt, find_tuning(heard.pitch)).mean(axis=0))[-3:]
    assert set(strongest) == {0, 4, 7}


def test_long_curves_are_thinned_to_means_that_lie_in_the_middle():
    curve = thinned("x", "u", 0.1, np.arange(25, dtype=np.float32), most=10)
    assert (curve.hop_s, curve.start_s) == pytest.approx((0.3, 0.1))
    assert list(curve.values[:2]) == [1.0, 4.0]
    assert curve.values[-1] == 24.0


def test_peaks_survive_thinning():
    spiky = np.zeros(1000, np.float32)
    spiky[503] = 7.0
    assert thinned("x", "u", 0.1, spiky, most=100, peaks=True).values.max() == 7.0
