"""Where sound lies on disk. Paths are made here, from ids; none ever comes from a client.

    media/<track>/source.<ext>                    what was handed in, as it was
    media/<track>/separation-<run>-<fence>/…      the stems of one start of one run
    work/<run>-<fence>/                           scratch of a running step, on the same file system
    work/incoming-…/                              a file on its way in

A folder is published by one rename, in the transaction that writes its rows.
The name tells the sweeper whose it is, so that nothing needs to be remembered
about a process that died.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sfa.errors import Refused
from sfa.settings import Settings

_CHUNK = 1 << 20
_EXTENSION = re.compile(r"^\.[a-z0-9]{1,8}$")
_WORK = re.compile(r"^(\d+)-(\d+)$")
_RESULT = re.compile(r"^separation-(\d+)-(\d+)$")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that has arrived whole, not yet part of the library."""

    path: Path
    bytes: int
    sha256: str


def track_folder(settings: Settings, track_id: UUID) -> Path:
    return settings.media / str(track_id)


def source_name(file_name: str) -> str:
    """How a source is stored. The ending is kept for people who look; nothing decides by it."""
    ending = Path(file_name).suffix.lower()
    return "source" + (ending if _EXTENSION.match(ending) else "")


def separation_name(run_id: int, fence: int) -> str:
    return f"separation-{run_id}-{fence}"


@contextmanager
def arriving(settings: Settings) -> Iterator[Path]:
    """A scratch folder for a file on its way in; gone afterwards, unless its file was moved out."""
    settings.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="incoming-", dir=settings.work))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_in(source: BinaryIO, folder: Path, *, limit: int, name: str) -> Incoming:
    """Read a file to its end into `folder`, measured on the way.

    Raises
    ------
    Refused
        `empty_file` and `too_large`; `disk_full` when there is no room.
    """
    digest = hashlib.sha256()
    size = 0
    path = folder / "file"
    try:
        with path.open("wb") as out:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise Refused(
                        f"{name} is larger than {limit >> 20} MB, the most this studio takes.",
                        code="too_large",
                        fix="Cut it, or raise SFA_MAX_UPLOAD_MB.",
                    )
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise no_room(error, name) from error
    if size == 0:
        raise Refused(
            f"{name} is empty: it has no bytes.",
            code="empty_file",
            fix="Copy or export it again.",
        )
    return Incoming(path, size, digest.hexdigest())


def no_room(error: OSError, name: str) -> Refused:
    """What a failed write means to the person who asked for it."""
    return Refused(
        f"{name} could not be stored: {error.strerror or error}.",
        code="disk_full",
        fix="Free some room in the data folder, then try again.",
    )


def publish(made: Path, place: Path) -> None:
    """Move a finished file or folder to its place at once; it is there whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    settle(made)
    made.rename(place)
    _sync(place.parent)
    _sync(place.parent.parent)  # the folder of a track may be new


def settle(made: Path) -> None:
    """Have a file, or a folder and what is in it, written to the disk."""
    for path in (*made.rglob("*"), made) if made.is_dir() else (made,):
        _sync(path)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@dataclass(frozen=True, slots=True)
class Kept:
    """What rows speak for; everything else under the data folder is a leftover."""

    tracks: set[str]
    starts: set[tuple[int, int]]  # run and fence of what is running
    paths: set[str]  # folders of stems, below the media folder


def every_folder(settings: Settings) -> list[Path]:
    """What lies on disk: scratch folders, tracks, and the stems of tracks."""
    tracks = _folders(settings.media)
    return [*_folders(settings.work), *tracks, *(folder for track in tracks for folder in _folders(track))]


def is_leftover(settings: Settings, folder: Path, kept: Kept, *, older_than_s: float) -> bool:
    """Whether no row speaks for a folder.

    What belongs to a run is judged by its name. A file on its way in has no
    row yet: it counts as left over once nothing has touched it for
    `older_than_s` seconds.
    """
    if folder.parent == settings.work and (start := _WORK.match(folder.name)):
        return (int(start[1]), int(start[2])) not in kept.starts
    if folder.parent == settings.media and folder.name in kept.tracks:
        return False
    if folder.parent.parent == settings.media and (start := _RESULT.match(folder.name)):
        running = (int(start[1]), int(start[2])) in kept.starts
        return not running and f"{folder.parent.name}/{folder.name}" not in kept.paths
    try:
        touched = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    except FileNotFoundError:  # it has arrived, or another worker swept it
        return False
    return touched < time.time() - older_than_s


def is_foreign(settings: Settings, folders: list[Path], kept: Kept) -> bool:
    """Whether rows speak for none of the tracks on disk: the library of another database, not leftovers."""
    tracks = {folder.name for folder in folders if folder.parent == settings.media}
    return bool(tracks) and tracks.isdisjoint(kept.tracks)


def _folders(root: Path) -> list[Path]:
    try:
        return [folder for folder in root.iterdir() if folder.is_dir()]
    except FileNotFoundError:  # not made yet, or swept by another worker
        return []
