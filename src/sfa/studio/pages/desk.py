"""The first page: add something, and see what the studio is doing."""

from __future__ import annotations

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.response import Template

from sfa.settings import Settings
from sfa.sql import Conn
from sfa.studio import desk
from sfa.studio.answers import FRESH
from sfa.studio.shell import shell_of


@get("/")
async def index(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], settings: NamedDependency[Settings]
) -> Template:
    return Template(
        "studio/desk.html",
        context={
            "desk": await desk.desk_of(conn, account_id=account_id),
            "shell": await shell_of(
                conn, account_id=account_id, here="/", limit=settings.max_upload_bytes, live="desk"
            ),
        },
        headers=FRESH,
    )


routes = [index]
