"""Files as the user named them: is there one, may it be read, and its bytes on their way in."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

from sfa import media, names
from sfa.cli.forge.pipes import Opened
from sfa.errors import Refused

_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SYSTEM = ("/proc", "/sys")
_TERMINALS = {4, 5, *range(136, 144)}  # major numbers of Linux
_BEGIN_S = 0.6  # a pipe that nobody writes into by then is not waited for
_LOOK_S = 0.2
SILENT_S = 60.0  # and out of one that somebody writes into something comes at least so often


class Interrupted(Exception):
    """The user wants no more of it."""


def check(given: str) -> Opened | None:
    """Whether `given` names something that can be read from its beginning to its end.

    A pipe is answered open, to be handed to `copy`.

    Raises
    ------
    Refused
        `unreadable`, with what it is instead.
    """
    if _ADDRESS.match(given):
        raise _unreadable(
            f"{names.shown(given)} is an address, not a file.", "Download it first, then name the file."
        )
    try:
        if not given:
            raise FileNotFoundError  # a path of no letters would be this folder
        facts = Path(given).stat()
        _check_kind(given, facts)
        file = Opened(given)
        if not stat.S_ISFIFO(facts.st_mode):
            file.close()
            return None
    except (OSError, ValueError) as error:
        raise _cannot_open(given, error) from error
    if not file.has_come(_BEGIN_S) and not file.has_writer():
        file.close()
        raise _unreadable(
            f"{names.shown(given)} is a pipe that nobody writes into.",
            "Start the program that fills it first, or name a file of sound.",
        )
    return file


def copy(
    given: str,
    folder: Path,
    *,
    limit: int,
    told: Callable[[float], bool],
    pipe: Opened | None = None,
    silent_s: float = SILENT_S,
) -> media.Incoming:
    """Read a file into `folder`. `told` hears how far it is, 0 to 1, and answers whether to go on.

    Raises
    ------
    Refused
        When it cannot be opened, is empty or too large, falls silent, or finds no room.
    Interrupted
        When `told` answers no.
    """
    if pipe is not None and pipe.closed:
        raise _unreadable(
            f"{names.shown(given)} is a pipe, which can be read only once, and was read before.",
            "Give the whole command again.",
        )
    try:
        file = pipe or Opened(given)
    except (OSError, ValueError) as error:
        raise _cannot_open(given, error) from error
    with closing(file):
        _check_kind(given, file.facts)  # it may be another one by now
        reading = cast(BinaryIO, _Reading(file, given, told, silent_s))
        return media.copy_in(reading, folder, limit=limit, name=names.shown(Path(given).name))


class _Reading:
    """A file that tells how far it has been read; an error in reading it is the file's, not the disk's."""

    def __init__(self, file: Opened, given: str, told: Callable[[float], bool], silent_s: float) -> None:
        self._file = file
        self._given = given
        self._size = file.facts.st_size
        self._told = told
        self._silent_s = silent_s
        self._read = 0

    def read(self, count: int) -> bytes:
        began = time.monotonic()
        while True:
            if not self._told(min(1.0, self._read / self._size) if self._size else 0.0):
                raise Interrupted
            try:
                chunk = self._file.read(count) if self._file.has_come(_LOOK_S) else None
            except OSError as error:
                raise _cannot_open(self._given, error) from error
            if chunk is not None:
                self._read += len(chunk)
                return chunk
            if time.monotonic() - began > self._silent_s:
                raise _unreadable(
                    f"Nothing has come out of {names.shown(self._given)} for {self._silent_s:.0f} seconds.",
                    "Look at the program that writes into it, or name a file of sound.",
                )


def _check_kind(given: str, facts: os.stat_result) -> None:
    """What is neither a file nor a pipe could be waited for, or read, for ever."""
    shown, kind = names.shown(given), facts.st_mode
    if stat.S_ISDIR(kind):
        raise _unreadable(f"{shown} is a folder, not a file.", "Name the files in it, as in folder/*.")
    if stat.S_ISCHR(kind) and os.major(facts.st_rdev) in _TERMINALS:
        raise _unreadable(
            f"{shown} is a terminal, not a file.", "Name a file, or pipe one in: … | ./sfa forge /dev/stdin"
        )
    if stat.S_ISSOCK(kind):
        raise _unreadable(f"{shown} is a socket, not a file.", "Name a file of sound.")
    if not (stat.S_ISREG(kind) or stat.S_ISFIFO(kind)):
        raise _unreadable(f"{shown} is a device, not a file.", "Name a file of sound.")
    if stat.S_ISREG(kind) and any(map(Path(given).resolve().is_relative_to, _SYSTEM)):
        raise _unreadable(
            f"{shown} is made up by the system as it is read; there is no sound in it.",
            "Name a file of sound.",
        )


def _cannot_open(given: str, error: OSError | ValueError) -> Refused:
    shown = names.shown(given)
    if given == "-":
        return _unreadable(f"There is no file {shown}.", "To read what is piped in, name /dev/stdin.")
    if isinstance(error, FileNotFoundError):
        return _unreadable(f"There is no file {shown}.", "Check the path; a name with spaces wants quotes.")
    if isinstance(error, PermissionError):
        return _unreadable(f"{shown} may not be read by you.", "Allow it, with chmod u+r.")
    why = error.strerror if isinstance(error, OSError) else "no path can look like this"
    return _unreadable(f"{shown} cannot be read: {why}.", "Check the path and the disk it is on.")


def _unreadable(message: str, fix: str) -> Refused:
    return Refused(message, code="unreadable", fix=fix)
