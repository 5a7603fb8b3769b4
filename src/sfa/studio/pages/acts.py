"""What was done lately, and the way back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import Template

from sfa import acts
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.studio.answers import FRESH
from sfa.studio.shell import shell_of

_SHOWN = 100


@get("/acts")
async def index(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
) -> Template:
    """To a script the list alone, to a person a page."""
    found = await acts.newest(conn, account_id=account_id, limit=_SHOWN)
    if "hx-request" in request.headers:
        return Template("acts/_acts.html", context={"acts": found}, headers=FRESH)
    shell = await shell_of(conn, account_id=account_id, here="/acts", limit=settings.max_upload_bytes)
    return Template("acts/index.html", context={"acts": found, "shell": shell}, headers=FRESH)


routes = [index]
