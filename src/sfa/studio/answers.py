"""What a person gets back from an act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.response import Redirect, Template

from sfa import acts
from sfa.errors import NotFound, Refused
from sfa.sql import Conn
from sfa.web.words import count

FRESH = {"Cache-Control": "no-store"}  # a page kept by the browser would come back with an old cursor


async def carry_out(
    conn: Conn, account_id: UUID, work: Awaitable[int], words: Callable[[str], str], *, in_vain: str
) -> int:
    """Do something to tracks as one act, which says how many it came to; the act.

    Raises
    ------
    Refused
        When it came to none of them, with the sentence `in_vain`.
    """
    act = await acts.begin(conn, account_id=account_id, said=words("tracks"))
    touched = await work
    if not touched:
        raise came_to_nothing(in_vain)
    await acts.say(conn, act_id=act, said=words(count(touched, "track")))
    return act


def came_to_nothing(sentence: str) -> Refused:
    return Refused(sentence, fix="Choose others, or load the page again.")


async def answer(
    request: Request[Any, Any, Any], conn: Conn, account_id: UUID, done: str | int, *, back: str
) -> Any:
    """To a script a notice: of the act that was done, with the way back, or a sentence. To a form the page.

    What else changed a page hears by its stream.
    """
    if "hx-request" not in request.headers:
        return lead(back, done if isinstance(done, int) else None)
    if isinstance(done, int):
        act = await acts.act_by_id(conn, account_id=account_id, act_id=done)
        return Template("acts/_toasted.html", context={"act": act}, headers=FRESH)
    return Template("studio/_said.html", context={"sentence": done}, headers=FRESH)


def lead(to: str, act: int | None) -> Redirect:
    """To a page that tells what was done: see `told`."""
    mark = "&" if "?" in to else "?"
    return Redirect(to if act is None else f"{to}{mark}act={act}", status_code=303)


async def told(request: Request[Any, Any, Any], conn: Conn, account_id: UUID) -> dict[str, acts.Act]:
    """For the context of a page: the act that led to it, as its address says, while it can be undone."""
    number = request.query_params.get("act", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return {}
    try:
        act = await acts.act_by_id(conn, account_id=account_id, act_id=int(number))
    except NotFound:
        return {}
    return {} if act.undone_by else {"done": act}
