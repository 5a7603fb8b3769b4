"""Removes from disk what no row speaks for: the leavings of processes that died."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import structlog

from sfa import db, media
from sfa.runs import store
from sfa.settings import Settings

log = structlog.get_logger()

ABANDONED_S = 3600.0  # a file on its way in that nothing has touched for so long


async def sweep(settings: Settings, pool: db.Pool, *, older_than_s: float = ABANDONED_S) -> list[str]:
    """Delete the leftovers; their names. `older_than_s` is about files on their way in only."""
    # The disk is read before the rows: a folder that is there already has had its row written, and what
    # appears later is not looked at.
    folders = await asyncio.to_thread(media.every_folder, settings)
    async with db.snapshot(pool) as conn:
        kept = media.Kept(*await store.kept(conn))
    if media.is_foreign(settings, folders, kept):
        log.error("media.of_another_database", folder=str(settings.media))
        return []
    gone = await asyncio.to_thread(_remove, settings, folders, kept, older_than_s)
    names = sorted(f"{folder.parent.name}/{folder.name}" for folder in gone)
    if names:
        log.info("leftovers.removed", folders=names)
    return names


def _remove(settings: Settings, folders: list[Path], kept: media.Kept, older_than_s: float) -> list[Path]:
    gone = [
        folder
        for folder in folders
        if folder.is_dir() and media.is_leftover(settings, folder, kept, older_than_s=older_than_s)
    ]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return gone
