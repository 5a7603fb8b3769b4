"""Files as they are named on the command line."""

from __future__ import annotations

import io
import os

import pytest

from sfa.cli.forge import files
from sfa.errors import CODES, Refused
from tests.conftest import ordinary_user


def told(done):
    return True


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda path: None, "There is no file"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "is a device"),
        (lambda path: path.symlink_to(path), "cannot be read"),
    ],
)
def test_what_is_no_file_is_named_as_what_it_is(tmp_path, make, says):
    make(tmp_path / "song.wav")
    with pytest.raises(Refused, match=says) as refused:
        files.check(str(tmp_path / "song.wav"))
    assert "song.wav" in str(refused.value)
    assert refused.value.fix
    assert CODES[refused.value.code].exit_status == 66


def test_address_is_not_taken_for_a_file():
    with pytest.raises(Refused, match="is an address"):
        files.check("https://example.org/song.mp3")


def test_file_of_somebody_else_is_refused(commons):
    (commons / "song.wav").touch(mode=0)
    with ordinary_user(), pytest.raises(Refused, match="may not be read by you"):
        files.check(str(commons / "song.wav"))


def test_empty_name_is_not_taken_for_this_folder():
    with pytest.raises(Refused, match="There is no file"):
        files.check("")


def test_longer_name_than_any_disk_takes_is_refused():
    with pytest.raises(Refused, match="cannot be read"):
        files.check("x" * 5000)


def test_pipe_is_read_like_a_file(tmp_path):
    read_fd, write_fd = os.pipe()
    os.write(write_fd, b"sound")
    os.close(write_fd)
    try:
        files.check(f"/dev/fd/{read_fd}")
        assert files.copy(f"/dev/fd/{read_fd}", tmp_path, limit=99, told=told).bytes == 5
    finally:
        os.close(read_fd)


def test_file_is_copied_whole_and_progress_told(tmp_path):
    (tmp_path / "song.wav").write_bytes(b"x" * (3 << 20))
    heard = []
    copy = files.copy(
        str(tmp_path / "song.wav"), tmp_path, limit=1 << 30, told=lambda done: not heard.append(done)
    )
    assert copy.path.read_bytes() == b"x" * (3 << 20)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_copy_ends_when_nobody_wants_it(tmp_path):
    (tmp_path / "song.wav").write_bytes(b"x" * (3 << 20))
    with pytest.raises(files.Interrupted):
        files.copy(str(tmp_path / "song.wav"), tmp_path, limit=1 << 30, told=lambda done: done < 0.5)


def test_file_that_went_away_meanwhile_is_refused(tmp_path):
    with pytest.raises(Refused, match="There is no file"):
        files.copy(str(tmp_path / "song.wav"), tmp_path, limit=99, told=told)


def test_disk_that_fails_under_a_file_is_not_called_full(tmp_path):
    class Failing(io.RawIOBase):
        def read(self, count=-1):
            raise OSError(5, "Input/output error")

    reading = files._Reading(Failing(), "song.wav", 10, told)
    with pytest.raises(Refused, match="Input/output error") as refused:
        reading.read(10)
    assert refused.value.code == "unreadable"
