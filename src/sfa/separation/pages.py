"""The sound of stems."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from sfa import separation
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.web import ranges


@get("/stems/{stem_id:uuid}/audio")
async def audio(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
    stem_id: FromPath[UUID],
    download: FromQuery[bool] = False,
) -> Response[Any]:
    stem = await separation.sound_of_stem(conn, account_id=account_id, stem_id=stem_id)
    name = f"{stem.title} - {stem.name}.flac"
    sound = ranges.Sound(settings.media / stem.path, stem.sha256, "audio/flac", name)
    return ranges.answer(request, sound, download=download)


routes = [audio]
