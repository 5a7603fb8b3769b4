"""Rows of `covers`."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sfa import media
from sfa.errors import NotFound
from sfa.settings import Settings
from sfa.sql import Conn, QueryFile

Jpeg = bytes

_REV = 16  # letters of the content's SHA-256 that are enough to know it by
_COLUMNS = ("sha256", "bytes", "width", "height", "small")


@dataclass(frozen=True, slots=True)
class Cover:
    """The picture of a track."""

    track_id: UUID
    sha256: str

    @property
    def rev(self) -> str:
        """Of its content: what is kept under an address with it is true for ever."""
        return self.sha256[:_REV]


@dataclass(frozen=True, slots=True)
class Made:
    """A picture that a child has drawn."""

    path: Path
    bytes: int
    sha256: str
    width: int
    height: int
    small: Jpeg

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Made:
        facts = {**told, "path": Path(told["path"]), "small": base64.b64decode(told["small"])}
        return cls(**facts)

    @property
    def columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _COLUMNS}


_sql = QueryFile("covers")
_lock_track = _sql.value("lock_track")
_chosen = _sql.statement("put_chosen")
_found = _sql.statement("put_found")
_drop_found = _sql.statement("drop_found")
_of_tracks = _sql.query("covers_of_tracks", Cover)
_of_track = _sql.query("cover_of_track", Cover)
_small = _sql.value("small_of_track")


async def title_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> str:
    """The track whose cover is about to change, locked until the commit."""
    row = await _lock_track.first(conn, account_id=account_id, track_id=track_id)
    if row is None:
        raise NotFound("There is no such track.", fix="It may have been deleted meanwhile.")
    return str(row.value)


async def choose(conn: Conn, settings: Settings, *, track_id: UUID, made: Made) -> None:
    """Make it the cover of a track, whatever its file says. The file lies in its place once this returns."""
    await _chosen.run(conn, track_id=track_id, **made.columns)
    await asyncio.to_thread(media.keep, settings, made.path, sha256=made.sha256, bytes=made.bytes)


async def drop(conn: Conn, *, track_id: UUID) -> None:
    """A person wants none; decoding the file again does not bring it back."""
    await _chosen.run(conn, track_id=track_id, **dict.fromkeys(_COLUMNS))


async def put_found(conn: Conn, settings: Settings, *, track_id: UUID, made: Made | None) -> None:
    """What was found in the file, unless a person has chosen."""
    if made is None:
        await _drop_found.run(conn, track_id=track_id)
        return
    await _found.run(conn, track_id=track_id, **made.columns)
    await asyncio.to_thread(media.keep, settings, made.path, sha256=made.sha256, bytes=made.bytes)


async def covers_of_tracks(conn: Conn, *, account_id: UUID, track_ids: Iterable[UUID]) -> dict[UUID, Cover]:
    found = await _of_tracks.all(conn, account_id=account_id, track_ids=list(track_ids))
    return {cover.track_id: cover for cover in found}


async def cover_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> Cover:
    cover = await _of_track.first(conn, account_id=account_id, track_id=track_id)
    if cover is None:
        raise no_cover()
    return cover


async def small_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> bytes:
    row = await _small.first(conn, account_id=account_id, track_id=track_id)
    if row is None:
        raise no_cover()
    return bytes(row.value)


def no_cover() -> NotFound:
    return NotFound("There is no such cover.", fix="Load the page again.")
