"""The library, one track, and the stream that keeps both true."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream, Template

from sfa import db, library
from sfa.accounts import owner_id
from sfa.events import Cursor, Hub, Topic
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.studio import cards, sheet, store

_PAGE = 50
_FRESH = {"Cache-Control": "no-store"}  # a page kept by the browser would come back with an old cursor


@get("/")
async def index(
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
    before: FromQuery[UUID | None] = None,
) -> Template:
    return Template(
        "studio/index.html",
        context={
            **await _shelf(conn, account_id, before),
            "count": await library.count_tracks(conn, account_id=account_id),
            "length_s": await library.total_length_s(conn, account_id=account_id),
            "strip": await cards.strip(conn),
            "cursor": await store.cursor(conn),
            "limit": settings.max_upload_bytes,
            "is_first_page": before is None,
        },
        headers=_FRESH,
    )


@get("/more")
async def more(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], before: FromQuery[UUID]
) -> Template:
    return Template("studio/_rows.html", context=await _shelf(conn, account_id, before), headers=_FRESH)


@get("/tracks/{track_id:uuid}")
async def show(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], track_id: FromPath[UUID]
) -> Template:
    return Template(
        "studio/show.html",
        context={
            "sheet": await sheet.sheet_of(conn, account_id=account_id, track_id=track_id),
            "strip": await cards.strip(conn),
            "cursor": await store.cursor(conn),
        },
        headers=_FRESH,
    )


@get("/tracks/{track_id:uuid}/row")
async def row(
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    known: FromQuery[int] = 0,
) -> Template:
    """One row of the library. `known`: an upload brought nothing new; told to the script that sent it."""
    card = await cards.card_of(conn, account_id=account_id, track_id=track_id)
    return Template("studio/_row.html", context={"card": card}, headers=_FRESH | {"X-Known": str(known)})


@get("/tracks/{track_id:uuid}/stages")
async def stages(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], track_id: FromPath[UUID]
) -> Template:
    card = await cards.card_of(conn, account_id=account_id, track_id=track_id)
    return Template("studio/_stages.html", context={"card": card}, headers=_FRESH)


@get("/events")
async def events(
    request: Request[Any, Any, Any],
    pool: NamedDependency[db.Pool],
    hub: NamedDependency[Hub],
    after: FromQuery[str] = "",
    track: FromQuery[UUID | None] = None,
) -> Stream:
    """What changes from `after` on, as partials for the page.

    Takes the pool: a stream outlives the transaction of its request. A browser
    that comes back says where it was; that counts more than the page's own start.
    """
    async with pool.connection() as conn:
        topic = Topic(await owner_id(conn), track)
    cursor = Cursor.parse(request.headers.get("last-event-id") or after)
    return Stream(
        hub.stream(topic, cursor),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _shelf(conn: Conn, account_id: UUID, before: UUID | None) -> dict[str, object]:
    """One page of the library, and the track from which the next one goes on, if there is one."""
    last = await library.track_by_id(conn, account_id=account_id, track_id=before) if before else None
    found = await library.newest_tracks(conn, account_id=account_id, limit=_PAGE + 1, before=last)
    return {
        "cards": await cards.cards_of(conn, account_id=account_id, tracks=found[:_PAGE]),
        "next": found[_PAGE - 1].id if len(found) > _PAGE else None,
    }


routes = [index, more, show, row, stages, events]
