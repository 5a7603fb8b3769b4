"""A person chooses the picture of a track, or wants none. Both can be undone."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from sfa import accounts, acts, covers, db, media
from sfa.errors import Refused
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.studio.answers import answer
from sfa.web.arriving import Blocking, files_of

_MOST_BYTES = 20_000_000
_FORM_BYTES = 1 << 16  # what a form weighs beside its file


@post("/tracks/{track_id:uuid}/cover", request_max_body_size=None, status_code=200)
async def choose(
    request: Request[Any, Any, Any],
    pool: NamedDependency[db.Pool],
    settings: NamedDependency[Settings],
    track_id: FromPath[UUID],
) -> Any:
    """Takes the pool: no transaction is open while the picture is on its way and drawn anew."""
    if (request.content_length or 0) > _MOST_BYTES + _FORM_BYTES:
        raise _too_large()
    with media.arriving(settings) as folder:
        made = await covers.redrawn(await _arrived(request, folder), folder)
        async with db.transaction(pool) as conn:
            account_id = await accounts.owner_id(conn)
            title = await covers.title_of_track(conn, account_id=account_id, track_id=track_id)
            act = await acts.begin(conn, account_id=account_id, said=f"Chose a cover for “{title}”")
            await covers.choose(conn, settings, track_id=track_id, made=made)
            return await answer(request, conn, account_id, act, back=f"/tracks/{track_id}")


@post("/tracks/{track_id:uuid}/cover/drop", status_code=200)
async def drop(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
) -> Any:
    title = await covers.title_of_track(conn, account_id=account_id, track_id=track_id)
    act = await acts.begin(conn, account_id=account_id, said=f"Removed the cover of “{title}”")
    await covers.drop(conn, track_id=track_id)
    return await answer(request, conn, account_id, act, back=f"/tracks/{track_id}")


async def _arrived(request: Request[Any, Any, Any], folder: Path) -> Path:
    """The first file of the form, as it came."""
    async with contextlib.aclosing(files_of(request)) as parts:
        part = await anext(parts)
        blocking = cast(BinaryIO, Blocking(part.read))
        try:
            file = await asyncio.to_thread(
                media.copy_in, blocking, folder, limit=_MOST_BYTES, name="The picture"
            )
        except Refused as error:
            raise (_too_large() if error.code == "too_large" else error) from error
    return file.path


def _too_large() -> Refused:
    return Refused(
        f"The picture is larger than {_MOST_BYTES // 1_000_000} MB.",
        code="too_large",
        fix="Make it smaller: a cover is shown with 600 by 600 pixels.",
    )


routes = [choose, drop]
