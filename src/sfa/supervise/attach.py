"""The way from a command to a running studio; there is one when the block begins."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from sfa import db
from sfa.errors import SfaError
from sfa.settings import ROOT, Settings
from sfa.supervise.owner import as_client, find_owner, shown
from sfa.supervise.store import live_workers

IDLE_S = 120  # a studio that a command started leaves after so long without work and clients
HELD = 75  # exit status of one that found the folder taken

_STUDIO = [sys.executable, "-P", "-m", "sfa", "up", "--headless", "--until-idle", str(IDLE_S)]
_PATIENCE_S = 180.0  # the first start makes a database
_LOG_LIMIT = 10 << 20

_background: list[subprocess.Popen[bytes]] = []  # they outlive this process, and are nobody's to wait for


@contextmanager
def attach(settings: Settings, command: Sequence[str] = _STUDIO) -> Iterator[str]:
    """A connection string that works, with workers behind it; `command` starts what is missing.

    The studio in use is the one that DATABASE_URL names, or the one that runs for
    the data folder; without either, one is started in the background and leaves
    when nobody has needed it for a while. The database may go and come back
    during the block: callers reconnect.

    Raises
    ------
    SfaError
        When there is none and none can be started, with what its log says; or when there is no such
        database.
    """
    with as_client(settings.data):
        url = settings.database_url
        if url is not None:
            db.reach(url)  # a studio that is started for it would take long to say that it is not there
        yield url if url is not None and _has_workers(url) else _studio(settings, command)


def _has_workers(url: str) -> bool:
    try:
        return live_workers(url) > 0
    except psycopg.Error:  # not migrated, or not there: whoever starts the workers will say so
        return False


def _studio(settings: Settings, command: Sequence[str]) -> str:
    deadline = time.monotonic() + _PATIENCE_S
    started: subprocess.Popen[bytes] | None = None
    log_path = settings.data / "log" / "supervisor.log"
    while time.monotonic() < deadline:
        owner = shown(settings.data)
        if owner is not None and owner.database_url is not None:
            if settings.database_url not in (None, owner.database_url):
                raise SfaError(
                    "The studio that runs for this folder uses another database than DATABASE_URL.",
                    fix=f"Unset DATABASE_URL, or end that studio: kill {owner.pid}",
                )
            if _answers(owner.database_url):
                return owner.database_url
        elif started is None or started.poll() is not None:
            if started is not None and started.returncode not in (0, HELD):
                raise _did_not_start(log_path)
            if find_owner(settings.data) is None:
                started = _start(settings, command, log_path)
        time.sleep(0.05)
    raise _did_not_start(log_path)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5, application_name="sfa attach").close()
    except psycopg.OperationalError:
        return False
    return True


def _start(settings: Settings, command: Sequence[str], log_path: Path) -> subprocess.Popen[bytes]:
    log_path.parent.mkdir(parents=True, exist_ok=True)
    if log_path.exists() and log_path.stat().st_size > _LOG_LIMIT:
        log_path.replace(log_path.with_suffix(".log.1"))
    with log_path.open("ab") as log_file:
        started = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "SFA_DATA": str(settings.data), "SFA_MODELS": str(settings.models_dir)},
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            start_new_session=True,
        )
    _background.append(started)
    return started


def _did_not_start(log_path: Path) -> SfaError:
    lines = log_path.read_text(errors="replace").splitlines() if log_path.exists() else []
    own = [at for at, line in enumerate(lines) if line.startswith("sfa: ")][-1:]  # what it said on purpose
    last = lines[max([len(lines) - 8, *own]) :]
    said = "\n".join(f"  {line.removeprefix('sfa: ').strip()}" for line in last) or "  (its log is empty)"
    return SfaError(
        f"The studio did not start. It said last:\n{said}", fix=f"./sfa doctor; the log is {log_path}"
    )
