"""A filtered, sorted page of the library, with everything that is shown beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sfa import catalogue, library
from sfa.catalogue import Chip, Filter, Found, Tag
from sfa.sql import Conn
from sfa.studio.cards import Card, cards_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class Shelf:
    wanted: Filter
    found: Found
    cards: list[Card]
    tags: list[Tag]

    @property
    def chips(self) -> list[Chip]:
        return self.wanted.chips({tag.id: tag.name for tag in self.tags})


async def shelf_of(conn: Conn, *, account_id: UUID, wanted: Filter, after: str | None = None) -> Shelf:
    """The page of a list that goes on from `after`; the first one brings what stands around it too."""
    found = await catalogue.find(conn, account_id=account_id, wanted=wanted, limit=PAGE, after=after)
    return Shelf(
        wanted,
        found,
        await ordered_cards(conn, account_id=account_id, track_ids=found.track_ids, in_trash=wanted.in_trash),
        await catalogue.tags(conn, account_id=account_id) if after is None else [],
    )


async def ordered_cards(
    conn: Conn, *, account_id: UUID, track_ids: Sequence[UUID], in_trash: bool = False
) -> list[Card]:
    """The cards of these tracks, in this order; a track may come twice."""
    read = library.tracks_in_trash if in_trash else library.tracks_by_ids
    tracks = await read(conn, account_id=account_id, track_ids=list(dict.fromkeys(track_ids)))
    found = {card.track.id: card for card in await cards_of(conn, account_id=account_id, tracks=tracks)}
    return [found[track_id] for track_id in track_ids if track_id in found]
