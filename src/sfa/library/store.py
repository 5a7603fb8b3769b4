"""Rows of `tracks`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sfa.errors import NotFound
from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class Track:
    """One piece of music. What is None is known once it has been decoded."""

    id: UUID
    title: str
    artist: str | None
    album: str | None
    duration_s: float | None
    sample_rate: int | None
    channels: int | None  # of the source
    frames: int | None
    format: str | None
    lossy: bool | None
    file_name: str  # what its owner called the file
    sha256: str | None  # of the file, once it is in the media folder
    bytes: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file of a track, for a page that plays it."""

    title: str
    file_name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that the library has, for a page that is about to send it."""

    id: UUID  # of its track
    title: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Source:
    """The file of a track, for a worker."""

    id: UUID
    account_id: UUID
    file_name: str
    sha256: str | None  # None: not copied yet
    taken_from: str | None


_sql = QueryFile("library")
_add = _sql.value("add_track")
_of_file = _sql.value("track_of_file")
_of_files = _sql.query("tracks_of_files", KnownFile)
_out_of_trash = _sql.statement("out_of_trash")
_forge = _sql.value("forge")
_forge_tracks = _sql.value("forge_tracks")
_by_id = _sql.query("track_by_id", Track)
_count = _sql.value("count_tracks")
_source = _sql.query("source_of_track", Source)
_copied = _sql.statement("copied")
_other = _sql.value("other_track_of_file")
_decoded = _sql.statement("decoded")
_by_ids = _sql.query("tracks_by_ids", Track)
_in_trash = _sql.query("tracks_in_trash", Track)
_sound = _sql.query("sound_of_track", SourceFile)


async def add_track(
    conn: Conn,
    *,
    account_id: UUID,
    id: UUID,
    title: str,
    file_name: str,
    bytes: int,
    sha256: str,
    priority: int,
    source: str,
) -> bool:
    """Insert a track; False when this account has the same file already."""
    row = await _add.first(
        conn,
        id=id,
        account_id=account_id,
        title=title,
        file_name=file_name,
        bytes=bytes,
        sha256=sha256,
        priority=priority,
        source=source,
    )
    return row is not None


async def track_of_file(conn: Conn, *, account_id: UUID, sha256: str) -> UUID | None:
    row = await _of_file.first(conn, account_id=account_id, sha256=sha256)
    return row.value if row else None


async def tracks_of_files(conn: Conn, *, account_id: UUID, sha256s: Iterable[str]) -> list[KnownFile]:
    """Those of the files that this account has, and has not thrown away."""
    return await _of_files.all(conn, account_id=account_id, sha256s=list(sha256s))


async def out_of_trash(conn: Conn, track_id: UUID) -> None:
    """Take a track back that was thrown away, if it was."""
    await _out_of_trash.run(conn, track_id=track_id)


async def forge(conn: Conn, track_id: UUID, *, model: str, stems: list[str] | None, fallback: bool) -> None:
    """Ask for everything a new track goes through."""
    await _forge.first(conn, track_id=track_id, model=model, stems=stems, fallback=fallback)


async def forge_tracks(conn: Conn, *, account_id: UUID, track_ids: Sequence[UUID], model: str) -> int:
    """Ask for the stems of tracks from one model; how many are to be separated that were not before."""
    row = await _forge_tracks.first(conn, account_id=account_id, track_ids=list(track_ids), model=model)
    assert row is not None
    return int(row.value)


async def track_by_id(conn: Conn, *, account_id: UUID, track_id: UUID) -> Track:
    track = await _by_id.first(conn, account_id=account_id, track_id=track_id)
    if track is None:
        raise NotFound("There is no such track.", fix="It may have been deleted meanwhile.")
    return track


async def tracks_by_ids(conn: Conn, *, account_id: UUID, track_ids: Iterable[UUID]) -> list[Track]:
    """Those of the tracks that are there and this account's, newest first."""
    return await _by_ids.all(conn, account_id=account_id, track_ids=list(track_ids))


async def tracks_in_trash(conn: Conn, *, account_id: UUID, track_ids: Iterable[UUID]) -> list[Track]:
    return await _in_trash.all(conn, account_id=account_id, track_ids=list(track_ids))


async def sound_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> SourceFile:
    sound = await _sound.first(conn, account_id=account_id, track_id=track_id)
    if sound is None:
        raise NotFound(
            "There is no sound of such a track.", fix="It may still be on its way, or have been deleted."
        )
    return sound


async def count_tracks(conn: Conn, *, account_id: UUID) -> int:
    row = await _count.first(conn, account_id=account_id)
    assert row is not None
    return int(row.value)


async def source_of_track(conn: Conn, track_id: UUID) -> Source:
    source = await _source.first(conn, track_id=track_id)
    if source is None:
        raise NotFound("The track was deleted meanwhile.")
    return source


async def copied(conn: Conn, track_id: UUID, *, bytes: int, sha256: str) -> None:
    await _copied.run(conn, track_id=track_id, bytes=bytes, sha256=sha256)


async def other_track_of_file(conn: Conn, source: Source, *, sha256: str) -> str | None:
    """The title under which its owner has the same file already."""
    row = await _other.first(conn, account_id=source.account_id, track_id=source.id, sha256=sha256)
    return row.value if row else None


async def decoded(conn: Conn, track_id: UUID, facts: dict[str, Any]) -> None:
    """Keep what decoding found out: length, rate, channels, format, tags."""
    await _decoded.run(conn, track_id=track_id, **({"year": None, "genre": None} | facts))
