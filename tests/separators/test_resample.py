"""To another rate and back: in time, and not a frame more or less."""

from __future__ import annotations

import numpy as np
import pytest

from sfa.separators.resample import Fitted, at_rate
from tests.soundfiles.files import mix_of, tones


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_there_and_back_is_the_same_sound(tmp_path, rate_hz, channels):
    sound = tones(1.0003, rate_hz=rate_hz, channels=channels)
    there = at_rate(mix_of(sound, rate_hz, tmp_path / "mix"), 44_100, tmp_path / "there")
    assert there.frames == pytest.approx(len(sound) * 44_100 / rate_hz, abs=1)
    fitted = Fitted(44_100, rate_hz, channels, len(sound))
    blocks = [fitted.push(there.block(start, start + 5000)) for start in range(0, there.frames, 5000)]
    back = np.concatenate([*blocks, fitted.finish()])
    assert back.shape == sound.shape
    np.testing.assert_allclose(back[500:-500], sound[500:-500], atol=1e-3)


def test_the_same_rate_costs_nothing(tmp_path):
    mix = mix_of(tones(0.1), 44_100, tmp_path / "mix")
    assert at_rate(mix, 44_100, tmp_path / "there") is mix
    assert not (tmp_path / "there").exists()


def test_missing_frames_are_silence():
    fitted = Fitted(44_100, 44_100, 2, 5)
    fitted.push(np.ones((3, 2), np.float32))
    assert fitted.finish().tolist() == [[0, 0], [0, 0]]
