"""The way back from what was done. The page that lists it is one of sfa.studio."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from sfa import acts
from sfa.sql import Conn

_FRESH = {"Cache-Control": "no-store"}


@get("/acts/{act_id:int}/toast")
async def toast(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], act_id: FromPath[int]
) -> Template:
    """The notice of an act, with the way back."""
    act = await acts.act_by_id(conn, account_id=account_id, act_id=act_id)
    return Template("acts/_toast.html", context={"act": act}, headers=_FRESH)


@post("/acts/{act_id:int}/undo", status_code=303)
async def undo(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    act_id: FromPath[int],
) -> Redirect:
    """Take an act back; of an undo, do the thing again. Pages hear of the rest by their streams."""
    undone = await acts.undo(conn, account_id=account_id, act_id=act_id)
    return Redirect(
        f"/acts/{undone.id}/toast" if "hx-request" in request.headers else "/acts", status_code=303
    )


routes = [toast, undo]
