"""What stands around every page: where one can go, and how much is there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from litestar.di import NamedDependency

from sfa import accounts, catalogue, db, notices, playlists
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.studio import cards, store
from sfa.web.reach import Frame


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


async def provide_frame(pool: NamedDependency[db.Pool], settings: NamedDependency[Settings]) -> Frame:
    """The shell of pages that other rooms draw."""

    async def ask(here: str = "", live: str = "library") -> Shell:
        limit = settings.max_upload_bytes
        async with db.snapshot(pool) as conn:
            account_id = await accounts.owner_id(conn)
            return await shell_of(conn, account_id=account_id, here=here, limit=limit, live=live)

    return ask
