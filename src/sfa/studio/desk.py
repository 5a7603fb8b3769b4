"""What the studio is doing now, and what it did last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sfa import library
from sfa.sql import Conn
from sfa.studio import store
from sfa.studio.cards import Card, Strip, cards_of, strip

_MOVING = 40
_LATELY = 8


@dataclass(frozen=True, slots=True)
class Desk:
    moving: list[Card]  # in the order in which their turn comes
    stopped: list[Card]  # failed or cancelled, the newest first
    lately: list[Card]  # done, the newest first
    behind: int  # moving tracks that are not shown
    strip: Strip


async def desk_of(conn: Conn, *, account_id: UUID) -> Desk:
    moving = await store.moving_tracks(conn, account_id=account_id, limit=_MOVING)
    failed = await store.lately(conn, account_id=account_id, states=["failed", "cancelled"], limit=_LATELY)
    done = await store.lately(conn, account_id=account_id, states=["done"], limit=_LATELY)
    shown = await _cards(conn, account_id, [*(at.track_id for at in moving), *failed, *done])
    return Desk(
        moving=[shown[at.track_id] for at in moving if at.track_id in shown],
        stopped=[shown[track_id] for track_id in failed if track_id in shown],
        lately=[shown[track_id] for track_id in done if track_id in shown],
        behind=moving[0].all - len(moving) if moving else 0,
        strip=await strip(conn),
    )


async def _cards(conn: Conn, account_id: UUID, track_ids: Sequence[UUID]) -> dict[UUID, Card]:
    tracks = await library.tracks_by_ids(conn, account_id=account_id, track_ids=track_ids)
    found = await cards_of(conn, account_id=account_id, tracks=tracks)
    return {card.track.id: card for card in found}
