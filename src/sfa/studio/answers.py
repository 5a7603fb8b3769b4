"""What a person gets back from an act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request
from litestar.response import Redirect, Template

from sfa import acts
from sfa.sql import Conn

FRESH = {"Cache-Control": "no-store"}  # a page kept by the browser would come back with an old cursor


async def answer(
    request: Request[Any, Any, Any], conn: Conn, account_id: UUID, done: str | int, *, back: str
) -> Any:
    """To a script a notice: of the act that was done, with the way back, or a sentence. To a form the page.

    What else changed a page hears by its stream.
    """
    if "hx-request" not in request.headers:
        return Redirect(back, status_code=303)
    if isinstance(done, int):
        act = await acts.act_by_id(conn, account_id=account_id, act_id=done)
        return Template("acts/_toasted.html", context={"act": act}, headers=FRESH)
    return Template("studio/_said.html", context={"sentence": done}, headers=FRESH)
