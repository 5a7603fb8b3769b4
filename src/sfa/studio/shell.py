"""What stands around every page: where one can go, and how much is there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sfa import catalogue, notices, playlists
from sfa.sql import Conn
from sfa.studio import cards, store


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of a page; `cursor` is where its stream of changes begins."""

    here: str  # the address that is marked as the present one
    counts: catalogue.Counts
    news: int  # notices that nobody has seen
    crates: list[playlists.Crate]
    playlists: list[playlists.Playlist]
    strip: cards.Strip
    cursor: str
    limit: int  # bytes of an upload
    live: str  # the stream of this page, with what it is about


async def shell_of(conn: Conn, *, account_id: UUID, here: str, limit: int, live: str = "library") -> Shell:
    """To be asked last: what changed before that is on the page."""
    return Shell(
        here=here,
        counts=await catalogue.counts(conn, account_id=account_id),
        news=await notices.count_unseen(conn, account_id=account_id),
        crates=await playlists.crates(conn, account_id=account_id),
        playlists=await playlists.playlists(conn, account_id=account_id),
        strip=await cards.strip(conn),
        cursor=str(await store.cursor(conn)),
        limit=limit,
        live=live,
    )
