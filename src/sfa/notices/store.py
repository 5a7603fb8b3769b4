"""Rows of `notices`; a trigger writes them when the work of a track ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class Notice:
    id: int
    track_id: UUID
    kind: str  # done or failed
    at: datetime
    is_new: bool
    title: str
    error: str | None


_sql = QueryFile("notices")
_newest = _sql.query("newest_notices", Notice)
_unseen = _sql.value("count_unseen")
_see = _sql.statement("see_notices")
_see_track = _sql.statement("see_notices_of_track")
_forget = _sql.statement("forget_notices")


async def newest(conn: Conn, *, account_id: UUID, limit: int) -> list[Notice]:
    return await _newest.all(conn, account_id=account_id, limit=limit)


async def count_unseen(conn: Conn, *, account_id: UUID) -> int:
    row = await _unseen.first(conn, account_id=account_id)
    assert row is not None
    return int(row.value)


async def see(conn: Conn, *, account_id: UUID, up_to: int) -> None:
    """Those up to this one have been read."""
    await _see.run(conn, account_id=account_id, up_to=up_to)


async def see_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> None:
    await _see_track.run(conn, account_id=account_id, track_id=track_id)


async def forget_old(conn: Conn) -> int:
    """For the nightly round; how many."""
    return await _forget.run(conn)
