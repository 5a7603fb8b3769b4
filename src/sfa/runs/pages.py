"""What a person can do about the runs of a track."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from sfa import runs
from sfa.runs import store
from sfa.sql import Conn

View = Literal["row", "stages"]  # the part of a page that shows what came of it


@post("/tracks/{track_id:uuid}/retry", status_code=303)
async def retry(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    view: FromQuery[View] = "row",
) -> Redirect:
    await runs.retry(conn, account_id=account_id, track_id=track_id)
    return _to(request, track_id, view)


@post("/tracks/{track_id:uuid}/cancel", status_code=303)
async def cancel(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    view: FromQuery[View] = "row",
) -> Redirect:
    await runs.cancel(conn, account_id=account_id, track_id=track_id)
    return _to(request, track_id, view)


def _to(request: Request[Any, Any, Any], track_id: UUID, view: View) -> Redirect:
    if "hx-request" in request.headers:
        return Redirect(f"/tracks/{track_id}/{view}", status_code=303)
    return Redirect(f"/#track-{track_id}" if view == "row" else f"/tracks/{track_id}", status_code=303)


@post("/queues/{queue:str}/{what:str}", status_code=303)
async def hold(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    queue: FromPath[str],
    what: FromPath[Literal["pause", "resume"]],
) -> Redirect | Response[None]:
    """Pause a queue or let it go on. Every page hears of it by its stream."""
    if what == "pause":
        await store.pause(conn, queue, why="by a person")
    else:
        await store.resume(conn, queue)
    if "hx-request" in request.headers:
        return Response(None, status_code=204)
    return Redirect("/", status_code=303)


routes = [retry, cancel, hold]
