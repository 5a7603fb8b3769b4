"""The first stage: make sure that it is sound, and find out what kind."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from typing import Any

import structlog
from procrastinate import JobContext

from sfa import covers, media
from sfa.errors import Refused
from sfa.library import store
from sfa.library.store import Source
from sfa.queue import app
from sfa.runs.work import Work, scratch_of, work
from sfa.sql import Conn

log = structlog.get_logger()

PROGRAM = "sfa.children.decode"


@app.task(name="library.decode", pass_context=True)
async def decode(context: JobContext, *, run_id: int) -> None:
    """Decode the whole source once; what is wrong with it is said here, before anything dear begins."""
    async with work(context, run_id) as job:
        if job is None:
            return
        source = await job.read(lambda conn: store.source_of_track(conn, job.start.track_id))
        path = await _source_on_disk(job, source)
        facts = await job.ask(
            PROGRAM, {"source": str(path), "name": source.file_name, "work": str(scratch_of(job, "decode"))}
        )

        cover = covers.Made.of(facts["cover"]) if facts["cover"] else None
        if facts["cover_left_out"]:
            log.warning("cover.left_out", file=source.file_name, reason=facts["cover_left_out"])

        async def write(conn: Conn) -> None:
            await store.decoded(conn, source.id, _columns(facts))
            await covers.put_found(conn, job.settings, track_id=source.id, made=cover)

        await job.finish(write)


def _columns(facts: dict[str, Any]) -> dict[str, Any]:
    measured = ("duration_s", "sample_rate", "channels", "frames", "lossy")
    tags = ("title", "artist", "album", "year", "genre")
    container, codec = facts["container"], facts["codec"]
    return {key: facts[key] for key in (*measured, *tags)} | {
        "format": container if container == codec else f"{container}, {codec}"
    }


async def _source_on_disk(job: Work, source: Source) -> Path:
    """Where the file lies in the media folder; copied there first when psql named one on this disk."""
    if source.sha256 is None:
        file = await asyncio.to_thread(_copy, job, source)
        await job.keep(lambda conn: _keep(conn, job, source, file))
        return media.blob(job.settings, file.sha256)
    path = media.blob(job.settings, source.sha256)
    if not path.exists():
        raise Refused(
            f"The file of {source.file_name} is not in the media folder any more.",
            code="gone",
            fix="Put it back from a backup, or add the song again.",
        )
    return path


def _copy(job: Work, source: Source) -> media.Incoming:
    assert source.taken_from is not None
    try:
        _check_ordinary(Path(source.taken_from))
        with Path(source.taken_from).open("rb") as file:
            return media.copy_in(
                file, scratch_of(job, "copy"), limit=job.settings.max_upload_bytes, name=source.file_name
            )
    except OSError as error:
        raise Refused(
            f"{source.taken_from} cannot be read: {error.strerror}.",
            code="unreadable",
            fix="The path is looked up on the machine of the workers; check it, and who may read it.",
        ) from error


def _check_ordinary(path: Path) -> None:
    """A pipe or a device can keep its reader waiting for ever, and a thread cannot be cancelled."""
    kind = path.stat().st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):  # to open a folder says best what it is
        raise Refused(
            f"{path} is a device or a pipe, not a file.", code="unreadable", fix="Name a file of sound."
        )


async def _keep(conn: Conn, job: Work, source: Source, file: media.Incoming) -> None:
    if title := await store.other_track_of_file(conn, source, sha256=file.sha256):
        raise Refused(
            f"{source.file_name} is in the library already, as “{title}”.",
            fix="Look at that one; this request can be deleted.",
        )
    await store.copied(conn, source.id, bytes=file.bytes, sha256=file.sha256)
    media.keep(job.settings, file.path, sha256=file.sha256, bytes=file.bytes)
