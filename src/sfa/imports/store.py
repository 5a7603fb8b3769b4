"""Rows of `imports` and `import_entries`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sfa import covers
from sfa.errors import NotFound
from sfa.library.recognise import SourceRef
from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class Import:
    """A link that somebody gave, and what it turned out to be."""

    id: UUID
    source: str
    kind: str
    ref_id: str
    url: str
    state: str  # resolving, ready, failed, taken
    note: str | None
    wait_until: datetime | None  # the far side asked for a pause
    title: str | None
    owner: str | None
    total: int | None
    complete: bool | None
    why_incomplete: str | None
    via: str | None
    sha256: str | None  # of its picture
    error_code: str | None
    error: str | None
    fix: str | None
    playlist_id: UUID | None
    asked_at: datetime
    resolved_at: datetime | None
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One song of an import, in its place."""

    position: int
    ref_id: str | None
    title: str
    artists: list[str]
    album: str | None
    duration_ms: int | None
    explicit: bool
    skip_code: str | None
    skip_why: str | None
    gone: bool  # it was there when the link was asked before
    known: UUID | None  # the track that it is
    in_trash: bool
    state: str | None  # of that track

    @property
    def is_new(self) -> bool:
        return self.known is None and self.skip_code is None and not self.gone

    @property
    def can_be_taken(self) -> bool:
        return self.skip_code is None and not self.gone and (self.known is None or self.in_trash)

    @property
    def duration_s(self) -> float | None:
        return None if self.duration_ms is None else self.duration_ms / 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a worker is to ask."""

    id: UUID
    account_id: UUID
    source: str
    kind: str
    ref_id: str
    url: str
    attempts: int


_sql = QueryFile("imports")
_ask = _sql.value("ask_import")
_by_id = _sql.query("import_by_id", Import)
_newest = _sql.query("newest_imports", Import)
_entries = _sql.query("entries_of_import", Entry)
_cover = _sql.value("cover_of_import")
_asked = _sql.query("asked", Asked)
_note = _sql.statement("note")
_again = _sql.value("resolve_again")
_failed = _sql.statement("failed")
_resolved = _sql.statement("resolved")
_pictured = _sql.statement("pictured")
_old_go = _sql.statement("old_entries_go")
_old_wait = _sql.statement("old_entries_wait")
_put = _sql.statement("put_entries")
_still_there = _sql.statement("still_there")
_take = _sql.value("take")
_forget = _sql.statement("forget")


async def ask(conn: Conn, *, account_id: UUID, ref: SourceRef) -> UUID:
    """Have a link looked at; the row and the job are there once the caller commits."""
    row = await _ask.first(
        conn, account_id=account_id, source=ref.source, kind=ref.kind, ref_id=ref.id, url=ref.url
    )
    assert row is not None
    return UUID(str(row.value))


async def import_by_id(conn: Conn, *, account_id: UUID, import_id: UUID) -> Import:
    found = await _by_id.first(conn, account_id=account_id, import_id=import_id)
    if found is None:
        raise NotFound("There is no such import.", fix="It may have been forgotten; paste the link again.")
    return found


async def newest(conn: Conn, *, account_id: UUID, limit: int = 50) -> list[Import]:
    return await _newest.all(conn, account_id=account_id, limit=limit)


async def entries(conn: Conn, *, account_id: UUID, import_id: UUID) -> list[Entry]:
    return await _entries.all(conn, account_id=account_id, import_id=import_id)


async def cover(conn: Conn, *, account_id: UUID, import_id: UUID) -> bytes:
    row = await _cover.first(conn, account_id=account_id, import_id=import_id)
    if row is None:
        raise NotFound("This import has no picture.")
    return bytes(row.value)


async def take(conn: Conn, *, account_id: UUID, import_id: UUID, positions: Sequence[int], step: bool) -> int:
    """Make tracks of some entries, and a playlist of an album or a playlist; how many tracks are new."""
    row = await _take.first(
        conn, account_id=account_id, import_id=import_id, positions=list(positions), step=step
    )
    assert row is not None
    return int(row.value)


async def ask_again(conn: Conn, *, account_id: UUID, import_id: UUID) -> None:
    await import_by_id(conn, account_id=account_id, import_id=import_id)
    await _again.first(conn, import_id=import_id, at=None)


async def forget(conn: Conn, *, account_id: UUID, import_id: UUID) -> None:
    """Its tracks and its playlist stay."""
    await _forget.run(conn, account_id=account_id, import_id=import_id)


async def asked(conn: Conn, import_id: UUID, *, job_id: int) -> Asked | None:
    """None when nobody waits for this job any more."""
    return await _asked.first(conn, import_id=import_id, job_id=job_id)


async def ask_later(conn: Conn, import_id: UUID, *, at: datetime, note: str, counts: bool) -> None:
    await _note.run(conn, import_id=import_id, note=note, attempts=int(counts))
    await _again.first(conn, import_id=import_id, at=at)


async def failed(conn: Conn, import_id: UUID, *, job_id: int, code: str, error: str, fix: str) -> None:
    await _failed.run(conn, import_id=import_id, job_id=job_id, code=code, error=error, fix=fix)


async def resolved(
    conn: Conn,
    import_id: UUID,
    *,
    job_id: int,
    facts: Mapping[str, Any],
    songs: Sequence[Mapping[str, Any]],
    picture: covers.Made | None,
) -> bool:
    """What a link holds. False: nobody waits for this job any more, and nothing was written."""
    if not await _resolved.run(conn, import_id=import_id, job_id=job_id, **facts):
        return False
    if picture is not None:
        await _pictured.run(conn, import_id=import_id, **picture.columns)
    await _old_go.run(conn, import_id=import_id)
    await _old_wait.run(conn, import_id=import_id)
    await _put.run(conn, import_id=import_id, entries=json.dumps(songs))
    await _still_there.run(conn, import_id=import_id)
    return True
