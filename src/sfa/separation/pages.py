"""Stems asked for, and heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Redirect

from sfa import library, separation
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.web import ranges


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form of a request for stems."""

    model: str


@post("/tracks/{track_id:uuid}/separation", status_code=303)
async def ask(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    data: Annotated[Wanted, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Redirect:
    """Separate a track with one model and no other; what it has stays until that is done."""
    await library.forge_again(conn, account_id=account_id, track_id=track_id, model=data.model)
    back = f"/tracks/{track_id}"
    return Redirect(f"{back}/stages" if "hx-request" in request.headers else back, status_code=303)


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


routes = [ask, audio]
