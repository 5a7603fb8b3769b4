"""Every bad file gets its code, a sentence with its name in it, and a way out; and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sfa.sound import BadSound, decode, verify
from tests.soundfiles.files import converted, film, tones, wav


def problem(path, name="my song.mp3") -> BadSound:
    with pytest.raises(BadSound) as caught:
        verify(path, name=name)
    assert caught.value.fix
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        b"hello world\n" * 500,
        "words in the way of Windows\n".encode("utf-16") * 100,
        b"\x89PNG\r\n\x1a\n" + bytes(1000),
        b"%PDF-1.7\n" * 100,
        b"#EXTM3U\n/etc/passwd\n",
        np.random.default_rng(0).bytes(50_000),
        np.random.default_rng(1).bytes(3),
    ],
    ids=["text", "utf-16", "picture", "document", "playlist", "noise", "crumb"],
)
def test_what_is_no_sound_is_refused(tmp_path, content):
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    error = problem(path)
    assert error.code == "not_audio"
    assert "“my song.mp3”" in str(error)


def test_an_archive_is_no_sound(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.wav", wav(tmp_path / "a.wav", tones(0.1)).read_bytes())
    assert problem(tmp_path / "a.zip").code == "not_audio"


def test_no_bytes(tmp_path):
    (tmp_path / "a").touch()
    assert problem(tmp_path / "a").code == "empty_file"


@pytest.mark.parametrize("kind", ["WAV", "AIFF", "FLAC"])
def test_a_header_without_a_sample(tmp_path, kind):
    path = wav(tmp_path / "a", np.zeros((0, 2), np.float32), kind=kind)
    assert problem(path).code == "empty_file"


@pytest.mark.parametrize("part", [0.3, 0.9])
@pytest.mark.parametrize(
    ("ending", "options"),
    [
        ("wav", ()),
        ("aiff", ()),
        ("caf", ()),
        ("w64", ()),
        ("au", ()),
        ("flac", ()),
        ("mp3", ()),
        ("ogg", ()),
        ("opus", ()),
        ("m4a", ()),
        ("m4a", ("-movflags", "+faststart")),
        ("webm", ("-c:a", "libopus")),
        ("wma", ()),
        ("wv", ()),
        ("tta", ()),
    ],
)
def test_a_file_that_breaks_off_is_noticed(tmp_path, ending, options, part):
    path = converted(wav(tmp_path / "a.src", tones(3)), tmp_path / f"a.{ending}", *options)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    assert problem(path).code == "truncated"


def test_six_channels_of_flac_that_break_off_are_noticed(tmp_path):
    path = wav(tmp_path / "a", tones(3, channels=6), kind="FLAC")
    path.write_bytes(path.read_bytes()[:-20_000])
    assert problem(path).code == "truncated"


def test_a_header_that_breaks_off_is_noticed(tmp_path):
    path = wav(tmp_path / "a", tones(1))
    path.write_bytes(path.read_bytes()[:30])
    assert problem(path).code == "truncated"


@pytest.mark.parametrize("entry", [b"drms", b"enca"])
def test_a_locked_purchase_is_recognised(tmp_path, entry):
    path = converted(wav(tmp_path / "a.wav", tones()), tmp_path / "a.m4a")
    path.write_bytes(path.read_bytes().replace(b"mp4a", entry, 1))
    assert problem(path).code == "protected"


def test_a_film_without_sound_says_so(tmp_path):
    assert problem(film(tmp_path / "a.mp4")).code == "no_sound"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_found_wherever_they_are(tmp_path, bad):
    sound = tones(2)
    sound[70_000, 1] = bad
    error = problem(wav(tmp_path / "a", sound, subtype="FLOAT"))
    assert error.code == "not_numbers"
    assert "0:01" in str(error)


def test_samples_far_beyond_full_scale_are_refused_and_whole_numbers_written_as_floats_are_not(tmp_path):
    assert problem(wav(tmp_path / "a", tones(1) * 1e30, subtype="FLOAT")).code == "not_numbers"
    verify(wav(tmp_path / "b", tones(1) * 2.0**31, subtype="FLOAT"), name="b")


def test_a_rate_that_no_sound_has_is_refused(tmp_path):
    assert problem(wav(tmp_path / "a", tones(1, rate_hz=100), 100)).code == "not_audio"


def header_of(kind: str, path: Path, **figures: float) -> Path:
    """A second of sound under a header that says of it what it is told to say."""
    said = {"rate": 44_100, "channels": 2, "bits": 16, "coding": 1} | figures
    wav(path, tones(1), kind=kind)
    content = bytearray(path.read_bytes())
    if kind == "WAV":
        place = content.index(b"fmt ") + 8
        struct.pack_into("<HHI", content, place, said["coding"], said["channels"], said["rate"])
        struct.pack_into("<H", content, place + 14, said["bits"])
    elif kind == "AIFF":
        struct.pack_into(">h", content, content.index(b"COMM") + 8, said["channels"])
        struct.pack_into(">HQ", content, content.index(b"COMM") + 16, 16_383 + 63, int(said["rate"]))
    elif kind == "AU":
        struct.pack_into(">II", content, 16, said["rate"], said["channels"])
    else:
        struct.pack_into(">d", content, content.index(b"desc") + 12, said["rate"])
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("kind", "figures", "says"),
    [
        ("WAV", {"rate": 0}, "claims 0 samples a second"),
        ("WAV", {"rate": 1}, "claims 1 sample a second"),
        ("WAV", {"rate": 4_000_000_000}, "claims 4,000,000,000 samples a second"),
        ("WAV", {"channels": 0}, "claims 0 channels"),
        ("WAV", {"channels": 65_535}, "claims 65,535 channels, more than the 64"),
        ("WAV", {"bits": 0}, "claims samples of 0 bits"),
        ("WAV", {"bits": 65_535}, "claims samples of 65,535 bits"),
        ("WAV", {"coding": 0x1234}, "names the coding 0x1234, which cannot be read here"),
        ("AIFF", {"rate": 0}, "claims 0 samples a second"),
        ("AIFF", {"rate": 4_000_000_000}, "claims 4,000,000,000 samples a second"),
        ("AIFF", {"channels": 0}, "claims 0 channels"),
        ("AU", {"rate": 0}, "claims 0 samples a second"),
        ("AU", {"channels": 65_535}, "claims 65,535 channels"),
        ("CAF", {"rate": 0.0}, "claims 0 samples a second"),
        ("CAF", {"rate": 4e9}, "claims 4,000,000,000 samples a second"),
        ("CAF", {"rate": np.nan}, "claims a rate that is not a number"),
    ],
)
def test_a_header_that_cannot_be_true_is_quoted(tmp_path, kind, figures, says):
    error = problem(header_of(kind, tmp_path / "a", **figures))
    assert error.code == "not_audio"
    assert says in str(error)
    assert "“my song.mp3”" in str(error)


def test_a_figure_that_decoders_look_past_is_no_obstacle(tmp_path):
    assert verify(header_of("WAV", tmp_path / "a", bits=12), name="a")[0].frames == 44_100


def test_a_folder_a_pipe_and_a_device_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        assert problem(path).code == "unreadable"


def test_a_file_that_went_away(tmp_path):
    assert problem(tmp_path / "nowhere").code == "gone"


def test_a_file_that_may_not_be_read():
    # Not in pytest's own folder, which is closed to everybody else; and root may read everything.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = wav(Path(folder) / "a", tones(0.1))
        path.chmod(0)
        ask = (
            "import sys, os, pathlib; from sfa.sound import BadSound, verify\n"
            "if not os.getuid(): os.setuid(65534)\n"
            "try: verify(pathlib.Path(sys.argv[1]), name='a')\n"
            "except BadSound as error: print(error.code)"
        )
        run = subprocess.run([sys.executable, "-c", ask, path], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "unreadable"


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path):
    with pytest.raises(BadSound) as caught:
        decode(wav(tmp_path / "a", tones()), Path("/dev/full"), name="a")
    assert caught.value.code == "disk_full"
    assert Path("/dev/full").exists()


def test_a_failed_decode_leaves_no_spool(tmp_path):
    sound = tones(2)
    sound[-1] = np.nan
    with pytest.raises(BadSound):
        decode(wav(tmp_path / "a", sound, subtype="FLOAT"), tmp_path / "spool", name="a")
    assert not (tmp_path / "spool").exists()


def test_a_playlist_cannot_make_ffmpeg_read_another_file(tmp_path):
    secret = wav(tmp_path / "secret.wav", tones())
    (tmp_path / "a.txt").write_text(f"ffconcat version 1.0\nfile {secret}\n")
    assert problem(tmp_path / "a.txt").code == "not_audio"


def test_flipped_bytes_never_break_the_program(tmp_path):
    rng = np.random.default_rng(5)
    sources = [
        converted(wav(tmp_path / "a.src", tones(0.5)), tmp_path / f"a.{ending}")
        for ending in ("wav", "flac", "mp3", "ogg", "m4a")
    ]
    for path in sources:
        whole = path.read_bytes()
        for _ in range(6):
            content = bytearray(whole)
            for place in rng.integers(0, len(whole), 30):
                content[place] = rng.integers(256)
            path.write_bytes(content)
            with contextlib.suppress(BadSound):
                verify(path, name="a")


def test_a_box_that_claims_to_be_empty_does_not_hold_us_up(tmp_path):
    path = tmp_path / "a.m4a"
    path.write_bytes(struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4s", 0, b"free") + bytes(1000))
    started = time.monotonic()
    assert problem(path).code == "truncated"
    assert time.monotonic() - started < 2
