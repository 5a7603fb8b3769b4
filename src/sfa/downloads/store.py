"""Rows of `origins` and `candidates`, and the far sides that want a pause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sfa import runs
from sfa.downloads.match import Asked, Judged, named
from sfa.errors import NotFound
from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a track is said to be, and where its sound is said to be."""

    id: UUID
    is_there: bool  # nothing is left to fetch
    file_name: str
    source: str  # spotify, youtube, web, table
    ref_id: str
    url: str
    title: str
    artists: list[str]
    album: str | None
    album_artist: str | None
    disc: int | None
    number: int | None
    duration_ms: int | None
    isrc: str | None
    cover_url: str | None
    released: str | None
    explicit: bool
    sound_url: str | None

    @property
    def place(self) -> str | None:
        """Where the sound is; None: it has to be looked for."""
        return self.sound_url or (self.url if self.source in ("youtube", "web") else None)

    @property
    def asked(self) -> Asked:
        return Asked(self.title, self.artists, self.duration_ms, self.explicit)

    @property
    def name(self) -> str:
        return named(self.title, self.artists)

    @property
    def song(self) -> dict[str, Any]:
        """As the child wants it."""
        others = ("id", "is_there", "file_name", "source", "sound_url")
        return {key: value for key, value in asdict(self).items() if key not in others}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the sound of a track may be had, for its page."""

    url: str
    provider: str
    title: str
    artists: list[str]
    duration_ms: int | None
    score: float
    doubt: str | None
    taken: bool


_sql = QueryFile("downloads")
_wanted = _sql.query("wanted", Wanted)
_closed = _sql.value("closed_until")
_close = _sql.statement("close_far_side")
_forget = _sql.statement("forget_candidates")
_add = _sql.statement("add_candidate")
_doubt = _sql.statement("doubt_candidate")
_take = _sql.statement("take_candidate")
_name = _sql.statement("name_file")
_places = _sql.query("candidates_of_track", Place)
_choose = _sql.statement("choose_sound")


async def wanted(conn: Conn, track_id: UUID) -> Wanted:
    found = await _wanted.first(conn, track_id=track_id)
    if found is None:
        raise NotFound("The track was deleted meanwhile, or came by no link.")
    return found


async def closed_until(conn: Conn, far_side: str) -> datetime | None:
    row = await _closed.first(conn, name=far_side)
    return row.value if row else None


async def close(conn: Conn, far_side: str, *, until: datetime, code: str, why: str) -> None:
    """Let nothing leave towards a far side before then. Who wants the longest pause gets it."""
    await _close.run(conn, name=far_side, until=until, code=code, why=why)


async def put_candidates(conn: Conn, track_id: UUID, judged: Iterable[Judged]) -> None:
    """In the place of those that were found before."""
    await _forget.run(conn, track_id=track_id)
    for one in judged:
        it = one.candidate
        await _add.run(
            conn,
            track_id=track_id,
            url=it.url,
            provider=it.provider,
            title=it.title,
            artists=it.artists,
            duration_ms=it.duration_ms,
            score=it.score,
            doubt=one.doubt,
        )


async def put_doubt(conn: Conn, track_id: UUID, url: str, doubt: str) -> None:
    await _doubt.run(conn, track_id=track_id, url=url, doubt=doubt)


async def taken(
    conn: Conn,
    track_id: UUID,
    *,
    url: str,
    provider: str,
    title: str,
    duration_ms: int,
    file_name: str,
) -> None:
    """Where the sound came from, and what its file is called."""
    await _take.run(conn, track_id=track_id, url=url, provider=provider, title=title, duration_ms=duration_ms)
    await _name.run(conn, track_id=track_id, file_name=file_name)


async def candidates_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> list[Place]:
    """Where its sound may be had, best first."""
    return await _places.all(conn, account_id=account_id, track_id=track_id)


async def choose(conn: Conn, *, account_id: UUID, track_id: UUID, url: str | None) -> None:
    """Fetch the sound from there, or look for it anew; what failed for want of it is tried again.

    Raises
    ------
    NotFound
        When there is no such track, it is somebody else's, or it came by no link.
    """
    if not await _choose.run(conn, account_id=account_id, track_id=track_id, url=url):
        raise NotFound("There is no such track with a link.", fix="It may have been deleted meanwhile.")
    await runs.retry(conn, account_id=account_id, track_id=track_id)
