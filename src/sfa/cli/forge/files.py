"""Files as the user named them: is there one, may it be read, and its bytes on their way in."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from sfa import media, names
from sfa.errors import Refused

_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class Interrupted(Exception):
    """The user wants no more of it."""


def check(given: str) -> None:
    """Whether `given` names something that can be read from its beginning to its end.

    Raises
    ------
    Refused
        `unreadable`, with what it is instead.
    """
    shown = names.shown(given)
    if _ADDRESS.match(given):
        raise _unreadable(f"{shown} is an address, not a file.", "Download it first, then name the file.")
    try:
        if not given:
            raise FileNotFoundError  # a path of no letters would be this folder
        kind = Path(given).stat().st_mode
        if stat.S_ISDIR(kind):
            raise _unreadable(f"{shown} is a folder, not a file.", "Name the files in it, as in folder/*.")
        if not (stat.S_ISREG(kind) or stat.S_ISFIFO(kind)):
            raise _unreadable(f"{shown} is a device, not a file.", "Name a file of sound.")
        if stat.S_ISREG(kind):
            Path(given).open("rb").close()
    except (OSError, ValueError) as error:
        raise _cannot_open(given, error) from error


def copy(given: str, folder: Path, *, limit: int, told: Callable[[float], bool]) -> media.Incoming:
    """Read a file into `folder`. `told` hears how far it is, 0 to 1, and answers whether to go on.

    Raises
    ------
    Refused
        When it cannot be opened, is empty or too large, or finds no room.
    Interrupted
        When `told` answers no.
    """
    try:
        file = Path(given).open("rb")  # noqa: SIM115 - closed below; only opening is explained here
    except (OSError, ValueError) as error:
        raise _cannot_open(given, error) from error
    with file:
        size = Path(given).stat().st_size
        reading = cast(BinaryIO, _Reading(file, given, size, told))
        return media.copy_in(reading, folder, limit=limit, name=names.shown(Path(given).name))


class _Reading:
    """A file that tells how far it has been read; an error in reading it is the file's, not the disk's."""

    def __init__(self, file: BinaryIO, given: str, size: int, told: Callable[[float], bool]) -> None:
        self._file = file
        self._given = given
        self._size = size
        self._told = told
        self._read = 0

    def read(self, count: int) -> bytes:
        if not self._told(min(1.0, self._read / self._size) if self._size else 0.0):
            raise Interrupted
        try:
            chunk = self._file.read(count)
        except OSError as error:
            raise _cannot_open(self._given, error) from error
        self._read += len(chunk)
        return chunk


def _cannot_open(given: str, error: OSError | ValueError) -> Refused:
    shown = names.shown(given)
    if isinstance(error, FileNotFoundError):
        return _unreadable(f"There is no file {shown}.", "Check the path; a name with spaces wants quotes.")
    if isinstance(error, PermissionError):
        return _unreadable(f"{shown} may not be read by you.", "Allow it, with chmod u+r.")
    why = error.strerror if isinstance(error, OSError) else "no path can look like this"
    return _unreadable(f"{shown} cannot be read: {why}.", "Check the path and the disk it is on.")


def _unreadable(message: str, fix: str) -> Refused:
    return Refused(message, code="unreadable", fix=fix)
