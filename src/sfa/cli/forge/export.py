"""Stems copied out of the studio: into one folder per song, in a format of the user's choice.

A folder appears whole, under a name made from the title. One that is there
already is used again only when it holds the stems of the very same separation;
nothing else is ever written over.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psutil

from sfa.cli.forge.files import Interrupted
from sfa.cli.forge.result import Result
from sfa.cli.forge.song import Trouble
from sfa.errors import Refused
from sfa.exports.naming import mark, safe_name, song_name, tags_of_stem
from sfa.separation import Stem
from sfa.sound import BadSound, encode
from sfa.sound.encoding import FORMATS

_HEAD_BYTES = 1 << 16  # tags stand before the sound in all four formats
_SCRATCH = re.compile(r"^\.sfa-(\d+)-")
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}


@dataclass(frozen=True, slots=True)
class Place:
    """Where stems go, and as what."""

    folder: Path
    format: str

    def check(self) -> None:
        """Whether anything can be written there; makes nothing.

        Raises
        ------
        Refused
            When it is no folder, or belongs to somebody else.
        """
        nearest = self.folder.absolute()
        while not nearest.exists() and nearest != nearest.parent:
            nearest = nearest.parent
        if not nearest.is_dir():
            why = f"{nearest} is not a folder"
        elif not os.access(nearest, os.W_OK | os.X_OK):
            why = f"{nearest} may not be written by you"
        else:
            return
        raise Refused(
            f"Stems cannot be put into {self.folder}: {why}.", fix="Name another folder with --out."
        )

    def export(self, found: Result, told: Callable[[float], bool]) -> dict[str, Path]:
        """Write the stems of one track; where each lies.

        Raises
        ------
        Interrupted
            When `told`, which hears how far it is, 0 to 1, answers no.
        OSError, BadSound, RuntimeError
            When the folder cannot be written, the disk is full, or ffmpeg fails.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(self.folder)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=f".sfa-{os.getpid()}-") as scratch:
            made = Path(scratch) / "stems"
            made.mkdir()
            for number, stem in enumerate(found.stems):
                if not told(number / len(found.stems)):
                    raise Interrupted
                name = f"{safe_name(stem.name)}.{self.format}"
                encode(found.named[stem.name], made / name, self.format, _tags(found, stem))
            files = {stem.name: f"{safe_name(stem.name)}.{self.format}" for stem in found.stems}
            folder = _settle(made, self.folder, folder_name(found), _mark(found))
        return {stem: folder / name for stem, name in files.items()}


def folder_name(found: Result) -> str:
    return song_name(found.track)


def cannot_export(shown: str, folder: Path, error: Exception) -> Trouble:
    """What a failed copy means to the user; the stems themselves are safe in the studio."""
    again = "The stems are in the studio; the same command tries to copy them again."
    if isinstance(error, BadSound) and error.code == "disk_full":
        return Trouble(
            error.code,
            f"The stems of {shown} could not be written into {folder}: the disk is full.",
            "Free some room there, or name another folder with --out. The stems are in the studio.",
        )
    if isinstance(error, BadSound):
        return Trouble(error.code, f"The stems of {shown} could not be copied out. {error}", error.fix)
    full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    why = error.strerror if isinstance(error, OSError) else str(error)
    code = "disk_full" if full or isinstance(error, OSError) else "crashed"
    return Trouble(code, f"The stems of {shown} could not be written into {folder}: {why}.", again)


def _settle(made: Path, out: Path, name: str, mark: str) -> Path:
    """Give a finished folder its name, or one with a number when others have that."""
    for number in count(1):
        folder = out / (name if number == 1 else f"{name} ({number})")
        if _is_of(folder, mark):
            for file in made.iterdir():
                file.replace(folder / file.name)
            return folder
        try:
            made.rename(folder)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
        else:
            return folder
    raise AssertionError("unreachable")


def _is_of(folder: Path, mark: str) -> bool:
    """Whether a folder holds stems of one separation, and of no other."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    sounds = [file for file in folder.iterdir() if file.suffix[1:] in FORMATS]
    return bool(sounds) and all(mark.encode() in _head(file) for file in sounds)


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_HEAD_BYTES)


def _mark(found: Result) -> str:
    assert found.separation is not None
    return mark(found.track, found.separation)


def _tags(found: Result, stem: Stem) -> dict[str, str | None]:
    assert found.separation is not None
    return tags_of_stem(found.track, found.separation, stem)


def _remove_abandoned(folder: Path) -> None:
    """The scratch folders of commands that were killed."""
    for left in folder.glob(".sfa-*-*"):
        if (match := _SCRATCH.match(left.name)) and not psutil.pid_exists(int(match[1])):
            shutil.rmtree(left, ignore_errors=True)
