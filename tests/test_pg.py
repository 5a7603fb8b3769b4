from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from sfa.errors import SfaError
from sfa.pg import EmbeddedPostgres, PostgresFailed
from sfa.pg.leftovers import processes_of
from sfa.pg.user import ServerUser, open_way

OWNER = """
import sys, time
from pathlib import Path
from sfa import log
from sfa.pg import EmbeddedPostgres
log.set_up()
print(EmbeddedPostgres(Path(sys.argv[1]), durable=False).start(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Not pytest's own, whose parent another run of pytest closes to everybody, the server's user too."""
    with tempfile.TemporaryDirectory(prefix="sfa-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    assert until(lambda: not left_of(tmp_path)), left_of(tmp_path)


@pytest.fixture
def server(data: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(data, durable=False)
    made.start()
    yield made
    made.stop()


def ask(conninfo: str, statement: str) -> object:
    with psycopg.connect(conninfo, autocommit=True) as conn:
        cursor = conn.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def until(condition: object, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def left_of(place: Path) -> list[str]:
    """Processes with the place in their command line, dead ones that wait for their parent aside."""
    listed = subprocess.run(["ps", "-axo", "stat=,pid=,args="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(place) in line and not line.startswith("Z")]


@pytest.fixture
def owner(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that has started a server, and its address."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def test_a_started_server_answers_and_a_stopped_one_does_not(server: EmbeddedPostgres) -> None:
    assert ask(server.conninfo, "select current_database()") == "sfa"
    assert server.is_alive()
    server.stop()
    assert not server.is_alive()
    assert server.exit_status == 0


def test_the_server_listens_on_no_network(server: EmbeddedPostgres) -> None:
    assert ask(server.conninfo, "show listen_addresses") == ""
    assert ask(server.conninfo, "show idle_in_transaction_session_timeout") == "1min"


def test_upper_and_lower_case_of_every_script_are_known(server: EmbeddedPostgres) -> None:
    assert ask(server.conninfo, "select lower('ÉÄŁЖ')") == "éäłж"


def test_a_killed_server_starts_again_with_what_was_committed(server: EmbeddedPostgres) -> None:
    ask(server.conninfo, "create table kept as select 7 as n")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert until(lambda: server.exit_status is not None, 1)
    assert not server.is_alive()
    server.start()
    assert ask(server.conninfo, "select n from kept") == 7


def test_a_session_that_outlives_a_killed_server_does_not_block_the_next(server: EmbeddedPostgres) -> None:
    busy = psycopg.connect(server.conninfo)
    busy.pgconn.send_query(b"select count(*) from generate_series(1, 1e12)")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert until(lambda: server.exit_status is not None)
    server.start()
    assert server.is_alive()
    busy.close()


def test_a_pid_file_that_names_another_program_is_no_obstacle(data: Path, server: EmbeddedPostgres) -> None:
    pid_file = data / "pg" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    server.start()
    assert server.is_alive()


def test_the_server_goes_when_its_owner_is_killed(
    data: Path, owner: tuple[subprocess.Popen[str], str]
) -> None:
    process, conninfo = owner
    with psycopg.connect(conninfo):  # a session does not hold it up
        process.kill()
        assert until(lambda: not processes_of(data / "pg"), 5)
    assert "database system is shut down" in (data / "log" / "postgresql.log").read_text()


def test_a_server_without_an_owner_is_shut_down_and_replaced(
    data: Path, owner: tuple[subprocess.Popen[str], str]
) -> None:
    process, conninfo = owner
    leader = int((data / "pg" / "postmaster.pid").read_text().split()[0])
    guards = [int(line.split()[1]) for line in left_of(data / "pg") if "sfa-postgres /" in line]
    for pid in [*guards, process.pid]:
        os.kill(pid, signal.SIGKILL)
    process.wait()
    server = EmbeddedPostgres(data, durable=False)
    assert leader in processes_of(data / "pg"), "nobody was there to stop it"
    assert server.start() == conninfo
    assert leader not in processes_of(data / "pg")
    server.stop()


def test_a_half_made_database_is_made_again(data: Path) -> None:
    (data / "pg.making" / "base").mkdir(parents=True)
    (data / "pg").mkdir()
    server = EmbeddedPostgres(data, durable=False)
    assert ask(server.start(), "select 1") == 1
    server.stop()
    assert not (data / "pg.making").exists()


@pytest.mark.parametrize("name", ["deep/" * 30 + "data", 'a, b\'s "c" %41 é?&=/data'])
def test_long_and_odd_paths_are_served(tmp_path: Path, name: str) -> None:
    server = EmbeddedPostgres(tmp_path / name, durable=False)
    conninfo = server.start()
    assert ask(conninfo, "select 1") == 1
    server.stop()
    assert until(lambda: not processes_of(tmp_path / name / "pg"))
    [host] = parse_qs(urlsplit(conninfo).query)["host"]
    assert Path(host) == tmp_path / name / "pg" or not Path(host).exists()


def test_data_of_another_release_are_refused(data: Path, server: EmbeddedPostgres) -> None:
    server.stop()
    (data / "pg" / "PG_VERSION").write_text("12\n")
    with pytest.raises(PostgresFailed, match="made by PostgreSQL 12"):
        server.start()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(data: Path, server: EmbeddedPostgres) -> None:
    server.stop()
    with (data / "pg" / "postgresql.conf").open("a") as conf:
        conf.write("\nwork_mem = '-1 bananas'\n")
    with pytest.raises(PostgresFailed, match=r"configuration file .* contains errors"):
        server.start()
    assert not processes_of(data / "pg")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_a_closed_folder_is_opened_for_one_user_and_no_other(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inside").mkdir(parents=True)
    closed.chmod(0o700)
    user, other = ServerUser(54321, 54321), ServerUser(54322, 54322)

    def enters(who: ServerUser) -> bool:
        tried = subprocess.run(["ls", f"{closed}/inside/"], **who.start, capture_output=True, check=False)
        return tried.returncode == 0

    open_way(user, closed / "inside" / "pg")
    assert enters(user)
    assert not enters(other)
    assert subprocess.run(["ls", closed], **user.start, capture_output=True, check=False).returncode != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_a_folder_that_stays_closed_is_named() -> None:
    with pytest.raises(SfaError, match="cannot reach"):
        open_way(ServerUser(54321, 54321), Path(f"/proc/{os.getpid()}/fd/pg"))
