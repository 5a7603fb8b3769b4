"""The bell: what was finished and what went wrong since a person last looked."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Template

from sfa import notices
from sfa.sql import Conn

_SHOWN = 50


@get("/notices")
async def index(conn: NamedDependency[Conn], account_id: NamedDependency[UUID]) -> Template:
    """The list under the bell."""
    found = await notices.newest(conn, account_id=account_id, limit=_SHOWN)
    return Template("notices/_list.html", context={"notices": found}, headers={"Cache-Control": "no-store"})


@post("/notices/seen", status_code=303)
async def seen(
    request: Request[Any, Any, Any], conn: NamedDependency[Conn], account_id: NamedDependency[UUID]
) -> Redirect | Response[None]:
    """Everything up to the notice `up_to` has been read, or what became of `track`."""
    form = await request.form()
    text = str(form.get("up_to") or "0")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    await notices.see(conn, account_id=account_id, up_to=number)
    with contextlib.suppress(ValueError):
        await notices.see_track(conn, account_id=account_id, track_id=UUID(str(form.get("track"))))
    return (
        Response(None, status_code=204) if "hx-request" in request.headers else Redirect("/", status_code=303)
    )


routes = [index, seen]
