"""Pipes on the command line: what comes out of them is taken, and nobody waits for what never comes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from sfa.cli import main
from sfa.cli.forge import files
from sfa.errors import Refused
from tests.conftest import ROOT


def told(done):
    return True


@pytest.fixture
def fifo(tmp_path):
    path = tmp_path / "song.wav"
    os.mkfifo(path)
    return path


@pytest.fixture
def ends():
    """An unnamed pipe, as a shell makes one for <(…) and |."""
    read_fd, write_fd = os.pipe()
    yield read_fd, write_fd
    for fd in (read_fd, write_fd):
        try:
            os.close(fd)
        except OSError:
            continue  # the test has closed it


def copied(path, tmp_path, **asked):
    pipe = files.check(str(path))
    return files.copy(str(path), tmp_path, limit=1 << 30, pipe=pipe, **{"told": told} | asked)


def test_what_a_program_writes_is_read_to_its_end(ends, tmp_path):
    read_fd, write_fd = ends
    os.write(write_fd, b"sound")
    os.close(write_fd)
    assert copied(f"/dev/fd/{read_fd}", tmp_path).bytes == 5


def test_program_that_takes_its_time_is_heard_out(fifo, tmp_path):
    def play():
        with fifo.open("wb", buffering=0) as out:
            for _ in range(5):
                time.sleep(0.25)
                out.write(b"x" * 100_000)

    threading.Thread(target=play).start()
    assert copied(fifo, tmp_path, silent_s=1.0).bytes == 500_000


def test_program_is_not_cut_off_between_the_first_look_and_the_copy(fifo, tmp_path):
    program = [sys.executable, "-c", "import sys; open(sys.argv[1], 'wb', 0).write(b'sound')", str(fifo)]
    with subprocess.Popen(program) as player:
        pipe = files.check(str(fifo))
        time.sleep(0.3)
        assert files.copy(str(fifo), tmp_path, limit=99, told=told, pipe=pipe).bytes == 5
    assert player.returncode == 0


def test_pipe_that_nobody_writes_into_is_refused_within_a_second(fifo):
    began = time.monotonic()
    with pytest.raises(Refused, match=r"song\.wav” is a pipe that nobody writes into") as refused:
        files.check(str(fifo))
    assert time.monotonic() - began < 1
    assert (refused.value.code, bool(refused.value.fix)) == ("unreadable", True)


def test_pipe_whose_program_says_nothing_is_given_up(ends, tmp_path):
    with pytest.raises(Refused, match=r"Nothing has come out of “/dev/fd/\d+” for 1 seconds"):
        copied(f"/dev/fd/{ends[0]}", tmp_path, silent_s=0.6)


def test_pipe_that_falls_silent_half_way_is_given_up(ends, tmp_path):
    os.write(ends[1], b"sound")
    with pytest.raises(Refused, match="Nothing has come"):
        copied(f"/dev/fd/{ends[0]}", tmp_path, silent_s=0.6)


def test_pipe_whose_program_failed_is_empty(ends, tmp_path):
    os.close(ends[1])
    with pytest.raises(Refused, match="is empty"):
        copied(f"/dev/fd/{ends[0]}", tmp_path)


def test_waiting_ends_when_nobody_wants_it(ends, tmp_path):
    began = time.monotonic()
    with pytest.raises(files.Interrupted):
        copied(f"/dev/fd/{ends[0]}", tmp_path, told=lambda done: time.monotonic() - began < 1)
    assert time.monotonic() - began < 2


def test_pipe_cannot_be_read_twice(ends, tmp_path):
    os.write(ends[1], b"sound")
    os.close(ends[1])
    path = f"/dev/fd/{ends[0]}"
    pipe = files.check(path)
    files.copy(path, tmp_path, limit=99, told=told, pipe=pipe)
    with pytest.raises(Refused, match="read only once"):
        files.copy(path, tmp_path, limit=99, told=told, pipe=pipe)


def test_command_on_a_silent_pipe_ends_at_once_and_needs_no_studio(fifo, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SFA_DATA", str(tmp_path / "data"))
    began = time.monotonic()
    assert main(["forge", str(fifo)]) == 66
    assert time.monotonic() - began < 3
    assert "is a pipe that nobody writes into." in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_person_is_told_soon_that_a_pipe_says_nothing_and_may_stop(tmp_path):
    """The database is one that is not there: nothing is begun, and what is said comes before it."""
    command = subprocess.Popen(
        ["bash", "-c", f"{sys.executable} -m sfa forge <(sleep 30)"],
        cwd=ROOT,
        env={
            **os.environ,
            "SFA_DATA": str(tmp_path / "data"),
            "DATABASE_URL": "postgresql://127.0.0.1:9/none",
        },
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert "is a pipe, and nothing has come out of it yet: it is given 60 seconds." in (
            command.stderr.readline()
        )
    finally:
        os.killpg(command.pid, 15)
        command.communicate(timeout=20)
