"""The pack that players take: every segment stands for itself, and together they are the stems."""

from __future__ import annotations

import hashlib
import io
import struct

import numpy as np
import pytest
import soundfile

from sfa.separators.pack import SEGMENT_FRAMES, PackFile, most_bytes, write_pack
from sfa.sound import BadSound, write_flac

RATE = 44_100


def music(frames: int, channels: int = 2, peak: float = 0.8, seed: int = 0) -> np.ndarray:
    """Noise on the grid of 16 bits."""
    whole = np.random.default_rng(seed).uniform(-peak, peak, (frames, channels)) * 32768
    return (np.rint(whole) / 32768).astype(np.float32)


def pack_of(tmp_path, sounds: dict[str, np.ndarray], rate_hz=RATE, bits=16, gains=None, **how) -> PackFile:
    stems = [
        (name, write_flac(tmp_path / f"{name}.flac", sound, rate_hz, bits), (gains or {}).get(name, 1.0))
        for name, sound in sounds.items()
    ]
    return write_pack(tmp_path / "stems.pack", stems, **how)


def unpacked(pack: PackFile) -> dict[str, np.ndarray]:
    """Every stem as a player gets it, shape (frames, 2), int16; silence at the end included."""
    content = pack.path.read_bytes()
    found: dict[str, list[np.ndarray]] = {name: [] for name in pack.stems}
    for start, stop in zip(pack.offsets, pack.offsets[1:], strict=False):
        lengths = struct.unpack_from(f"<{len(pack.stems)}I", content, start)
        place = start + 4 * len(lengths)
        for name, length in zip(pack.stems, lengths, strict=True):
            samples, rate_hz = soundfile.read(io.BytesIO(content[place : place + length]), dtype="int16")
            assert (rate_hz, samples.shape) == (RATE, (SEGMENT_FRAMES, 2))
            found[name].append(samples)
            place += length
        assert place == stop
    return {name: np.concatenate(parts) for name, parts in found.items()}


@pytest.mark.parametrize("frames", [1, SEGMENT_FRAMES - 1, SEGMENT_FRAMES, SEGMENT_FRAMES + 1, 300_000])
def test_segments_together_are_the_stems_to_the_bit(tmp_path, frames):
    sounds = {name: music(frames, seed=place) for place, name in enumerate(("vocals", "drums", "bass"))}
    pack = pack_of(tmp_path, sounds)
    assert (pack.stems, pack.frames, pack.gain) == (["vocals", "drums", "bass"], frames, 1.0)
    for name, samples in unpacked(pack).items():
        np.testing.assert_array_equal(samples[:frames], sounds[name] * 32768)
        assert not samples[frames:].any()


def test_the_row_tells_size_hash_and_every_place(tmp_path):
    pack = pack_of(tmp_path, {"vocals": music(100_000)})
    content = pack.path.read_bytes()
    assert (pack.bytes, pack.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert len(pack.offsets) == -(-100_000 // SEGMENT_FRAMES) + 1
    assert (pack.offsets[0], pack.offsets[-1]) == (0, len(content))


def test_stems_of_24_bits_are_rounded_to_16(tmp_path):
    sound = (np.random.default_rng(1).uniform(-0.9, 0.9, (50_000, 2))).astype(np.float32)
    samples = unpacked(pack_of(tmp_path, {"vocals": sound}, bits=24))["vocals"][:50_000]
    np.testing.assert_allclose(samples / 32768, sound, atol=0.51 / 32768)


def test_one_channel_becomes_two_that_are_alike(tmp_path):
    sound = music(20_000, channels=1)
    samples = unpacked(pack_of(tmp_path, {"vocals": sound}))["vocals"][:20_000]
    np.testing.assert_array_equal(samples, np.repeat(sound * 32768, 2, axis=1))


def test_stems_that_were_turned_down_alone_stand_beside_each_other_again(tmp_path):
    sounds = {"vocals": music(20_000, peak=0.5), "drums": music(20_000, peak=0.9, seed=1)}
    pack = pack_of(tmp_path, sounds, gains={"drums": 0.5})
    assert pack.gain == 0.5
    found = unpacked(pack)
    np.testing.assert_array_equal(found["drums"][:20_000], sounds["drums"] * 32768)
    np.testing.assert_allclose(found["vocals"][:20_000], sounds["vocals"] * 16384, atol=0.51)


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000, 96_000])
def test_another_rate_becomes_ours_in_pitch_and_length(tmp_path, rate_hz):
    t = np.arange(int(1.7 * rate_hz)) / rate_hz
    sine = (0.5 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)
    pack = pack_of(tmp_path, {"vocals": np.repeat(sine[:, None], 2, axis=1)}, rate_hz)
    assert pack.frames == round(len(t) * RATE / rate_hz)
    found = unpacked(pack)["vocals"][2000 : pack.frames - 2000, 0] / 32768
    wanted = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(2000, pack.frames - 2000) / RATE)
    np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_what_resampling_would_clip_is_turned_down_with_everything_else(tmp_path):
    square = np.sign(np.sin(2 * np.pi * 900 * np.arange(48_000) / 48_000 + 0.1)).astype(np.float32)
    loud = np.repeat(0.999 * square[:, None], 2, axis=1)
    quiet = music(48_000, peak=0.1)
    told: list[float] = []
    pack = pack_of(tmp_path, {"vocals": loud, "other": quiet}, 48_000, tick=told.append)
    assert 0.7 < pack.gain < 1
    assert told == sorted(told)
    assert told[-1] == 1
    found = unpacked(pack)
    assert 32_000 < np.abs(found["vocals"].astype(int)).max() < 32_768


def test_a_pack_takes_no_more_than_was_foreseen(tmp_path):
    noise = np.random.default_rng(3).uniform(-1, 1, (70_000, 2)).astype(np.float32)
    pack = pack_of(tmp_path, {"vocals": noise, "drums": noise}, 48_000)
    assert pack.bytes <= most_bytes(70_000, 48_000, 2)


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path):
    flac = write_flac(tmp_path / "vocals.flac", music(40_000), RATE)
    full = tmp_path / "stems.pack"
    full.symlink_to("/dev/full")
    with pytest.raises(BadSound) as caught:
        write_pack(full, [("vocals", flac, 1.0)])
    assert caught.value.code == "disk_full"
    assert not full.is_symlink()
