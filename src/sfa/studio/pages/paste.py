"""Text and links that were pasted: shown for what they are, before anything is done with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.response import Template

from sfa.library.recognise import recognise_pasted
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.studio.answers import FRESH
from sfa.studio.shell import shell_of


@post("/recognise", status_code=200, request_max_body_size=1 << 20)
async def recognise(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
) -> Template:
    """What a text holds. Nothing is fetched and nothing is kept."""
    text = str((await request.form()).get("text") or "")
    context: dict[str, Any] = {"pasted": recognise_pasted(text)}
    if "hx-request" in request.headers:
        return Template("studio/_recognised.html", context=context, headers=FRESH)
    context["shell"] = await shell_of(conn, account_id=account_id, here="/", limit=settings.max_upload_bytes)
    return Template("studio/recognised.html", context=context, headers=FRESH)


routes = [recognise]
