from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest

from sfa.errors import BadSettings
from sfa.pg import EmbeddedPostgres
from sfa.pg.leftovers import processes_of
from sfa.settings import ROOT, Settings
from sfa.supervise.attach import HELD, attach
from sfa.supervise.owner import shown
from sfa.supervise.supervisor import with_free_port

TINY = [sys.executable, "-m", "tests.supervise.tiny"]


def until(condition: Callable[[], object], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


@dataclass
class Place:
    """A data folder, and every studio that a test starts on it."""

    data: Path
    env: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
        with self.log(len(self.started)).open("wb") as log:
            process = subprocess.Popen(
                [*TINY, *arguments], cwd=ROOT, env={**os.environ, **self.env, **env}, stderr=log
            )
        self.started.append(process)
        return process

    def log(self, number: int) -> Path:
        """What the studio of this number said."""
        return self.data.with_name(f"studio-{number}.log")

    def up(self, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
        """Start one, and return when it can be used."""
        before = self.pids()
        process = self.start(*arguments, **env)
        assert until(lambda: self.owner_pid() == process.pid or process.poll() is not None)
        assert process.poll() is None, self.log(len(self.started) - 1).read_text()
        assert until(lambda: self.pids() != before)
        return process

    def owner_pid(self) -> int:
        owner = shown(self.data)
        return owner.pid if owner else 0

    def pids(self) -> list[int]:
        """Of the workers so far, in the order in which they ran."""
        ticks = self.data / "ticks"
        lines = ticks.read_text().split() if ticks.exists() else []
        return list(dict.fromkeys(int(line) for line in lines if line.isdigit()))

    def left(self) -> list[str]:
        listed = subprocess.run(
            ["ps", "-axo", "stat=,pid=,args="], capture_output=True, text=True, check=True
        )
        return [line for line in listed.stdout.splitlines() if str(self.data) in line and line[0] != "Z"]

    def settings(self, **env: str) -> Settings:
        return Settings.from_env({**self.env, **env})

    @property
    def conninfo(self) -> str:
        owner = shown(self.data)
        assert owner is not None
        assert owner.database_url is not None
        return owner.database_url


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Not pytest's own, whose parent another run of pytest closes to everybody, the server's user too."""
    with tempfile.TemporaryDirectory(prefix="sfa-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    env = {"SFA_DATA": str(tmp_path / "data"), "SFA_GRACE_S": "5", "SFA_LOG": "json", "DATABASE_URL": ""}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    made = Place(tmp_path / "data", env)
    yield made
    for process in made.started:
        process.kill()
        process.wait()
    assert until(lambda: not made.left()), made.left()


def ended(process: subprocess.Popen[bytes], seconds: float = 20.0) -> int:
    return process.wait(seconds)


def is_running(pid: int) -> bool:
    """Not so of one that has ended and that nobody has asked about yet."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def put_run(conninfo: str, state: str) -> None:
    with psycopg.connect(conninfo) as conn:
        conn.execute("truncate runs")
        conn.execute("insert into runs values (%s)", [state])


def test_sigterm_ends_everything_and_the_worker_finishes_what_it_holds(place: Place) -> None:
    studio = place.up()
    studio.send_signal(signal.SIGTERM)
    assert ended(studio) == 0
    assert (place.data / "ticks").read_text().endswith("ended\n")
    assert not place.left()
    assert shown(place.data) is None


def test_a_killed_worker_is_replaced_with_all_that_it_had_started(place: Place) -> None:
    place.up()
    [first] = place.pids()
    grandchildren = [int(line.split()[1]) for line in place.left() if "time.sleep(300)" in line]
    os.kill(first, signal.SIGKILL)
    assert until(lambda: len(place.pids()) == 2)
    assert until(lambda: not any(is_running(pid) for pid in grandchildren))


def test_a_killed_database_comes_back_at_the_same_address(place: Place) -> None:
    place.up()
    conninfo = place.conninfo
    put_run(conninfo, "done")
    os.kill(int((place.data / "pg" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def remembers() -> bool:
        try:
            with psycopg.connect(conninfo) as conn:
                return conn.execute("select state from runs").fetchone() == ("done",)
        except psycopg.OperationalError:
            return False

    assert until(lambda: not remembers())
    assert until(remembers)


def test_a_killed_supervisor_takes_everything_along_and_the_next_goes_on(place: Place) -> None:
    studio = place.up()
    put_run(place.conninfo, "queued")
    studio.kill()
    assert until(lambda: not place.left()), place.left()
    assert until(lambda: shown(place.data) is None)
    place.up()
    with psycopg.connect(place.conninfo) as conn:
        assert conn.execute("select state from runs").fetchone() == ("queued",)


def test_the_next_start_does_not_wait_for_a_killed_one_to_be_gone(place: Place) -> None:
    place.up().kill()
    place.up()
    assert until(lambda: len(place.pids()) == 2)


def test_a_second_studio_is_refused_by_name(place: Place) -> None:
    first = place.up()
    second = place.start()
    assert ended(second) == HELD
    assert str(first.pid) in place.log(1).read_text()
    assert first.poll() is None


def test_up_takes_over_from_one_that_a_command_started(place: Place) -> None:
    headless = place.up("--until-idle", "60")
    place.up()
    assert ended(headless) == 0
    assert until(lambda: len(place.pids()) == 2)


def test_a_headless_studio_leaves_when_idle_and_not_before(place: Place) -> None:
    headless = place.up("--until-idle", "0.5")
    put_run(place.conninfo, "queued")
    time.sleep(1.5)
    assert headless.poll() is None, "a run is open"
    put_run(place.conninfo, "done")
    assert ended(headless, 10) == 0


def test_a_stubborn_program_is_ended_after_the_grace(place: Place) -> None:
    studio = place.up(SFA_STUBBORN="1", SFA_GRACE_S="0")
    assert until((place.data / "stubborn").exists)
    studio.send_signal(signal.SIGTERM)
    assert ended(studio) == 0
    said = [json.loads(line) for line in place.log(0).read_text().splitlines()]
    assert ("program.overran", "stubborn") in [(line["event"], line.get("program")) for line in said]


def test_a_second_signal_hurries(place: Place) -> None:
    studio = place.up(SFA_STUBBORN="1", SFA_GRACE_S="3600")
    assert until((place.data / "stubborn").exists)
    studio.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    studio.send_signal(signal.SIGTERM)
    assert ended(studio, 10) == 0


def test_a_given_database_is_used_and_left_running(place: Place, tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "elsewhere", durable=False)
    try:
        studio = place.up(DATABASE_URL=server.start())
        assert not (place.data / "pg").exists()
        studio.send_signal(signal.SIGINT)
        assert ended(studio) == 0
        assert server.is_alive()
    finally:
        server.stop()


def test_a_command_starts_the_studio_and_the_next_shares_it(place: Place) -> None:
    idle = [*TINY, "--until-idle", "0.5"]
    with attach(place.settings(), idle) as conninfo, attach(place.settings(), idle) as same:
        assert conninfo == same
        owner = shown(place.data)
        assert owner is not None
        time.sleep(1.5)
        assert psycopg.connect(conninfo).close() is None, "it stays for its clients"
    assert until(lambda: not processes_of(place.data / "pg")), "and leaves when they have gone"
    with attach(place.settings(), idle):
        assert until(lambda: len(place.pids()) == 2)


def test_commands_that_come_at_once_share_one_studio(place: Place) -> None:
    code = (
        "from sfa.settings import Settings; from sfa.supervise import attach; import sys, time\n"
        "with attach(Settings.from_env(), sys.argv[1:]) as conninfo: print(conninfo); time.sleep(1)"
    )
    argv = [sys.executable, "-c", code, *TINY, "--until-idle", "0.3"]
    several = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate(timeout=60)[0] for process in several}) == 1
    assert [process.returncode for process in several] == [0] * 4
    assert len(place.pids()) == 1


def test_a_studio_that_cannot_start_is_told_with_what_it_said(place: Place) -> None:
    failing = [sys.executable, "-c", "import sys; sys.exit('the moon is in the wrong house')"]
    with pytest.raises(Exception, match="the moon is in the wrong house"), attach(place.settings(), failing):
        pass


def test_a_taken_port_is_refused_and_zero_finds_a_free_one(place: Place) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        with pytest.raises(BadSettings, match=taken):
            with_free_port(place.settings(SFA_PORT=taken))
    assert with_free_port(place.settings(SFA_PORT="0")) > 0
