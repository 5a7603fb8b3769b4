"""What is wrong with a file of sound, as a code, a sentence and a way out."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class BadSound(Exception):
    """The file or the disk is at fault, not the program.

    `code` is a key of `sfa.errors.CODES`, `str(error)` the sentence with the
    name of the file and the fact, `fix` the way out.
    """

    def __init__(self, code: str, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.fix = fix


def disk_full(what: str) -> BadSound:
    return BadSound(
        "disk_full",
        f"There is no room left on the disk for {what}.",
        "Free some space, or point SFA_DATA at a larger disk, then run this again.",
    )


@contextmanager
def room_on_disk(what: str) -> Iterator[None]:
    """Turn the several ways in which a disk says that it is full into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise disk_full(what) from error
        raise


def is_full(folder: Path) -> bool:
    """Whether `folder` refuses another megabyte; for libraries that hide why a write failed."""
    probe = folder / f".room-{os.getpid()}"
    try:
        with probe.open("wb") as file:
            _fill(file)
    except OSError as error:
        return error.errno in _FULL
    finally:
        probe.unlink(missing_ok=True)
    return False


def _fill(file: IO[bytes]) -> None:
    file.write(bytes(1 << 20))
    file.flush()
    os.fsync(file.fileno())
