"""PostgreSQL refuses to run as root: whom it runs as then, and how that user reaches its folders.

The way is opened by one entry in the access list of each closed folder on it,
for that user, to pass through; nobody else sees more than before.
"""

from __future__ import annotations

import errno
import os
import pwd
import struct
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from sfa.errors import SfaError

log = structlog.get_logger()

NAME = "sfa-postgres"

# The extended attribute in which Linux keeps access lists: version, then (tag, permissions, id), sorted.
_LIST = "system.posix_acl_access"
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID = 0xFFFF_FFFF
_PASS = 1


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Whom a server is started as."""

    uid: int
    gid: int

    @property
    def start(self) -> dict[str, Any]:
        """For `subprocess`."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_user(folder: Path) -> ServerUser | None:
    """The user for a server whose data lie, or will lie, in `folder`; None: ourselves, we are not root."""
    if os.geteuid() != 0:
        return None
    if folder.is_dir() and (facts := folder.stat()).st_uid != 0:
        return ServerUser(facts.st_uid, facts.st_gid)
    entry = _named(NAME) or _added(NAME) or pwd.getpwnam("nobody")
    return ServerUser(entry.pw_uid, entry.pw_gid)


def open_way(user: ServerUser, *targets: Path) -> None:
    """Let `user` pass through every folder above the targets, which need not exist.

    Raises
    ------
    SfaError
        When a folder stays closed to it.
    """
    for target in targets:
        for folder in reversed(target.parents):
            if not folder.stat().st_mode & 0o001 and _let_pass(folder, user.uid):
                log.info("postgres.let_through", folder=str(folder), user=user.uid)
        inside = f"{target.parent}/."
        tried = subprocess.run(["ls", "-d", "--", inside], **user.start, capture_output=True, check=False)
        if tried.returncode != 0:
            raise SfaError(
                f"PostgreSQL does not run as root, and the user it runs as cannot reach {target.parent}.",
                fix="Keep the data elsewhere (SFA_DATA=/var/lib/sfa ./sfa up), or start as an ordinary user.",
            )


def _named(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _added(name: str) -> pwd.struct_passwd | None:
    add = [
        "useradd",
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ]
    try:
        subprocess.run([*add, name], check=False, capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _named(name)  # also when another process added it at the same moment


def _let_pass(folder: Path, uid: int) -> bool:
    """Whether it had to be opened."""
    if sys.platform == "linux":
        try:
            return _add_entry(folder, uid)
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EPERM, errno.EINVAL):
                raise
    # No access lists here: the least that the plain bits can say. Names inside stay unlisted.
    with suppress(PermissionError):
        folder.chmod(folder.stat().st_mode | 0o001)
        log.warning("postgres.folder_opened", folder=str(folder), why="this file system has no access lists")
    return False


def _add_entry(folder: Path, uid: int) -> bool:
    entries = _entries(folder)
    mask = entries.get((_MASK, _NO_ID), entries[_GROUP, _NO_ID])
    if entries.get((_USER, uid), 0) & mask & _PASS:
        return False
    entries[_USER, uid] = entries.get((_USER, uid), 0) | _PASS
    entries[_MASK, _NO_ID] = mask | _PASS
    packed = b"".join(_ENTRY.pack(tag, rights, who) for (tag, who), rights in sorted(entries.items()))
    os.setxattr(folder, _LIST, _VERSION + packed)
    return True


def _entries(folder: Path) -> dict[tuple[int, int], int]:
    """Rights by (tag, id)."""
    try:
        packed = os.getxattr(folder, _LIST)
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        mode = folder.stat().st_mode
        return {
            (_OWNER, _NO_ID): mode >> 6 & 7,
            (_GROUP, _NO_ID): mode >> 3 & 7,
            (_OTHER, _NO_ID): mode & 7,
        }
    return {(tag, who): rights for tag, rights, who in _ENTRY.iter_unpack(packed[len(_VERSION) :])}
