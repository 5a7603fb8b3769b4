"""The library: found by words, filters and order, a page at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from sfa import catalogue, playlists
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.studio import shelf
from sfa.studio.answers import FRESH, told
from sfa.studio.cards import card_of
from sfa.studio.shell import shell_of


@get("/library")
async def index(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
    after: FromQuery[str | None] = None,
) -> Template:
    """The whole page; asked by a script for another filter, the part of it that shows what was found."""
    wanted = catalogue.parse(request.query_params.multi_items())
    context: dict[str, Any] = {
        "shelf": await shelf.shelf_of(conn, account_id=account_id, wanted=wanted, after=after),
        "view": "grid" if request.query_params.get("view") == "grid" else "table",
    }
    if request.headers.get("hx-target", "").endswith("#found"):
        context["playlists"] = await playlists.playlists(conn, account_id=account_id)
        context["crates"] = await playlists.crates(conn, account_id=account_id)
        return Template("studio/_found.html", context=context, headers=FRESH | {"Vary": "HX-Target"})
    here = f"/library?{wanted.query()}".rstrip("?")
    context |= await told(request, conn, account_id)
    shell = await shell_of(conn, account_id=account_id, here=here, limit=settings.max_upload_bytes)
    context |= {"shell": shell, "playlists": shell.playlists, "crates": shell.crates}
    return Template("studio/library.html", context=context, headers=FRESH)


@get("/library/more")
async def more(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    after: FromQuery[str],
) -> Template:
    wanted = catalogue.parse(request.query_params.multi_items())
    found = await shelf.shelf_of(conn, account_id=account_id, wanted=wanted, after=after)
    return Template("studio/_rows.html", context={"shelf": found}, headers=FRESH)


@get("/tracks/{track_id:uuid}/row")
async def row(
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    known: FromQuery[int] = 0,
) -> Template:
    """One row of a list. `known`: an upload brought nothing new; told to the script that sent it."""
    card = await card_of(conn, account_id=account_id, track_id=track_id)
    return Template("studio/_row.html", context={"card": card}, headers=FRESH | {"X-Known": str(known)})


routes = [index, more, row]
