"""Where sound lies on disk. Paths are made here, from ids; none ever comes from a client.

    media/<aa>/<sha256>     sound by its content: what was handed in, as it was, and stems
    work/<run>-<fence>/     scratch of a running step, on the same file system
    work/incoming-…/        a file on its way in
    work/upload-<id>/       one that comes in parts, as long as its row says so
    lost/<sha256>           content that no row knows, kept until somebody looks
    forged/<title>/         stems under names for people: links into media

A file is published by one rename, in the transaction that writes its rows.
Names tell the sweeper what a thing is, so that nothing needs to be remembered
about a process that died.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sfa.errors import Refused
from sfa.settings import Settings

UPLOAD_PATIENCE = timedelta(hours=24)  # a file that comes in parts is waited for so long
_CHUNK = 1 << 20
_WORK = re.compile(r"^(\d+)-(\d+)$")
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that has arrived whole, not yet part of the library."""

    path: Path
    bytes: int
    sha256: str


def blob(settings: Settings, sha256: str) -> Path:
    """Where content lies, once it is there."""
    return settings.media / sha256[:2] / sha256


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


def begun(settings: Settings, upload_id: UUID) -> Path:
    """Where a file lies that comes in parts."""
    return settings.work / f"upload-{upload_id}" / "file"


def size_of(path: Path) -> int:
    """Of a file that may not be there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def add_part(path: Path, part: bytes, *, at: int, name: str) -> None:
    """Put a part where it belongs, safe from a power cut when this returns.

    What lies behind `at` is of a part that was never acknowledged, and goes.

    Raises
    ------
    Refused
        `disk_full` when there is no room.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if path.exists() else "wb") as out:
            out.truncate(at)
            out.seek(at)
            out.write(part)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise no_room(error, name) from error


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def second_name(path: Path) -> Path:
    """Another name of a file, which may be moved away: the first stays until what moved it is committed.

    Where a disk knows no second names there is only the first.
    """
    second = path.with_name("whole")
    try:
        second.unlink(missing_ok=True)
        second.hardlink_to(path)
    except OSError:
        return path
    return second


def forget(path: Path) -> None:
    """Remove a file that came in parts, and its folder."""
    shutil.rmtree(path.parent, ignore_errors=True)


def free_bytes(settings: Settings) -> int:
    """How much still fits on the disk of the data folder."""
    settings.work.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(settings.work).free


def no_room(error: OSError, name: str) -> Refused:
    """What a failed write means to the person who asked for it."""
    return Refused(
        f"{name} could not be stored: {error.strerror or error}.",
        code="disk_full",
        fix="Free some room in the data folder, then try again.",
    )


def keep(settings: Settings, made: Path, *, sha256: str, bytes: int) -> None:
    """Move a finished file to the place of its content at once; it is there whole or not at all.

    To be called after its row was written and before the commit: that row is
    what keeps the sweeper off. Content that is there already stays as it is,
    and `made` where it was.

    Raises
    ------
    FileNotFoundError
        When there is neither.
    """
    place = blob(settings, sha256)
    try:
        if place.stat().st_size == bytes:
            return
    except FileNotFoundError:
        pass
    place.parent.mkdir(parents=True, exist_ok=True)
    made.chmod(0o444)  # people reach it by other names, and it must stay what its own says
    settle(made)
    made.rename(place)
    _sync(place.parent)
    _sync(place.parent.parent)  # its folder may be new


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


def scratch_folders(settings: Settings) -> list[Path]:
    """What lies in `work`."""
    return [path for path in _entries(settings.work) if path.is_dir()]


def is_abandoned(
    folder: Path, starts: set[tuple[int, int]], uploads: set[UUID], *, older_than_s: float
) -> bool:
    """Whether nobody works in a scratch folder any more.

    `starts` are run and fence of what is running, `uploads` those that wait for
    a part. A file on its way in that no row speaks for counts as abandoned once
    nothing has touched it for `older_than_s` seconds.
    """
    if start := _WORK.match(folder.name):
        return (int(start[1]), int(start[2])) not in starts
    if folder.name in {f"upload-{upload}" for upload in uploads}:
        return False
    try:
        touched = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    except FileNotFoundError:  # it has arrived, or another worker swept it
        return False
    return touched < time.time() - older_than_s


def every_blob(settings: Settings) -> list[str]:
    """The content that lies on disk."""
    return [
        path.name
        for folder in _entries(settings.media)
        for path in _entries(folder)
        if _SHA256.match(path.name) and path.name.startswith(folder.name)
    ]


def delete(settings: Settings, blobs: Iterable[str]) -> None:
    for sha256 in blobs:
        blob(settings, sha256).unlink(missing_ok=True)


def put_aside(settings: Settings, blobs: Iterable[str], *, older_than_s: float) -> list[str]:
    """Move content that no row knows to `lost`; what. It is not ours to delete.

    Rows of an older backup know nothing of what came after it, and a file that
    came this moment may have its row in a transaction that is still open:
    hence the age.
    """
    moved = []
    settings.lost.mkdir(parents=True, exist_ok=True)
    for sha256 in blobs:
        place = blob(settings, sha256)
        try:
            if place.stat().st_ctime < time.time() - older_than_s:
                place.rename(settings.lost / sha256)
                moved.append(sha256)
        except FileNotFoundError:  # another worker sweeps too
            continue
    return moved


def take_back(settings: Settings, known: set[str]) -> list[str]:
    """Move content out of `lost` that rows do know, and that is missing; what."""
    found = [path.name for path in _entries(settings.lost) if path.name in known]
    for sha256 in found:
        place = blob(settings, sha256)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            (settings.lost / sha256).rename(place)
    return found


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):  # not made yet, or swept by another worker
        return []
