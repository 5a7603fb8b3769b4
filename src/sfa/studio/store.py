"""What the pages of this room read beyond the public functions of the rooms below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sfa.events import Change, Cursor
from sfa.sql import Conn, QueryFile

_MOST = 500  # tracks that a page which lost its place is shown anew
_MOVING = 100  # tracks whose forecasts are kept fresh; the others' once their rows change


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue and who serves it."""

    queue: str
    ready: int
    later: int  # wait for a retry, or for the queue to go on
    running: int
    workers: int
    paused_why: str | None


@dataclass(frozen=True, slots=True)
class Moving:
    """A track with work before it."""

    track_id: UUID
    all: int  # how many such tracks there are


@dataclass(frozen=True, slots=True)
class Shelf:
    """The stems of a track in a few words."""

    track_id: UUID
    run_id: int
    engine: str
    ran: str
    device: str
    model: str  # as asked
    why: str | None  # why something else ran
    fix: str | None
    names: list[str] | None


@dataclass(frozen=True, slots=True)
class Shape:
    """A coarse waveform: one byte per stretch of frames."""

    track_id: UUID
    data: bytes


_sql = QueryFile("studio")
_cursor = _sql.query("cursor", Cursor)
_changed = _sql.query("changed_since", Change)
_everything = _sql.query("everything_shown", Change)
_moving = _sql.query("moving", Change)
_queues = _sql.query("queues", Queue)
_shelves = _sql.query("stems_on_shelf", Shelf)
_moving_tracks = _sql.query("moving_tracks", Moving)
_lately = _sql.value("lately")
_shapes = _sql.query("shapes_of_tracks", Shape)


async def cursor(conn: Conn) -> Cursor:
    found = await _cursor.first(conn)
    assert found is not None
    return found


async def changed(conn: Conn, since: int | None) -> list[Change]:
    """Tracks whose rows carry the transaction `since` or a later one; for None, all a page may show."""
    if since is None:
        return await _everything.all(conn, limit=_MOST)
    return await _changed.all(conn, since=str(since))


async def moving(conn: Conn) -> list[Change]:
    """Tracks with work before them: their forecasts age, and workers come and go."""
    return await _moving.all(conn, limit=_MOVING)


async def moving_tracks(conn: Conn, *, account_id: UUID, limit: int) -> list[Moving]:
    """In the order in which their turn comes."""
    return await _moving_tracks.all(conn, account_id=account_id, limit=limit)


async def lately(conn: Conn, *, account_id: UUID, states: list[str], limit: int) -> list[UUID]:
    """Tracks in one of these states, the one that came there last first."""
    return [row.value for row in await _lately.all(conn, account_id=account_id, states=states, limit=limit)]


async def queues(conn: Conn) -> list[Queue]:
    return await _queues.all(conn)


async def shelves(conn: Conn, *, account_id: UUID, track_ids: Iterable[UUID]) -> dict[UUID, Shelf]:
    found = await _shelves.all(conn, account_id=account_id, track_ids=list(track_ids))
    return {shelf.track_id: shelf for shelf in found}


async def shapes(
    conn: Conn, *, account_id: UUID, track_ids: Iterable[UUID], at_least: int
) -> dict[UUID, bytes]:
    """A coarse waveform of each track, of `at_least` so many peaks where the track is long enough."""
    found = await _shapes.all(conn, account_id=account_id, track_ids=list(track_ids), at_least=at_least)
    return {shape.track_id: shape.data for shape in found}
