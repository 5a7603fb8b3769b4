"""Who runs the studio of a data folder: one owner at a time, the state it shows, and its clients.

`supervisor.lock` is held by the owner for as long as it lives. `run/state.json`
is there while the studio can be used. `run/clients.lock` is shared by every
command that uses it; an owner that means to leave needs it for itself alone.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TextIO

import psutil

from sfa.errors import BadSettings, Refused, SfaError

_CLOCK_SLACK_S = 2.0  # the kernel's idea of when it booted moves with the clock
_CLIENT_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What the owner says of itself. A number alone could be another program's by now: hence `born_at`."""

    pid: int
    born_at: float
    headless: bool  # it was started by a command and leaves when idle
    database_url: str | None = None  # set once the studio can be used
    web: str | None = None
    started_at: float = 0.0

    @classmethod
    def this_process(cls, *, headless: bool) -> Owner:
        born_at = psutil.Process().create_time()
        return cls(pid=os.getpid(), born_at=born_at, headless=headless, started_at=time.time())

    def lives(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.born_at) < _CLOCK_SLACK_S
            return bool(same and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False


class Owned(SfaError):
    """Another process runs the studio of this folder."""

    def __init__(self, owner: Owner | None) -> None:
        where = f" at {owner.web}" if owner and owner.web else ""
        who = f" (process {owner.pid})" if owner else ""
        super().__init__(
            f"The studio of this folder is already running{where}{who}.",
            fix="Use that one, or end it first."
            if owner is None
            else f"Use that one, or end it: kill {owner.pid}",
        )
        self.owner = owner


@contextmanager
def owning(data: Path, *, headless: bool) -> Iterator[Owner]:
    """Be the owner of `data` for the length of the block.

    Raises
    ------
    Owned
        When there is one already.
    """
    with _held_open(data, data / "supervisor.lock") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Owned(shown(data) or _lock_holder(data)) from None
        me = Owner.this_process(headless=headless)
        file.truncate(0)
        file.write(json.dumps(asdict(me)))
        file.flush()
        hide(data)  # what a killed owner left
        try:
            yield me
        finally:
            hide(data)


def show(data: Path, owner: Owner, *, database_url: str, web: str | None) -> None:
    """Let commands find the studio. Readable for its user only: the address may carry a password."""
    path = _state_path(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(asdict(replace(owner, database_url=database_url, web=web))))
    aside.replace(path)


def hide(data: Path) -> None:
    _state_path(data).unlink(missing_ok=True)


def shown(data: Path) -> Owner | None:
    """The studio that can be used now; None: there is none, or it is coming or going."""
    return _read(_state_path(data))


def find_owner(data: Path) -> Owner | None:
    """Whoever holds the folder, whether the studio can be used or not."""
    return shown(data) or _lock_holder(data)


@contextmanager
def as_client(data: Path) -> Iterator[None]:
    """Keep an idle owner from leaving; one that has begun to is waited for."""
    with _held_open(data, data / "run" / "clients.lock") as file:
        deadline = time.monotonic() + _CLIENT_PATIENCE_S
        while not _lock(file.fileno(), fcntl.LOCK_SH):
            if time.monotonic() > deadline:
                raise SfaError("The studio is leaving and does not come to an end.", fix="Run ./sfa doctor.")
            time.sleep(0.05)
        yield


@contextmanager
def without_clients(data: Path) -> Iterator[bool]:
    """Whether there are none. If so, none can come for the length of the block."""
    with _held_open(data, data / "run" / "clients.lock") as file:
        yield _lock(file.fileno(), fcntl.LOCK_EX)


def _lock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_holder(data: Path) -> Owner | None:
    return _read(data / "supervisor.lock")


def _read(path: Path) -> Owner | None:
    try:
        owner = Owner(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):  # not there, or being written
        return None
    return owner if owner.lives() else None


def _state_path(data: Path) -> Path:
    return data / "run" / "state.json"


def _held_open(data: Path, path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+")
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Refused(
                f"There is no room left on the disk of {data}.",
                code="disk_full",
                fix="Free some space there.",
            ) from error
        raise BadSettings(
            f"The data folder {data} cannot be used: {error.strerror}.",
            fix="Set SFA_DATA to a folder that you may write.",
        ) from error
