"""What every measurement stands on: a throw-away folder, a server, processes that do not outlive it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from sfa import lifeline
from sfa.migrate import migrate
from sfa.pg import EmbeddedPostgres
from sfa.settings import ROOT, Settings

CALM_S = 1.0
CALM_SHARE = 0.06  # of one core: what a studio without work uses at most
_CALM_PATIENCE_S = 240.0  # the first start of librosa on a machine compiles for long


class ProcessEnded(Exception):
    """A process that was to be measured ended by itself."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder for files, a server for databases; both gone afterwards."""

    folder: Path
    server: str  # connection string of a database of the server

    @property
    def numba(self) -> Path:
        """Where numba keeps what it compiled; the same for everything that is compared."""
        return Path(os.environ.get("NUMBA_CACHE_DIR") or self.folder / "numba")

    def database(self, name: str) -> str:
        """The connection string of a new, migrated database."""
        with psycopg.connect(self.server, autocommit=True) as conn:
            conn.execute(f'create database "{name}"')
        conninfo: str = psycopg.conninfo.make_conninfo(self.server, dbname=name)
        migrate(conninfo)
        return conninfo

    def env(self, conninfo: str, data: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Of a process of the studio: nothing of ours, nothing of the user's own studio."""
        env = self.plain_env() | {"DATABASE_URL": conninfo, "SFA_DATA": str(data), "SFA_LOG": "json"}
        return env | dict(more or {})

    def plain_env(self) -> dict[str, str]:
        """Of what has nothing to do with a studio."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SFA_") and k != "DATABASE_URL"}
        paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
        return kept | {"NUMBA_CACHE_DIR": str(self.numba), "PYTHONPATH": os.pathsep.join(paths)}

    def settings(self, conninfo: str, data: Path, more: Mapping[str, str] | None = None) -> Settings:
        return Settings.from_env(self.env(conninfo, data, more))


@contextmanager
def ground() -> Iterator[Ground]:
    """A server as the studio has it, with its own settings, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="sfa-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder / "server")
        try:
            yield Ground(folder, server.start())
        finally:
            server.stop()


@contextmanager
def running(argv: list[str], env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own; at the end it is asked to leave, and its group ended."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with lifeline.throw() as line, log.open("ab") as out:
        process = subprocess.Popen(
            lifeline.guarded(argv),
            cwd=ROOT,
            env={**env, **line.env},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            pass_fds=[line.read_fd],
            start_new_session=True,
        )
    try:
        yield process
    except Exception:
        sys.stderr.write(log.read_text(errors="replace")[-2000:])
        raise
    finally:
        end(process)
        line.cut()


def end(process: subprocess.Popen[bytes], patience_s: float = 40.0) -> None:
    """Ask it to leave, and see to it that it does."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience_s)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(address: str) -> None:
    """Until a web process answers there."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{address}/healthz"):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def studio_argv() -> list[str]:
    """`./sfa up` without its web page."""
    return [sys.executable, "-P", "-m", "sfa", "up", "--headless"]


def worker_argv(queue: str) -> list[str]:
    return [sys.executable, str(ROOT / "workers.py"), queue]


def tree(pid: int) -> list[psutil.Process]:
    """A process and everything it started, children of children included."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def cpu_s(pid: int) -> float:
    """CPU seconds of a tree so far, of those of its processes that still live."""
    total = 0.0
    for process in tree(pid):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def settle(*processes: subprocess.Popen[bytes]) -> None:
    """Wait until trees of processes have nothing to do any more: warmed up, and quiet.

    Raises
    ------
    ProcessEnded
        When one is not there any more.
    TimeoutError
        When they do not come to rest.
    """
    deadline = time.monotonic() + _CALM_PATIENCE_S
    calm = 0
    while calm < 2:
        before = [cpu_s(process.pid) for process in processes]
        time.sleep(CALM_S)
        used = [cpu_s(process.pid) - was for process, was in zip(processes, before, strict=True)]
        calm = calm + 1 if max(used) < CALM_SHARE * CALM_S else 0
        for process in processes:
            if process.poll() is not None:
                raise ProcessEnded(f"it ended by itself, with status {process.returncode}: {process.args!r}")
        if time.monotonic() > deadline:
            raise TimeoutError("what was to be measured does not come to rest")
