"""A database of one's own that cannot be had: said soon, and with the way out."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sfa import db
from sfa.errors import BadSettings, SfaError
from sfa.settings import Settings
from sfa.supervise.attach import attach
from tests.conftest import on

STARTING = "57P03=the database system is starting up"
WRONG_PASSWORD = '28P01=password authentication failed for user "x"'


# In a process of its own: libpq does not let go of Python while it asks a server how it is.
REFUSING = """
import socket, struct, sys
left = [answer.split("=") for answer in sys.argv[1:]]
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
while True:
    caller, _ = listening.accept()
    caller.recv(4096)
    code, sentence = left.pop(0) if len(left) > 1 else left[0]
    fields = f"SFATAL\\0VFATAL\\0C{code}\\0M{sentence}\\0\\0".encode()
    caller.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)
    caller.close()
"""


@contextlib.contextmanager
def server_that_says(*refusals: str) -> Iterator[str]:
    """The address of something that refuses each connection with the next of these; the last for ever."""
    with subprocess.Popen(
        [sys.executable, "-c", REFUSING, *refusals], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        try:
            yield f"postgresql://x:secret@127.0.0.1:{port}/y?sslmode=disable"
        finally:
            process.kill()


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def nobody() -> str:
    """The address of a server that is not there."""
    return f"postgresql://x:secret@127.0.0.1:{closed_port()}/y"


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Far less than the half minute that a service waits for its database; mostly it is milliseconds."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def test_server_that_is_there_tells_its_release(server: str) -> None:
    assert db.reach(server) >= 15


def test_nobody_listening_is_said_at_once(nobody: str) -> None:
    with within(5), pytest.raises(SfaError, match=r"does not answer: .*[Rr]efused") as caught:
        db.reach(nobody)
    assert "unset DATABASE_URL" in caught.value.fix
    assert "secret" not in str(caught.value)


def test_wrong_password_is_said_at_once_in_the_words_of_the_server() -> None:
    with (
        server_that_says(WRONG_PASSWORD) as url,
        within(5),
        pytest.raises(SfaError, match='refuses: password authentication failed for user "x"') as caught,
    ):
        db.reach(url, patience_s=30)
    assert "the password" in caught.value.fix


def test_database_that_does_not_exist_is_said_at_once(server: str) -> None:
    with within(5), pytest.raises(SfaError, match='refuses: database "nothing" does not exist'):
        db.reach(on(server, "nothing"), patience_s=30)


def test_server_that_is_starting_is_waited_for() -> None:
    heard: list[str] = []
    # Each look knocks twice: to come in, and to hear why not.
    with (
        server_that_says(*[STARTING] * 4, WRONG_PASSWORD) as url,
        within(10),
        pytest.raises(SfaError, match="password"),
    ):
        db.reach(url, on_wait=heard.append)
    assert heard == ["the database system is starting up"]


def test_server_that_goes_on_starting_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_STARTING_S", 0.5)
    with server_that_says(STARTING) as url, pytest.raises(SfaError, match="no connections yet"):
        db.reach(url)


def test_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_KNOCK_S", 2)  # the least that libpq takes
    with socket.create_server(("127.0.0.1", 0)) as silent, within(10):
        port = silent.getsockname()[1]
        with pytest.raises(SfaError, match=f"no word from 127.0.0.1, port {port}, for 2 s"):
            db.reach(f"postgresql://x@127.0.0.1:{port}/y")


def test_service_may_be_started_before_its_database(nobody: str) -> None:
    began = time.monotonic()
    with within(10), pytest.raises(SfaError, match="does not answer"):
        db.reach(nobody, patience_s=1)
    assert time.monotonic() - began >= 1


def test_address_that_is_none_is_not_repeated() -> None:
    with pytest.raises(BadSettings, match="cannot be understood") as caught:
        db.reach("postgresql://x:secret@[::1/y")
    assert "secret" not in f"{caught.value} {caught.value.fix}"


def test_command_starts_no_studio_for_a_database_that_is_not_there(nobody: str, tmp_path: Path) -> None:
    settings = Settings.from_env({"SFA_DATA": str(tmp_path / "data"), "DATABASE_URL": nobody})
    never = [sys.executable, "-c", f"open({str(tmp_path / 'started')!r}, 'w')"]
    with within(5), pytest.raises(SfaError, match="does not answer"), attach(settings, never):
        pass
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("command", [["forge", "--json"], ["psql"], ["migrate"], ["migrate", "--check"]])
def test_every_command_says_so_in_a_sentence(nobody: str, tmp_path: Path, command: list[str]) -> None:
    env = {**os.environ, "DATABASE_URL": nobody, "SFA_DATA": str(tmp_path / "data")}
    argv = [sys.executable, "-P", "-m", "sfa", *command]
    with within(20):  # Python and its imports come first, on a machine that may be busy
        answer = subprocess.run(argv, env=env, cwd="/", capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.startswith("sfa: The database of DATABASE_URL does not answer: ")
    assert "unset DATABASE_URL" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_what_libpq_says_of_a_real_refusal_is_cut_to_the_point(server: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="nobody_here") as caught:
        psycopg.connect(psycopg.conninfo.make_conninfo(server, user="nobody_here"))
    assert "connection" not in db._said(caught.value)
