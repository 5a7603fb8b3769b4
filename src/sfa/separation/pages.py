"""Stems asked for, and heard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Redirect, Stream

from sfa import library, media, separation
from sfa.errors import NotFound
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.web import ranges

_SPAN = re.compile(r"(0|[1-9][0-9]{0,7})-(0|[1-9][0-9]{0,7})")
_SIZES = {1, 2, 4, 8, 16}


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
    sound = ranges.Sound(media.blob(settings, stem.sha256), stem.sha256, "audio/flac", name)
    return ranges.answer(request, sound, download=download)


@get("/separations/{run_id:int}/pack/{rev:str}/{span:str}")
async def pack(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
    run_id: FromPath[int],
    rev: FromPath[str],
    span: FromPath[str],
) -> Response[Any]:
    """Some segments of all stems, as they lie in the file: see `sfa.separators.pack`.

    `span` is the first and the last of them. Only whole spans of 1, 2, 4, 8 or
    16 that follow each other are sent, so that a browser that comes back to a
    place finds in its own store what it has had.
    """
    wanted = _span_of(span)
    if wanted is None:
        return _no_such_span("Segments are sent in spans like 0-0, 2-3 or 16-31.")
    part = await separation.part_of_pack(conn, account_id=account_id, run_id=run_id, rev=rev, span=wanted)
    if part.start is None:
        return _no_such_span(f"The last segment is number {part.segments - 1}.", part.segments)
    path = media.blob(settings, part.sha256)
    if not path.is_file() or path.stat().st_size != part.bytes:
        raise NotFound(
            f"The stems of {part.title} are not whole in the media folder any more.",
            fix="Separate the song again, or put the file back from a backup.",
        )
    headers = {
        "ETag": f'"{part.sha256[:32]}.{span}"',
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    if headers["ETag"] in (request.headers.get("if-none-match") or ""):
        return Response(None, status_code=304, headers=headers)
    length = part.stop - part.start
    return Stream(
        ranges.pieces(path, part.start, length),
        media_type="application/octet-stream",
        headers=headers | {"Content-Length": str(length)},
    )


def _span_of(text: str) -> range | None:
    if (match := _SPAN.fullmatch(text)) is None:
        return None
    first, size = int(match[1]), int(match[2]) - int(match[1]) + 1
    return range(first, first + size) if size in _SIZES and first % size == 0 else None


def _no_such_span(sentence: str, segments: int | None = None) -> Response[str]:
    of = "*" if segments is None else str(segments)
    headers = {"Content-Range": f"segments */{of}", "Cache-Control": "no-store"}
    return Response(sentence, status_code=416, media_type="text/plain", headers=headers)


routes = [ask, audio, pack]
