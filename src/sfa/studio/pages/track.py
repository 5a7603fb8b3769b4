"""One track."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from sfa import acts, separation
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.studio import sheet
from sfa.studio.answers import FRESH, answer, told
from sfa.studio.cards import card_of
from sfa.studio.shell import shell_of


@get("/tracks/{track_id:uuid}")
async def show(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
    track_id: FromPath[UUID],
) -> Template:
    return Template(
        "studio/show.html",
        context={
            "sheet": await sheet.sheet_of(conn, account_id=account_id, track_id=track_id),
            **await told(request, conn, account_id),
            "shell": await shell_of(
                conn,
                account_id=account_id,
                here=f"/tracks/{track_id}",
                limit=settings.max_upload_bytes,
                live=f"track&track={track_id}",
            ),
        },
        headers=FRESH,
    )


@get("/tracks/{track_id:uuid}/stages")
async def stages(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], track_id: FromPath[UUID]
) -> Template:
    card = await card_of(conn, account_id=account_id, track_id=track_id)
    return Template("studio/_stages.html", context={"card": card}, headers=FRESH)


@get("/tracks/{track_id:uuid}/player")
async def player(
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    run: FromQuery[int | None] = None,
) -> Template:
    """The player with the stems of another separation, to be heard at the same place."""
    found = await sheet.sheet_of(conn, account_id=account_id, track_id=track_id, run_id=run)
    return Template("studio/_heard.html", context={"sheet": found}, headers=FRESH)


@post("/separations/{run_id:int}/choose", status_code=200)
async def choose(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    run_id: FromPath[int],
) -> Any:
    """Make these "the stems". Pages hear of it by their streams."""
    act = await acts.begin(conn, account_id=account_id, said="Chose other stems")
    track_id = await separation.choose(conn, account_id=account_id, run_id=run_id)
    return await answer(request, conn, account_id, act, back=f"/tracks/{track_id}")


routes = [show, stages, player, choose]
