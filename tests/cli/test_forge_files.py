"""Files as they are named on the command line."""

from __future__ import annotations

import contextlib
import os
import socket
import time

import pytest

from sfa.cli.forge import files
from sfa.cli.forge.pipes import Opened
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


def test_disk_that_fails_under_a_file_is_not_called_full():
    with contextlib.closing(
        Opened("/proc/self/mem")
    ) as file:  # a file of which nothing at its start can be read
        reading = files._Reading(file, "song.wav", told, 1)
        with pytest.raises(Refused, match="Input/output error") as refused:
            reading.read(10)
    assert refused.value.code == "unreadable"


@pytest.mark.parametrize(
    "path", ["/proc/kmsg", "/proc/version", "/proc/self/mem", "/sys/kernel/uevent_seqnum"]
)
def test_file_of_the_system_is_refused_at_once_and_not_read(tmp_path, path):
    (tmp_path / "song.wav").symlink_to(path)
    began = time.monotonic()
    with pytest.raises(Refused, match=r"song.wav” is made up by the system as it is read"):
        files.check(str(tmp_path / "song.wav"))
    assert time.monotonic() - began < 0.5


def test_terminal_and_socket_are_called_what_they_are(tmp_path):
    keys, screen = os.openpty()
    with socket.socket(socket.AF_UNIX) as heard:
        heard.bind(str(tmp_path / "socket"))
        with pytest.raises(Refused, match="is a socket"):
            files.check(str(tmp_path / "socket"))
    with pytest.raises(Refused, match="is a terminal") as refused:
        files.check(os.ttyname(screen))
    assert "/dev/stdin" in refused.value.fix
    os.close(keys)
    os.close(screen)


def test_dash_is_told_how_to_read_what_is_piped_in():
    with pytest.raises(Refused, match="There is no file “-”") as refused:
        files.check("-")
    assert "/dev/stdin" in refused.value.fix
