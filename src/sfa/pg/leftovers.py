"""What a server left behind that was killed, or whose owner was."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import structlog

log = structlog.get_logger()


def end_leftovers(folder: Path) -> None:
    """A server whose owner died is shut down, processes that outlived theirs are ended, its pid file goes.

    The file alone proves nothing: its number may be some other program's by now, and PostgreSQL
    would refuse to start beside it.
    """
    ways = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 10.0))
    for how, seconds in ways:
        if not (left := processes_of(folder)):
            break
        log.info("postgres.leftover", processes=len(left), signal=how.name)
        _signal_leader(folder, left, how)
        deadline = time.monotonic() + seconds
        while processes_of(folder) and time.monotonic() < deadline:
            time.sleep(0.02)
    (folder / "postmaster.pid").unlink(missing_ok=True)


def _signal_leader(folder: Path, left: list[int], how: signal.Signals) -> None:
    """To the server, which tells its own; to each of them when it is gone or does not listen."""
    try:
        leader = int((folder / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        leader = 0
    for pid in [leader] if leader in left and how is not signal.SIGKILL else left:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            continue


def processes_of(folder: Path) -> list[int]:
    """Every PostgreSQL process that works in `folder`: they stay in it, whatever happens to their parent."""
    if not Path("/proc/self/cwd").exists():
        return _listed_by_ps(folder)
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder and (entry / "comm").read_text().startswith(
                    "postgres"
                ):
                    found.append(int(entry.name))
            except OSError:  # gone meanwhile, or another user's
                continue
    return found


def _listed_by_ps(folder: Path) -> list[int]:
    """The server only: elsewhere than on Linux its children do not show whose they are."""
    listed = subprocess.run(
        ["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True
    ).stdout
    lines = (line.split(None, 1) for line in listed.splitlines())
    return [
        int(pid)
        for pid, command in lines
        if f"postgres -D {folder} " in command and "sfa-postgres" not in command
    ]
