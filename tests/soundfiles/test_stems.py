"""A stem on disk is the samples that were given, or it is not there."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from sfa.sound import StemWriter, decode, encode, verify, write_flac
from tests.soundfiles.files import mix_of, tones


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 96_000])
def test_what_is_written_is_what_is_read(tmp_path, bits, rate_hz):
    sound = tones(0.3, rate_hz=rate_hz)
    stem = write_flac(tmp_path / "a.flac", sound, rate_hz, bits)
    read, rate = soundfile.read(stem.path, dtype="float32")
    np.testing.assert_array_equal(read, sound)
    assert (rate, soundfile.info(stem.path).subtype) == (rate_hz, f"PCM_{bits}")


def test_the_facts_of_a_stem_are_true(tmp_path):
    sound = tones(0.3, peak=0.25)
    stem = write_flac(tmp_path / "a.flac", sound, 44_100)
    assert (stem.frames, stem.channels, stem.sample_rate) == (13_230, 2, 44_100)
    assert stem.bytes == stem.path.stat().st_size
    assert stem.sha256 == hashlib.sha256(stem.path.read_bytes()).hexdigest()
    assert stem.peak == np.abs(sound).max()


def test_full_scale_is_clipped_and_not_wrapped_round(tmp_path):
    write_flac(tmp_path / "a.flac", np.full((100, 1), 1.5, np.float32), 44_100)
    assert soundfile.read(tmp_path / "a.flac", dtype="int16")[0].min() == 32767


def test_too_few_frames_are_an_error_and_no_file(tmp_path):
    writer = StemWriter(tmp_path / "a.flac", sample_rate=44_100, channels=2, frames=101)
    writer.write(np.zeros((100, 2), np.float32))
    with pytest.raises(RuntimeError, match="100 frames written, 101 promised"):
        writer.close()
    assert not list(tmp_path.iterdir())


def test_an_exception_leaves_no_file(tmp_path):
    with (
        pytest.raises(ZeroDivisionError),
        StemWriter(tmp_path / "a.flac", sample_rate=44_100, channels=2, frames=9),
    ):
        _ = 1 / 0
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_is_said(tmp_path):
    write = (
        "import sys, resource, numpy, pathlib; from sfa.sound import BadSound, write_flac\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "noise = numpy.random.default_rng(0).uniform(-1, 1, (300_000, 2)).astype('f4')\n"
        "try: write_flac(pathlib.Path(sys.argv[1]), noise, 44_100)\n"
        "except BadSound as error: print(error.code)"
    )
    run = subprocess.run(
        [sys.executable, "-c", write, tmp_path / "a.flac"], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "disk_full"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fmt", ["flac", "wav", "mp3", "opus"])
def test_a_stem_leaves_in_any_format_with_its_tags(tmp_path, fmt):
    stem = write_flac(tmp_path / "vocals.flac", tones(1.5), 44_100)
    encode(stem.path, tmp_path / f"out.{fmt}", fmt, {"title": "Song (vocals)", "artist": "Ä", "album": None})
    facts, _ = verify(tmp_path / f"out.{fmt}", name="out")
    assert (facts.title, facts.artist, facts.album) == ("Song (vocals)", "Ä", None)
    assert facts.duration_s == pytest.approx(1.5, abs=0.01)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["vocals.flac", f"out.{fmt}"])


@pytest.mark.parametrize("bits", [16, 24])
def test_an_export_as_wav_keeps_every_bit(tmp_path, bits):
    rng = np.random.default_rng(0)
    grid = 1 << (bits - 1)
    sound = (rng.integers(-grid, grid, (5000, 2)) / grid).astype(np.float32)
    write_flac(tmp_path / "a.flac", sound, 48_000, bits)
    encode(tmp_path / "a.flac", tmp_path / "a.wav", "wav")
    mix = decode(tmp_path / "a.wav", tmp_path / "spool", name="a")
    assert mix.facts.bits == bits
    np.testing.assert_array_equal(mix.samples, sound)


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match="flac, wav, mp3, opus"):
        encode(tmp_path / "a.flac", tmp_path / "a.xyz", "xyz")


def test_a_spooled_mix_reads_back(tmp_path):
    sound = tones(0.1, channels=1)
    assert np.array_equal(mix_of(sound, 44_100, tmp_path / "spool").samples, sound)
