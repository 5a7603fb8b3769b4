"""Covers over HTTP. What is sent was drawn here, and is a JPEG whatever came in."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from sfa import media
from sfa.covers import store
from sfa.settings import Settings
from sfa.sql import Conn

_FOR_EVER = "private, max-age=31536000, immutable"


@get("/tracks/{track_id:uuid}/cover")
async def show(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
    track_id: FromPath[UUID],
    v: FromQuery[str] = "",
    size: FromQuery[str] = "large",
) -> Response[bytes]:
    """The picture; with `v`, this very one or none, which a browser may keep. `size` is large or small."""
    cover = await store.cover_of_track(conn, account_id=account_id, track_id=track_id)
    if v not in ("", cover.rev) or size not in ("large", "small"):
        raise store.no_cover()
    headers = {
        "ETag": f'"{cover.sha256[:32]}-{size}"',
        "Cache-Control": _FOR_EVER if v else "private, no-cache",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    if size == "small":
        data = await store.small_of_track(conn, account_id=account_id, track_id=track_id)
    else:
        try:
            data = await asyncio.to_thread(media.blob(settings, cover.sha256).read_bytes)
        except OSError as error:
            raise store.no_cover() from error
    return Response(data, media_type="image/jpeg", headers=headers)


routes = [show]
