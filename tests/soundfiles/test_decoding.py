"""What is decoded is what was written, to the sample, whatever the container."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess

import numpy as np
import pytest

from sfa.sound import decode, ffmpeg, verify
from tests.soundfiles.files import converted, film, tones, wav


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_wav_comes_back_exactly_at_every_rate(tmp_path, rate_hz, channels):
    sound = tones(0.2, rate_hz=rate_hz, channels=channels)
    mix = decode(wav(tmp_path / "a", sound, rate_hz), tmp_path / "spool", name="a")
    assert (mix.sample_rate, mix.channels, mix.frames) == (rate_hz, channels, len(sound))
    np.testing.assert_array_equal(mix.samples, sound)


@pytest.mark.parametrize(
    ("subtype", "kind", "bits", "error"),
    [
        ("PCM_U8", "WAV", 8, 1 / 128),
        ("PCM_24", "WAV", 24, 0),
        ("PCM_32", "WAV", 32, 0),
        ("FLOAT", "WAV", 32, 0),
        ("DOUBLE", "WAV", 64, 0),
        ("PCM_16", "FLAC", 16, 0),
        ("PCM_24", "FLAC", 24, 0),
        ("PCM_16", "AIFF", 16, 0),
        ("PCM_16", "CAF", 16, 0),
        ("PCM_16", "W64", 16, 0),
    ],
)
def test_every_kind_of_sample_is_read(tmp_path, subtype, kind, bits, error):
    sound = tones()
    mix = decode(wav(tmp_path / "a", sound, subtype=subtype, kind=kind), tmp_path / "spool", name="a")
    assert mix.facts.bits == bits
    assert not mix.facts.lossy
    np.testing.assert_allclose(mix.samples, sound, atol=error)


@pytest.mark.parametrize(
    ("ending", "options", "codec"),
    [
        ("mp3", (), "mp3"),
        ("ogg", (), "vorbis"),
        ("opus", (), "opus"),
        ("m4a", (), "aac"),
        ("webm", ("-c:a", "libopus"), "opus"),
        ("mka", ("-c:a", "aac"), "aac"),
    ],
)
def test_lossy_files_are_in_time_with_what_they_were_made_from(tmp_path, ending, options, codec):
    sound = tones(1.5)
    path = converted(wav(tmp_path / "a.wav", sound), tmp_path / f"a.{ending}", *options)
    mix = decode(path, tmp_path / "spool", name="a")
    assert mix.facts.codec == codec
    assert mix.facts.lossy
    assert mix.facts.bits is None
    middle = slice(mix.sample_rate // 2, mix.sample_rate)
    expected = tones(1.5, rate_hz=mix.sample_rate)
    assert np.corrcoef(mix.samples[middle, 0], expected[middle, 0])[0, 1] > 0.99


@pytest.mark.parametrize("ending", ["mp3", "ogg", "m4a"])
def test_lossy_files_have_as_many_frames_as_they_were_made_from(tmp_path, ending):
    path = converted(wav(tmp_path / "a.wav", tones(1.5)), tmp_path / f"a.{ending}")
    assert decode(path, tmp_path / "spool", name="a").frames == 66_150


def test_lossless_mp4_comes_back_exactly(tmp_path):
    sound = tones()
    path = converted(wav(tmp_path / "a.wav", sound), tmp_path / "a.m4a", "-c:a", "alac")
    mix = decode(path, tmp_path / "spool", name="a")
    assert (mix.facts.codec, mix.facts.bits, mix.facts.lossy) == ("alac", 16, False)
    np.testing.assert_array_equal(mix.samples, sound)


@pytest.mark.parametrize("ending", ["mp3", "flac", "ogg", "opus", "m4a", "webm", "wma"])
def test_tags_are_read(tmp_path, ending):
    path = converted(wav(tmp_path / "a.wav", tones(0.5)), tmp_path / f"a.{ending}")
    facts, _ = verify(path, name="a")
    assert (facts.title, facts.artist, facts.album) == ("Tïtle 😀", "Ärtist", "Album")


@pytest.mark.parametrize("ending", ["mp3", "flac", "m4a"])
def test_a_tag_cannot_turn_the_text_around_it(tmp_path, ending):
    said = ("-metadata", "title=\u202eSong\u2069\ufeff", "-metadata", "artist=\u200b")
    path = converted(wav(tmp_path / "a.wav", tones(0.5)), tmp_path / f"a.{ending}", *said)
    facts, _ = verify(path, name="a")
    assert (facts.title, facts.artist) == ("Song", None)


def test_the_content_decides_and_not_the_ending(tmp_path):
    path = wav(tmp_path / "a.mp3", tones(0.2), kind="FLAC")
    assert verify(path, name="a.mp3")[0].container == "flac"


def test_a_film_gives_its_sound(tmp_path):
    sound = wav(tmp_path / "a.wav", tones(1.0))
    facts, _ = verify(film(tmp_path / "a.mp4", "-i", str(sound), "-shortest"), name="a.mp4")
    assert (facts.container, facts.channels) == ("mp4", 2)


def test_five_channels_and_a_bass_are_mixed_down_as_the_broadcasters_do(tmp_path):
    sound = np.zeros((4410, 6), np.float32)
    sound[:, 0], sound[:, 2] = 0.5, 0.5  # left and centre
    mix = decode(wav(tmp_path / "a", sound), tmp_path / "spool", name="a")
    assert (mix.facts.channels, mix.channels) == (6, 2)
    np.testing.assert_allclose(mix.samples[100], [0.5 + 0.5 * 0.5**0.5, 0.5 * 0.5**0.5], atol=1e-5)


def test_channels_without_names_go_to_both_sides_in_turn(tmp_path):
    sound = np.tile(np.arange(9, dtype=np.float32) / 16, (4410, 1))
    mix = decode(wav(tmp_path / "a", sound, subtype="FLOAT"), tmp_path / "spool", name="a")
    np.testing.assert_allclose(mix.samples[100], [4 / 16, 4 / 16])


def test_a_stream_that_never_knew_its_length_is_read(tmp_path):
    source = wav(tmp_path / "a.wav", tones())
    for kind in ("wav", "flac"):
        streamed = subprocess.run(
            [ffmpeg(), "-v", "error", "-i", source, "-f", kind, "-"], check=True, capture_output=True
        )
        (tmp_path / "b").write_bytes(streamed.stdout)
        assert verify(tmp_path / "b", name="b")[0].frames == 44_100


def test_silence_is_sound(tmp_path):
    facts, _ = verify(wav(tmp_path / "a", np.zeros((44_100, 2), np.float32)), name="a")
    assert facts.duration_s == 1.0


def test_the_hash_is_of_the_samples_that_decoding_writes(tmp_path):
    path = wav(tmp_path / "a", tones())
    _, digest = verify(path, name="a")
    mix = decode(path, tmp_path / "spool", name="a")
    assert hashlib.sha256(mix.path.read_bytes()).hexdigest() == digest


def test_a_block_is_a_piece_of_the_samples(tmp_path):
    mix = decode(wav(tmp_path / "a", tones()), tmp_path / "spool", name="a")
    np.testing.assert_array_equal(mix.block(44_000, 50_000), mix.samples[44_000:])


def test_progress_reaches_the_end(tmp_path):
    told = []
    decode(
        wav(tmp_path / "a", tones(3)), tmp_path / "s", name="a", report=lambda done, note: told.append(done)
    )
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_an_edited_header_that_counts_a_few_bytes_too_many_is_forgiven(tmp_path):
    path = wav(tmp_path / "a.wav", tones(0.2))
    content = bytearray(path.read_bytes())
    content[40:44] = struct.pack("<I", struct.unpack("<I", content[40:44])[0] + 44)
    path.write_bytes(content)
    assert verify(path, name="a.wav")[0].frames == 8820


def test_a_name_that_is_no_text_can_be_opened(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff\xfe: -x\n.m4a")
    converted(wav(tmp_path / "a.wav", tones(0.1)), path)
    assert verify(path, name="a")[0].frames == 4410
