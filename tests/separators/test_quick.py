"""Quick stems add up to the mix, and each part of a simple song is mostly where it belongs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sfa.separators import quick
from tests.soundfiles.files import mix_of, tones

RATE_HZ = 22_050


def stems_of(tmp_path, sound, rate_hz=RATE_HZ, bits=16):
    mix = mix_of(sound, rate_hz, tmp_path / "mix", bits)
    return np.concatenate(list(quick.separate(mix, bits=bits)), axis=1)


def band(seconds: float = 24.0):
    """Vocals in the middle that never repeat, struck noise, a low tone, and two chords at the sides."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    rng = np.random.default_rng(1)
    hz = 330 + 110 * np.sin(0.8 * t) + 40 * np.sin(2.3 * t) + 6 * np.sin(34 * t)
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    voice = 0.12 * sum(np.sin(k * phase) / k for k in range(1, 8))
    drums = 0.3 * rng.standard_normal(len(t)) * np.exp(-40 * (2 * t % 1))
    bass = 0.3 * np.sin(2 * np.pi * 60 * t)
    first = t % 4 < 2
    chord = 0.08 * sum(
        np.where(first, np.sin(2 * np.pi * a * t), np.sin(2 * np.pi * b * t))
        for a, b in ((330, 294), (415, 370), (494, 440))
    )
    parts = {
        "vocals": (voice, voice),
        "drums": (drums, drums),
        "bass": (bass, bass),
        "other": (1.6 * chord, 0.4 * chord),
    }
    return {name: np.stack(sides, axis=1).astype(np.float32) for name, sides in parts.items()}


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("channels", [1, 2])
def test_stems_of_samples_on_the_grid_add_up_without_error(tmp_path, bits, channels):
    grid = 1 << (bits - 1)
    rng = np.random.default_rng(0)
    sound = (rng.integers(-grid // 2, grid // 2, (100_001, channels)) / grid).astype(np.float32)
    stems = stems_of(tmp_path, sound, bits=bits)
    assert stems.shape == (4, *sound.shape)
    np.testing.assert_array_equal(stems.astype(np.float64).sum(axis=0), sound)


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 96_000])
@pytest.mark.parametrize("seconds", [0.00005, 0.2, 3.3])
def test_any_rate_and_length(tmp_path, rate_hz, seconds):
    sound = tones(max(seconds, 1 / rate_hz), rate_hz=rate_hz)
    stems = stems_of(tmp_path, sound, rate_hz)
    assert stems.shape == (4, *sound.shape)
    np.testing.assert_allclose(stems.sum(axis=0), sound, atol=2**-15)


def test_silence_gives_silence(tmp_path):
    assert not stems_of(tmp_path, np.zeros((30_000, 2), np.float32)).any()


def test_a_mix_beyond_full_scale_keeps_its_sum_in_stems_that_do_not_clip(tmp_path):
    sound = (1.4 * sum(part for part in band(4).values())).astype(np.float32)
    sound /= np.abs(sound).max() / 1.4
    stems = stems_of(tmp_path, sound)
    assert np.abs(stems).max() <= 1
    np.testing.assert_allclose(stems.sum(axis=0), sound, atol=2**-14)


def test_each_part_is_mostly_in_its_own_stem(tmp_path):
    parts = band()
    stems = dict(zip(quick.STEMS, stems_of(tmp_path, sum(parts.values())), strict=True))
    for name, part in parts.items():
        share = {stem: float((sound * part).sum() / (part * part).sum()) for stem, sound in stems.items()}
        assert max(share, key=lambda stem: share[stem]) == name, share
        assert share[name] > (0.4 if name == "vocals" else 0.9)


def test_blocks_leave_no_trace(tmp_path):
    sound = tones(20.0, rate_hz=RATE_HZ)
    drums = stems_of(tmp_path, sound)[quick.STEMS.index("drums")]
    inside = drums[RATE_HZ:-RATE_HZ]  # a tone that begins and ends does strike
    assert np.abs(inside).max() < 0.02


def test_progress_reaches_the_end(tmp_path):
    told = []
    mix = mix_of(tones(30.0, rate_hz=RATE_HZ), RATE_HZ, tmp_path / "mix")
    for _ in quick.separate(mix, bits=16, tick=told.append):
        pass
    assert len(told) > 2
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_exchanges_find_the_median_of_any_seven():
    # An exchange network that sorts all rows of zeros and ones sorts everything.
    for row in product((0, 1), repeat=7):
        seven = list(row)
        for a, b in quick._MEDIAN_OF_7:
            seven[a], seven[b] = min(seven[a], seven[b]), max(seven[a], seven[b])
        assert seven[3] == sorted(row)[3]
