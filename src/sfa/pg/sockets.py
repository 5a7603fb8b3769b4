"""Where the server's socket lies: the name of a Unix socket holds about a hundred bytes."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sfa.errors import SfaError
from sfa.pg.user import ServerUser

_NAME = ".s.PGSQL.5432"


def socket_folder(folder: Path, user: ServerUser | None) -> Path:
    """`folder` when sockets can be made in it, else a short one that only the server's user enters.

    Whatever an earlier server left there is removed: to be called when none runs.
    """
    for place in _places(folder, user):
        if (place == folder or _make_private(place, user)) and _takes_sockets(place):
            return place
    raise SfaError(
        f"No socket can be made for the database in {folder}.",
        fix="Choose a shorter path: SFA_DATA=/some/where.",
    )


def _places(folder: Path, user: ServerUser | None) -> Iterator[Path]:
    if "," not in str(folder):  # clients read a list of hosts
        yield folder
    short = f"sfa-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
    if user is None and (runtime := os.environ.get("XDG_RUNTIME_DIR")):
        yield Path(runtime) / short
    yield Path(tempfile.gettempdir()) / short


def _make_private(place: Path, user: ServerUser | None) -> bool:
    """False when somebody else was there first."""
    try:
        place.mkdir(mode=0o700)
        if user is not None:
            os.chown(place, user.uid, user.gid)
    except FileExistsError:
        pass
    except OSError:
        return False
    facts = place.lstat()
    owner = os.geteuid() if user is None else user.uid
    return place.is_dir() and not place.is_symlink() and facts.st_uid == owner and facts.st_mode & 0o077 == 0


def _takes_sockets(place: Path) -> bool:
    """By making one: the limit, and whether there are sockets at all, differ between file systems."""
    (place / f"{_NAME}.lock").unlink(missing_ok=True)
    (place / _NAME).unlink(missing_ok=True)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
            trial.bind(str(place / _NAME))
    except OSError:
        return False
    finally:
        (place / _NAME).unlink(missing_ok=True)
    return True
