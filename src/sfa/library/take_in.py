"""A file becomes a track: its bytes, its rows and its first job, together or not at all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID, uuid4

import psycopg

from sfa import media
from sfa.errors import Refused
from sfa.library import store
from sfa.names import clean, shown
from sfa.settings import Settings
from sfa.sql import Conn

DEFAULT_MODEL = "htdemucs"
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")  # whether there is one of this name a worker knows
_UNDER_WAY = "SF001"  # raised by sfa.ask_separation


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for a track. Without a model: the default one, or what can stand in for it."""

    model: str | None = None
    stems: tuple[str, ...] | None = None
    priority: int = 0
    source: str = "file"  # where the file comes from: file, demo


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The track of a file; `is_new` is False when the library had these bytes already."""

    track_id: UUID
    is_new: bool


async def take_in(
    conn: Conn,
    settings: Settings,
    *,
    account_id: UUID,
    file: media.Incoming,
    file_name: str,
    wish: Wish | None = None,
) -> TakenIn:
    """Put a file that has arrived into the library and ask for its stems and readings.

    Its file lies in its place when this returns, and its rows and jobs are
    there once the caller commits. The same bytes again are the same track:
    what is done is kept, what failed is tried again.

    Raises
    ------
    Refused
        When a separation of this track with this model is under way and makes other stems.
    """
    wish = wish or Wish()
    track_id = uuid4()
    name = shown_file_name(file_name)
    is_new = await store.add_track(
        conn,
        id=track_id,
        account_id=account_id,
        title=title_of(name),
        file_name=name,
        bytes=file.bytes,
        sha256=file.sha256,
        priority=wish.priority,
        source=wish.source,
    )
    if not is_new:
        known = await store.track_of_file(conn, account_id=account_id, sha256=file.sha256)
        assert known is not None
        track_id = known
        await store.out_of_trash(conn, known)
    await _forge(conn, track_id, wish, name)
    # Of a known track too: adding it again is the way out when its file is gone.
    await asyncio.to_thread(media.keep, settings, file.path, sha256=file.sha256, bytes=file.bytes)
    return TakenIn(track_id, is_new)


async def forge_again(
    conn: Conn, *, account_id: UUID, track_id: UUID, model: str, stems: tuple[str, ...] | None = None
) -> None:
    """Ask for the stems of a track from this very model: nothing may stand in for it.

    Raises
    ------
    NotFound
        When there is no such track, or it is somebody else's.
    Refused
        When no model can be called so, or a separation with it is under way and makes other stems.
    """
    _check_model(model)
    track = await store.track_by_id(conn, account_id=account_id, track_id=track_id)
    await _forge(conn, track_id, Wish(model=model, stems=stems), track.file_name)


async def separate_again(conn: Conn, *, account_id: UUID, track_ids: Sequence[UUID], model: str) -> int:
    """As `forge_again` for many, without those that are being separated so; how many are now.

    Raises
    ------
    Refused
        When no model can be called so.
    """
    _check_model(model)
    return await store.forge_tracks(conn, account_id=account_id, track_ids=track_ids, model=model)


def _check_model(name: str) -> None:
    if not _MODEL.fullmatch(name):
        raise Refused(
            f"{shown(name)} is no name of a model.", code="model_unknown", fix="./sfa models lists them."
        )


async def _forge(conn: Conn, track_id: UUID, wish: Wish, name: str) -> None:
    try:
        await store.forge(
            conn,
            track_id,
            model=wish.model or DEFAULT_MODEL,
            stems=list(wish.stems) if wish.stems else None,
            fallback=wish.model is None,
        )
    except psycopg.Error as error:
        if error.sqlstate != _UNDER_WAY:
            raise
        raise Refused(
            f"{name}: {error.diag.message_primary}, for other stems.", fix=error.diag.message_hint or ""
        ) from error


def shown_file_name(name: str) -> str:
    """What a client called its file, as one line that any database takes. Never used as a path."""
    return clean(name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1], 255) or "unnamed"


def title_of(file_name: str) -> str:
    """A title to begin with, until a tag says better."""
    return clean(PurePath(file_name).stem.replace("_", " ")) or file_name
