"""Rows of `playlists`, `playlist_items` and `crates`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sfa.errors import NotFound, Refused
from sfa.sql import Conn, QueryFile

MOST = 2000  # items of a playlist that a page shows
_LONGEST_FILTER = 2000  # letters, as its address has them


@dataclass(frozen=True, slots=True)
class Playlist:
    id: UUID
    name: str
    created_at: datetime
    tracks: int
    length_s: float


@dataclass(frozen=True, slots=True)
class Item:
    """A track in its place; the same track may have several."""

    id: int
    track_id: UUID


@dataclass(frozen=True, slots=True)
class Crate:
    """A saved filter."""

    id: UUID
    name: str
    filter: str


_sql = QueryFile("playlists")
_all = _sql.query("playlists_of_account", Playlist)
_by_id = _sql.query("playlist_by_id", Playlist)
_items = _sql.query("items_of_playlist", Item)
_make = _sql.value("make_playlist")
_rename = _sql.statement("rename_playlist")
_drop = _sql.statement("drop_playlist")
_lock = _sql.value("lock_playlist")
_append = _sql.statement("append")
_take_out = _sql.statement("take_out")
_move = _sql.statement("move_before")
_is_tight = _sql.value("is_tight")
_spread = _sql.statement("spread")
_crates = _sql.query("crates_of_account", Crate)
_make_crate = _sql.statement("make_crate")
_change_crate = _sql.statement("change_crate")
_drop_crate = _sql.statement("drop_crate")
_crate = _sql.query("crate_by_id", Crate)


async def playlists(conn: Conn, *, account_id: UUID) -> list[Playlist]:
    return await _all.all(conn, account_id=account_id)


async def playlist(conn: Conn, *, account_id: UUID, playlist_id: UUID) -> Playlist:
    return _there(await _by_id.first(conn, account_id=account_id, playlist_id=playlist_id))


async def items(conn: Conn, *, account_id: UUID, playlist_id: UUID) -> list[Item]:
    """In order, without what lies in the trash."""
    return await _items.all(conn, account_id=account_id, playlist_id=playlist_id, limit=MOST)


async def make(conn: Conn, *, account_id: UUID, name: str) -> UUID:
    row = await _make.first(conn, account_id=account_id, name=name)
    assert row is not None
    return UUID(str(row.value))


async def rename(conn: Conn, *, account_id: UUID, playlist_id: UUID, name: str) -> None:
    _touched(await _rename.run(conn, account_id=account_id, playlist_id=playlist_id, name=name))


async def drop(conn: Conn, *, account_id: UUID, playlist_id: UUID) -> None:
    _touched(await _drop.run(conn, account_id=account_id, playlist_id=playlist_id))


async def append(conn: Conn, *, account_id: UUID, playlist_id: UUID, track_ids: Sequence[UUID]) -> int:
    """Put tracks at the end, in that order; how many."""
    await _locked(conn, account_id, playlist_id)
    return await _append.run(conn, account_id=account_id, playlist_id=playlist_id, track_ids=list(track_ids))


async def take_out(conn: Conn, *, account_id: UUID, playlist_id: UUID, item_ids: Sequence[int]) -> int:
    """Take items out; how many were there."""
    await _locked(conn, account_id, playlist_id)
    return await _take_out.run(
        conn, account_id=account_id, playlist_id=playlist_id, item_ids=sorted(item_ids)
    )


async def move(conn: Conn, *, account_id: UUID, playlist_id: UUID, item_id: int, before: int | None) -> None:
    """Put an item before another one, or at the end.

    Raises
    ------
    NotFound
        When one of them was taken out meanwhile.
    """
    await _locked(conn, account_id, playlist_id)
    known = {item.id for item in await items(conn, account_id=account_id, playlist_id=playlist_id)}
    if item_id not in known or (before is not None and before not in known):
        raise NotFound("This track is not in the playlist any more.", fix="Load the page again.")
    if item_id != before:
        await _move.run(conn, playlist_id=playlist_id, item_id=item_id, before=before)
    tight = await _is_tight.first(conn, playlist_id=playlist_id)
    if tight is not None and tight.value:
        await _spread.run(conn, playlist_id=playlist_id)


async def crates(conn: Conn, *, account_id: UUID) -> list[Crate]:
    return await _crates.all(conn, account_id=account_id)


async def crate(conn: Conn, *, account_id: UUID, crate_id: UUID) -> Crate:
    found = await _crate.first(conn, account_id=account_id, crate_id=crate_id)
    if found is None:
        raise NotFound("There is no such crate.", fix="It may have been deleted meanwhile.")
    return found


async def keep_crate(conn: Conn, *, account_id: UUID, name: str, filter: str) -> bool:
    """Keep a filter under a name, in place of the one that had it; whether the name is new.

    Raises
    ------
    Refused
        When the filter is too long.
    """
    if len(filter) > _LONGEST_FILTER:
        raise Refused(
            f"The filter is longer than the {_LONGEST_FILTER:,} letters that a crate can keep.",
            fix="Search for fewer words.",
        )
    if await _change_crate.run(conn, account_id=account_id, name=name, filter=filter):
        return False
    await _make_crate.run(conn, account_id=account_id, name=name, filter=filter)
    return True


async def drop_crate(conn: Conn, *, account_id: UUID, crate_id: UUID) -> None:
    _touched(await _drop_crate.run(conn, account_id=account_id, crate_id=crate_id), "crate")


async def _locked(conn: Conn, account_id: UUID, playlist_id: UUID) -> None:
    _touched(await _lock.first(conn, account_id=account_id, playlist_id=playlist_id) is not None)


def _there(found: Playlist | None) -> Playlist:
    _touched(found is not None)
    assert found is not None
    return found


def _touched(rows: int, what: str = "playlist") -> None:
    if not rows:
        raise NotFound(f"There is no such {what}.", fix="It may have been deleted meanwhile.")
