"""The stream that keeps a page true."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Stream

from sfa import db
from sfa.accounts import owner_id
from sfa.events import Cursor, Hub, Page, Topic


@get("/events")
async def events(
    request: Request[Any, Any, Any],
    pool: NamedDependency[db.Pool],
    hub: NamedDependency[Hub],
    after: FromQuery[str] = "",
    page: FromQuery[Page] = "library",
    track: FromQuery[UUID | None] = None,
    link: FromQuery[UUID | None] = None,
) -> Stream:
    """What changes from `after` on, as partials for the page.

    Takes the pool: a stream outlives the transaction of its request. A browser
    that comes back says where it was; that counts more than the page's own start.
    """
    async with pool.connection() as conn:
        topic = Topic(await owner_id(conn), page, track, link)
    cursor = Cursor.parse(request.headers.get("last-event-id") or after)
    return Stream(
        hub.stream(topic, cursor),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


routes = [events]
