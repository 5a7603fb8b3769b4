"""Asking far sides what a link holds: a job of its own, since there is no track yet."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from procrastinate import JobContext

from sfa import covers, downloads, media
from sfa.errors import CODES, ChildFailed, Refused
from sfa.imports import sources, store
from sfa.imports.found import Collection
from sfa.imports.sources import places
from sfa.imports.sources.pictures import fetched
from sfa.imports.store import Asked
from sfa.library.recognise import SourceRef
from sfa.queue import app
from sfa.runs.work import Tools, patiently
from sfa.sql import Conn

log = structlog.get_logger()

_ATTEMPTS = 4
_FIRST_WAIT_S = 4.0  # before a link is asked again that could not be read; then twice as long each time


@app.task(name="imports.resolve", queue="download", pass_context=True)
async def resolve(context: JobContext, *, import_id: str) -> None:
    """Find out what a link holds. It may be asked twice: the answer replaces what was known."""
    tools: Tools = context.additional_context["tools"]
    job_id = context.job.id
    assert job_id is not None
    asked = await patiently(tools.pool, lambda conn: store.asked(conn, UUID(import_id), job_id=job_id))
    if asked is None:
        return
    closed = await patiently(tools.pool, lambda conn: downloads.closed_until(conn, asked.source))
    if closed is not None:
        await _later(tools, asked, closed, f"{_name(asked)} asks for a pause.", counts=False)
        return
    folder = tools.settings.work / f"import-{uuid4()}"
    folder.mkdir(parents=True)
    try:
        await _answered(tools, asked, job_id, folder)
    except Refused as refused:
        await _refused(tools, asked, job_id, refused)
    except Exception as error:
        log.error("import.failed", url=asked.url, exc_info=error)
        code, why = (
            (error.code, str(error))
            if isinstance(error, ChildFailed)
            else ("crashed", f"{type(error).__name__}.")
        )
        sentence = f"{asked.url} could not be looked at: {why}"
        await _failed(tools, asked, job_id, code, sentence, "Ask again; the worker's log says more.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _answered(tools: Tools, asked: Asked, job_id: int, folder: Path) -> None:
    held = await _held(tools, asked, folder)
    picture = await _picture(held, folder)

    async def write(conn: Conn) -> None:
        written = await store.resolved(
            conn,
            asked.id,
            job_id=job_id,
            facts=_facts(held),
            songs=[*map(asdict, held.songs)],
            picture=picture,
        )
        if written and picture is not None:
            await asyncio.to_thread(
                media.keep, tools.settings, picture.path, sha256=picture.sha256, bytes=picture.bytes
            )

    await patiently(tools.pool, write)
    log.info("import.resolved", url=asked.url, via=held.via, songs=len(held.songs))


async def _held(tools: Tools, asked: Asked, folder: Path) -> Collection:
    ref = _ref(asked)
    if ref.source == "spotify":
        return await asyncio.to_thread(sources.resolve, ref)

    home = folder / "home"
    home.mkdir()
    told = await downloads.look(tools.children, tools.settings, home, ref.url, most=places.MOST)
    return places.collection_of(ref, told)


async def _picture(held: Collection, folder: Path) -> covers.Made | None:
    """The cover, as far as there is one: nothing depends on it."""
    if held.cover_url is None:
        return None
    try:
        path = await asyncio.to_thread(fetched, held.cover_url, folder)
        return await covers.redrawn(path, folder)
    except Refused as refused:
        log.info("import.no_picture", url=held.cover_url, reason=str(refused))
        return None


async def _refused(tools: Tools, asked: Asked, job_id: int, refused: Refused) -> None:
    log.warning("import.refused", url=asked.url, code=refused.code, reason=str(refused), **refused.facts)
    if isinstance(until := refused.facts.get("retry_at"), datetime):
        name = str(refused.facts.get("far_side", asked.source))

        async def close(conn: Conn) -> None:
            await downloads.close(conn, name, until=until, code=refused.code, why=str(refused))

        await patiently(tools.pool, close)
        await _later(tools, asked, until, str(refused), counts=False)
    elif CODES[refused.code].retry == "again" and asked.attempts + 1 < _ATTEMPTS:
        at = datetime.now(UTC) + timedelta(seconds=_FIRST_WAIT_S * 2**asked.attempts)
        await _later(tools, asked, at, f"{refused} Asks again by itself.", counts=True)
    else:
        await _failed(tools, asked, job_id, refused.code, str(refused), refused.fix)


async def _later(tools: Tools, asked: Asked, at: datetime, note: str, *, counts: bool) -> None:
    await patiently(tools.pool, lambda conn: store.ask_later(conn, asked.id, at=at, note=note, counts=counts))


async def _failed(tools: Tools, asked: Asked, job_id: int, code: str, error: str, fix: str) -> None:
    await patiently(
        tools.pool,
        lambda conn: store.failed(conn, asked.id, job_id=job_id, code=code, error=error, fix=fix),
    )


def _ref(asked: Asked) -> SourceRef:
    return SourceRef(asked.source, asked.kind, asked.ref_id, asked.url)  # type: ignore[arg-type]


def _name(asked: Asked) -> str:
    return {"spotify": "Spotify", "youtube": "YouTube"}.get(asked.source, asked.url)


def _facts(held: Collection) -> dict[str, object]:
    return {
        "kind": held.ref.kind,
        "url": held.ref.url,
        "title": held.title,
        "owner": held.owner,
        "total": held.total,
        "complete": held.complete,
        "why_incomplete": held.why_incomplete,
        "via": held.via,
    }
