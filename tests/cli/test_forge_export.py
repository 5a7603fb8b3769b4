"""Stems copied out: safe names, never over anything else, whole or not at all."""

from __future__ import annotations

import errno
from uuid import UUID

import numpy as np
import pytest
import soundfile

from sfa.cli.forge.export import Place, cannot_export, folder_name, safe_name
from sfa.cli.forge.files import Interrupted
from sfa.errors import Refused
from sfa.sound import BadSound, write_flac
from tests.cli.rows import found, stem

FRAMES = 4_410


@pytest.fixture
def media(tmp_path):
    """A folder with one stem in it."""
    folder = tmp_path / "media"
    folder.mkdir()
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (FRAMES, 2)).astype(np.float32)
    write_flac(folder / "vocals.flac", noise, 44_100)
    return folder


def song(**changes):
    return found(stems=[stem()], **changes)


def export(media, out, one, fmt="flac", told=lambda done: True):
    one.named = {stem.name: media / f"{stem.name}.flac" for stem in one.stems}
    return Place(out, fmt).export(one, told)


@pytest.mark.parametrize(
    "title, name",
    [
        ("Plain Title", "Plain Title"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a/b\\c:d*e?f", "a_b_c_d_e_f"),
        ("...", "untitled"),
        ("", "untitled"),
        (".hidden", "hidden"),
        ("two\nlines\tand\x1b[31m", "two lines and [31m"),
        ("ends with dots. .", "ends with dots"),
        ("con", "_con"),
        ("aux.flac", "_aux.flac"),
        ("Füge 😀", "Füge 😀"),
    ],
)
def test_title_becomes_a_name_that_every_disk_takes(title, name):
    assert safe_name(title) == name


@pytest.mark.parametrize("title", ["x" * 300, "😀" * 100, "é" * 200])
def test_long_title_fits_beside_a_number(title):
    assert 100 < len(f"{safe_name(title)} (99)".encode()) < 255


def test_folder_has_artist_and_title():
    assert folder_name(found(title="Song", artist="Some/Body")) == "Some_Body - Song"


@pytest.mark.parametrize("fmt", ["flac", "wav", "mp3", "opus"])
def test_stem_keeps_its_length_and_gets_its_tags(media, tmp_path, fmt):
    path = export(media, tmp_path / "out", song(title="Some Song"), fmt)["vocals"]
    assert path == tmp_path / "out" / "Some Song" / f"vocals.{fmt}"
    assert b"Some Song (vocals)" in path.read_bytes()
    if fmt in ("flac", "wav"):
        assert soundfile.info(path).frames == FRAMES


def test_same_stems_again_take_their_own_place(media, tmp_path):
    first = export(media, tmp_path / "out", song())
    assert export(media, tmp_path / "out", song()) == first
    assert [folder.name for folder in (tmp_path / "out").iterdir()] == ["Song"]


def test_other_song_of_the_same_name_gets_a_number(media, tmp_path):
    first = export(media, tmp_path / "out", song())["vocals"]
    before = first.read_bytes()
    second = export(media, tmp_path / "out", song(track_id=UUID(int=9)))["vocals"]
    assert second.parent.name == "Song (2)"
    assert first.read_bytes() == before


def test_folder_of_somebody_else_is_left_alone(media, tmp_path):
    mine = tmp_path / "out" / "Song" / "vocals.flac"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"my own work")
    assert export(media, tmp_path / "out", song())["vocals"].parent.name == "Song (2)"
    assert mine.read_bytes() == b"my own work"


def test_link_is_not_followed_out_of_the_folder(media, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "Song").symlink_to(tmp_path / "elsewhere")
    assert export(media, tmp_path / "out", song())["vocals"].parent.name == "Song (2)"
    assert not list((tmp_path / "elsewhere").iterdir())


def test_failed_export_leaves_nothing(media, tmp_path):
    broken = found(stems=[stem(), stem("drums")])
    with pytest.raises((BadSound, RuntimeError, OSError)):
        export(media, tmp_path / "out", broken)
    assert not list((tmp_path / "out").iterdir())


def test_interrupted_export_leaves_nothing(media, tmp_path):
    with pytest.raises(Interrupted):
        export(media, tmp_path / "out", song(), told=lambda done: False)
    assert not list((tmp_path / "out").iterdir())


def test_scratch_of_a_killed_command_is_cleared_away(media, tmp_path):
    left = tmp_path / "out" / ".sfa-4194304-abc" / "stems"  # no process has such a number
    left.mkdir(parents=True)
    export(media, tmp_path / "out", song())
    assert [folder.name for folder in (tmp_path / "out").iterdir()] == ["Song"]


def test_folder_that_cannot_be_is_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="is not a folder"):
        Place(tmp_path / "file" / "below", "flac").check()
    Place(tmp_path / "new" / "folder", "flac").check()
    assert not (tmp_path / "new").exists()


def test_full_disk_is_called_by_its_name(tmp_path):
    trouble = cannot_export("“a.wav”", tmp_path, OSError(errno.ENOSPC, "No space left on device"))
    assert trouble.exit_status == 74
    assert "No space left" in trouble.message
