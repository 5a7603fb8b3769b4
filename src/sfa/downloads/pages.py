"""A person says where the sound of a track is to come from."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from sfa import downloads
from sfa.errors import Refused
from sfa.library.recognise import recognise_one
from sfa.sql import Conn


@post("/tracks/{track_id:uuid}/places", status_code=303)
async def choose(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
) -> Redirect:
    """Fetch the sound from one of them, or from a place that the person names."""
    given = str((await request.form()).get("url") or "")
    ref = recognise_one(given).ref
    if ref is None or ref.source not in ("youtube", "web") or ref.kind in ("playlist", "channel"):
        raise Refused(
            "That is no link to one recording.",
            code="bad_url",
            fix="Give the link of a video, or of a sound file.",
        )
    await downloads.choose(conn, account_id=account_id, track_id=track_id, url=ref.url)
    return Redirect(f"/tracks/{track_id}", status_code=303)


routes = [choose]
