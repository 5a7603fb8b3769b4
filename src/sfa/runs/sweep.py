"""Tidies the data folder: the leavings of processes that died, and sound that nothing refers to."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog

from sfa import db, media
from sfa.runs import store
from sfa.settings import Settings

log = structlog.get_logger()

ABANDONED_S = 3600.0  # a file on its way in that nothing has touched for so long


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: scratch folders removed, and content by its SHA-256."""

    scratch: list[str]
    deleted: list[str]  # nothing refers to it any more
    put_aside: list[str]  # no row knows it: in `lost`
    taken_back: list[str]  # out of `lost`, since a row knows it


async def sweep(settings: Settings, pool: db.Pool, *, older_than_s: float = ABANDONED_S) -> Swept:
    """Tidy up; `older_than_s` is about what no row can speak for yet."""
    # The disk is read before the rows: what is there already has had its rows written, and what appears
    # later is not looked at.
    scratch = await asyncio.to_thread(media.scratch_folders, settings)
    on_disk = set(await asyncio.to_thread(media.every_blob, settings))
    async with db.transaction(pool) as conn:
        starts = await store.running_starts(conn)
        uploads = await store.open_uploads(conn, patience=media.UPLOAD_PATIENCE)
        known = await store.known_blobs(conn)
    gone = await asyncio.to_thread(_remove, scratch, starts, uploads, older_than_s)
    if on_disk and on_disk.isdisjoint(known):
        log.error("media.of_another_database", folder=str(settings.media))
        return Swept(gone, [], [], [])
    aside = await asyncio.to_thread(
        media.put_aside, settings, sorted(on_disk - known), older_than_s=older_than_s
    )
    swept = Swept(
        gone, await _delete(settings, pool), aside, await asyncio.to_thread(media.take_back, settings, known)
    )
    if any((swept.scratch, swept.deleted, swept.put_aside, swept.taken_back)):
        log.info("swept", **{name: len(getattr(swept, name)) for name in Swept.__slots__})
    if swept.put_aside:
        log.warning("media.unknown_put_aside", folder=str(settings.lost), files=len(swept.put_aside))
    return swept


async def _delete(settings: Settings, pool: db.Pool) -> list[str]:
    """Rows and files together: whoever brings the same content waits for the commit, and finds neither."""
    async with db.transaction(pool) as conn:
        dropped = await store.drop_unspoken_blobs(conn)
        await asyncio.to_thread(media.delete, settings, dropped)
    return dropped


def _remove(
    folders: list[Path], starts: set[tuple[int, int]], uploads: set[UUID], older_than_s: float
) -> list[str]:
    gone = [
        folder for folder in folders if media.is_abandoned(folder, starts, uploads, older_than_s=older_than_s)
    ]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return sorted(folder.name for folder in gone)
