"""Files come in and can be heard: upload, the demo song, the sound of a track."""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
import sys
from collections.abc import AsyncIterator
from pathlib import Path, PurePath
from typing import Any, BinaryIO, cast
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from sfa import accounts, db, library, media
from sfa.errors import Refused
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.web import ranges
from sfa.web.arriving import Blocking, Part, files_of

_FORM_BYTES = 1 << 16  # what a form weighs beside its file
_DEMO_FILE = "Lead to Gold.flac"
_DEMO_PATIENCE_S = 300


@post("/tracks", request_max_body_size=None, status_code=303)
async def take(
    request: Request[Any, Any, Any], pool: NamedDependency[db.Pool], settings: NamedDependency[Settings]
) -> Redirect:
    """Take in every file of the form, each in a transaction of its own.

    Takes the pool: the files may be hours on their way. A script that sends one
    file is led to the row of its track, a plain form back to the library.
    """
    if (request.content_length or 0) > settings.max_upload_bytes + _FORM_BYTES:
        raise too_large(settings)
    taken: list[library.TakenIn] = []
    refused: list[Refused] = []
    try:
        async with contextlib.aclosing(files_of(request)) as parts:
            async for part in parts:
                try:
                    with media.arriving(settings) as folder:
                        file = await _arrived(part, folder, settings)
                        taken.append(await _take_in(pool, settings, file, part.name))
                except Refused as error:
                    if error.code != "empty_file":  # what is wrong with any other is no better with the next
                        raise
                    refused.append(error)
    except Refused as error:
        refused.append(error)
    if refused:
        raise _refusal(refused, taken) from refused[0]
    return _to(request, taken[-1])


def _refusal(refused: list[Refused], taken: list[library.TakenIn]) -> Refused:
    """All that is wrong with a form, and that what came before is kept."""
    kept = f"{len(taken)} of the files sent {'is' if len(taken) == 1 else 'are'} in the library."
    sentences = [*map(str, refused), *([kept] if taken else [])]
    return Refused(" ".join(sentences), code=refused[-1].code, fix=refused[-1].fix, **refused[-1].facts)


@post("/demo", status_code=303)
async def demo(
    request: Request[Any, Any, Any], pool: NamedDependency[db.Pool], settings: NamedDependency[Settings]
) -> Redirect:
    """Play the built-in song and take it in. It is the same to the bit each time: there is only ever one."""
    with media.arriving(settings) as folder:
        played = folder / _DEMO_FILE
        await _play_demo(played)
        arrived = await asyncio.to_thread(_copied, played, folder, settings)
        taken = await _take_in(pool, settings, arrived, _DEMO_FILE, source="demo")
    return _to(request, taken)


@get("/tracks/{track_id:uuid}/source")
async def source(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
    track_id: FromPath[UUID],
    download: FromQuery[bool] = False,
) -> Response[Any]:
    found = await library.sound_of_track(conn, account_id=account_id, track_id=track_id)
    ending = PurePath(found.file_name).suffix
    sound = ranges.Sound(
        media.blob(settings, found.sha256), found.sha256, media_type_of(found.file_name), found.title + ending
    )
    return ranges.answer(request, sound, download=download)


def media_type_of(file_name: str) -> str:
    """What a browser is told a file is. Never anything that it would show as a page."""
    guess, _ = mimetypes.guess_type(file_name)
    return guess if guess and guess.startswith(("audio/", "video/")) else "application/octet-stream"


def too_large(settings: Settings) -> Refused:
    return Refused(
        f"The upload is larger than {settings.max_upload_bytes >> 20} MB, the most this studio takes.",
        code="too_large",
        fix="Cut it, or raise SFA_MAX_UPLOAD_MB.",
    )


def _copied(played: Path, folder: Path, settings: Settings) -> media.Incoming:
    with played.open("rb") as file:
        return media.copy_in(file, folder, limit=settings.max_upload_bytes, name=_DEMO_FILE)


async def _arrived(part: Part, folder: Path, settings: Settings) -> media.Incoming:
    name = library.shown_file_name(part.name)
    blocking = cast(BinaryIO, Blocking(part.read))
    return await asyncio.to_thread(
        media.copy_in, blocking, folder, limit=settings.max_upload_bytes, name=name
    )


async def _take_in(
    pool: db.Pool, settings: Settings, file: media.Incoming, file_name: str, *, source: str = "file"
) -> library.TakenIn:
    async with db.transaction(pool) as conn:
        return await library.take_in(
            conn,
            settings,
            account_id=await accounts.owner_id(conn),
            file=file,
            file_name=file_name,
            wish=library.Wish(source=source),
        )


def _to(request: Request[Any, Any, Any], taken: library.TakenIn) -> Redirect:
    """After a script's request: the row, and whether it was there before. After a form's: the library."""
    if "hx-request" in request.headers:
        return Redirect(f"/tracks/{taken.track_id}/row?known={int(not taken.is_new)}", status_code=303)
    return Redirect(f"/#track-{taken.track_id}", status_code=303)


async def _play_demo(path: Path) -> None:
    """In a process of its own: the band needs numpy and both hands, and this one answers pages."""
    async with _started(sys.executable, "-m", "sfa.demo", str(path)) as player:
        try:
            async with asyncio.timeout(_DEMO_PATIENCE_S):
                _, said = await player.communicate()
        except TimeoutError:
            said = b"it took too long"
    if player.returncode != 0 or not path.exists():
        last = said.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise Refused(
            f"The demo song could not be played: {last[0]}.", fix="./sfa doctor says what is missing."
        )


@contextlib.asynccontextmanager
async def _started(*argv: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


routes = [take, demo, source]
