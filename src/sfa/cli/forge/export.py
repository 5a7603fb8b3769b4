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
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psutil

from sfa.cli.forge.files import Interrupted
from sfa.cli.forge.result import Result
from sfa.cli.forge.song import Trouble
from sfa.errors import Refused
from sfa.separation import Stem
from sfa.sound import BadSound, encode
from sfa.sound.encoding import FORMATS

_LONGEST_BYTES = 160  # of a name; file systems take 255, and a number may follow
_HEAD_BYTES = 1 << 16  # tags stand before the sound in all four formats
_SCRATCH = re.compile(r"^\.sfa-(\d+)-")
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # names of devices on Windows
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

    def export(self, found: Result, media: Path, told: Callable[[float], bool]) -> dict[str, Path]:
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
                encode(media / stem.path, made / name, self.format, _tags(found, stem))
            files = {stem.name: f"{safe_name(stem.name)}.{self.format}" for stem in found.stems}
            folder = _settle(made, self.folder, folder_name(found), _mark(found))
        return {stem: folder / name for stem, name in files.items()}


def folder_name(found: Result) -> str:
    title, artist = found.track.title, found.track.artist
    return safe_name(f"{artist} - {title}" if artist else title)


def safe_name(text: str) -> str:
    """A title as the name of one file or folder, on every file system: never a path, never hidden."""
    text = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter
        for letter in unicodedata.normalize("NFC", text)
    )
    text = " ".join(_FORBIDDEN.sub("_", text).split()).lstrip(". ")
    while len(text.encode()) > _LONGEST_BYTES:
        text = text[:-1]
    text = text.rstrip(". ") or "untitled"
    return f"_{text}" if _RESERVED.match(text) else text


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
    return f"{found.track.id}/{found.separation.run_id}"


def _tags(found: Result, stem: Stem) -> dict[str, str | None]:
    assert found.separation is not None
    rough = " (quick, rough)" if found.separation.engine == "quick" else ""
    return {
        "title": f"{found.track.title} ({stem.name})",
        "artist": found.track.artist,
        "album": found.track.album,
        "comment": f"{stem.name} by {found.separation.ran}{rough}; {_mark(found)}",
    }


def _remove_abandoned(folder: Path) -> None:
    """The scratch folders of commands that were killed."""
    for left in folder.glob(".sfa-*-*"):
        if (match := _SCRATCH.match(left.name)) and not psutil.pid_exists(int(match[1])):
            shutil.rmtree(left, ignore_errors=True)
