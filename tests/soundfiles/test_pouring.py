"""Sound written to a pipe: as long as it says, to the sample where it can be, and never quietly cut."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from sfa.sound import BadSound
from sfa.sound.pouring import Shape, pour
from sfa.sound.voices import Voice, mixed, peak_of

RNG = np.random.default_rng(11)


class Pipe(io.BytesIO):
    """What can be written to and not gone back in."""

    def seekable(self) -> bool:
        return False


def poured(frames, rate, channels, bits, fmt) -> tuple[bytes, np.ndarray]:
    scale = 1 << (bits - 1)
    sound = np.rint(RNG.uniform(-0.5, 0.5, (frames, channels)) * scale) / scale
    out = Pipe()
    blocks = (sound[start : start + 5000] for start in range(0, frames, 5000))
    pour(blocks, out, Shape(frames, rate, channels, bits), fmt, {"title": "T"})
    return out.getvalue(), sound


@pytest.mark.parametrize("fmt", ["wav", "flac"])
@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("channels", [1, 2])
def test_samples_come_back_as_they_were(fmt, bits, channels):
    data, sound = poured(12_345, 44_100, channels, bits, fmt)
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        assert (file.frames, file.subtype) == (12_345, f"PCM_{bits}")
        assert np.array_equal(file.read(always_2d=True), sound)


@pytest.mark.parametrize("frames", [1, 575, 576, 577, 1152, 2303, 2304, 44_100, 100_001])
@pytest.mark.parametrize(
    ("rate", "channels"), [(44_100, 2), (48_000, 1), (22_050, 2), (16_000, 1), (11_025, 1)]
)
def test_mp3_has_the_length_that_went_in(frames, rate, channels):
    data, _ = poured(frames, rate, channels, 16, "mp3")
    assert soundfile.info(io.BytesIO(data)).frames == frames


@pytest.mark.parametrize("rate", [96_000, 88_200])
def test_mp3_of_a_higher_rate_is_resampled(rate):
    data, _ = poured(rate * 2, rate, 2, 24, "mp3")
    info = soundfile.info(io.BytesIO(data))
    assert info.samplerate == 48_000
    assert abs(info.frames - 96_000) <= 1


def test_sine_as_mp3_is_where_it_was():
    t = np.arange(88_200) / 44_100
    sound = np.repeat((0.5 * np.sin(2 * np.pi * 441 * t) * np.minimum(1, 20 * t))[:, None], 2, axis=1)
    out = Pipe()
    pour(iter([sound]), out, Shape(len(sound), 44_100, 2, 16), "mp3", {})
    assert np.abs(soundfile.read(io.BytesIO(out.getvalue()))[0] - sound).max() < 0.01


@pytest.mark.parametrize("fmt", ["wav", "flac", "mp3"])
def test_blocks_that_fail_are_not_a_shorter_file(fmt):
    def blocks():
        yield np.zeros((5000, 2))
        raise BadSound("truncated", "It ends there.")

    with pytest.raises(BadSound, match="It ends there"):
        pour(blocks(), Pipe(), Shape(10_000, 44_100, 2, 16), fmt, {})


def test_reader_that_leaves_ends_the_encoder():
    class Gone(Pipe):
        def write(self, data):
            raise BrokenPipeError

    blocks = (np.zeros((5000, 2)) for _ in range(1000))
    with pytest.raises(BrokenPipeError):
        pour(blocks, Gone(), Shape(5_000_000, 44_100, 2, 16), "flac", {})


def test_loudest_sample_is_found_where_it_is(tmp_path):
    sound = RNG.uniform(-0.3, 0.3, (200_000, 2))
    sound[170_001, 1] = -0.9
    soundfile.write(tmp_path / "a.flac", sound, 44_100, subtype="PCM_24")
    voices = [Voice(tmp_path / "a.flac", "a"), Voice(tmp_path / "a.flac", "again")]
    peak, at = peak_of(mixed(voices, 1000, 200_000, channels=2), 1000)
    assert (round(peak, 6), at) == (1.8, 170_001)


def test_mono_stem_is_two_equal_channels(tmp_path):
    sound = RNG.integers(-9000, 9000, (5000, 1)) / 32768
    soundfile.write(tmp_path / "a.flac", sound, 44_100, subtype="PCM_16")
    both = np.concatenate(list(mixed([Voice(tmp_path / "a.flac", "a")], 0, 5000, channels=2)))
    assert np.array_equal(both, np.repeat(sound, 2, axis=1))
    left = np.concatenate(list(mixed([Voice(tmp_path / "a.flac", "a", pan=-1)], 0, 5000, channels=2)))
    assert np.allclose(left, np.concatenate([2 * sound, 0 * sound], axis=1), atol=1e-15)


def test_file_that_is_shorter_than_its_row_says_where(tmp_path):
    soundfile.write(tmp_path / "a.flac", np.zeros((44_100, 2)), 44_100)
    with pytest.raises(BadSound, match=r"“drums” is damaged from 0:00 on"):
        list(mixed([Voice(tmp_path / "a.flac", "drums")], 0, 44_101, channels=2))
