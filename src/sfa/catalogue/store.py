"""Rows of `listings` and `tags`, and what is done to many tracks at once."""

from __future__ import annotations

import base64
import binascii
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from sfa.catalogue.filters import STATES, Filter, Span
from sfa.errors import NotFound, Refused
from sfa.names import clean
from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class Hit:
    """A track that a filter lets through, and its place in the order."""

    track_id: UUID
    rank: float
    letters: str | None
    found: int | None  # of all pages; asked for with the first only
    length_s: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list."""

    track_ids: list[UUID]
    after: str | None  # the place from which the next page goes on, if there is one
    count: int | None  # of all pages; with the first one only
    length_s: float | None
    is_loose: bool  # nothing matched to the letter: these are similar


@dataclass(frozen=True, slots=True)
class Counts:
    all: int
    trash: int
    moving: int
    failed: int
    length_s: float


@dataclass(frozen=True, slots=True)
class Tag:
    id: int
    name: str
    tracks: int


@dataclass(frozen=True, slots=True)
class TagOfTrack:
    track_id: UUID
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Description:
    """What a person may write about a track."""

    title: str
    artist: str | None
    album: str | None
    year: int | None
    genre: str | None
    comment: str | None

    def said(self, field: str) -> str | None:
        """A field as a form shows it and sends it back."""
        value = getattr(self, field)
        return None if value is None else clean(str(value), _LONGEST)


class DescriptionClash(Refused):
    """Somebody else wrote one of these fields first. Nothing is lost: `mine` is what would hold if this were
    written over `theirs`."""

    def __init__(self, mine: Description, theirs: Description, fields: Sequence[str]) -> None:
        super().__init__(
            "Somebody else changed this a moment ago, so your change is not saved yet.",
            fix="Look at both, and take yours or theirs.",
        )
        self.mine = mine
        self.theirs = theirs
        self.fields = fields


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page of a list begins: behind a hit of one with so many letters."""

    rank: float
    letters: str | None
    track_id: UUID
    is_loose: bool


_LONGEST = 5000  # of any field of a description

Drive = Literal["retry", "cancel", "first", "later"]

_sql = QueryFile("catalogue")
_find = _sql.query("find", Hit)
_counts = _sql.query("counts_by_state", Counts)
_tags = _sql.query("tags_of_account", Tag)
_tags_of = _sql.query("tags_of_tracks", TagOfTrack)
_make_tag = _sql.value("make_tag")
_tag = _sql.statement("tag_tracks")
_untag = _sql.statement("untag_tracks")
_trash = _sql.statement("trash_tracks")
_restore = _sql.statement("restore_tracks")
_purge = _sql.statement("purge_tracks")
_expired = _sql.statement("purge_expired")
_drive = _sql.value("drive_tracks")
_describe = _sql.statement("describe_track")
_description = _sql.query("description_of_track", Description)
_lock_description = _sql.query("lock_description", Description)


async def find(
    conn: Conn, *, account_id: UUID, wanted: Filter, limit: int, after: str | None = None
) -> Found:
    """A page of what a filter lets through, from `after` on. Words that match nothing match loosely.

    Raises
    ------
    Refused
        When `after` is no place in a list.
    """
    place = None if after is None else _parse_place(after)
    hits, is_loose = await _hits(conn, account_id, wanted, limit + 1, place)
    page = hits[:limit]
    return Found(
        [hit.track_id for hit in page],
        _place_of(page[-1], is_loose) if len(hits) > limit else None,
        (hits[0].found if hits else 0) if after is None else None,
        hits[0].length_s if hits else 0.0,
        is_loose and bool(hits),
    )


async def every_match(conn: Conn, *, account_id: UUID, wanted: Filter, at_most: int) -> list[UUID]:
    """All that `find` finds, for an act upon the whole of it.

    Raises
    ------
    Refused
        When these are more than `at_most`.
    """
    hits, _ = await _hits(conn, account_id, wanted, at_most + 1, None)
    if len(hits) > at_most:
        raise Refused(
            f"These are more than {at_most:,} tracks, the most that one act may be about.",
            fix="Narrow the list with a filter, and do it in parts.",
        )
    return [hit.track_id for hit in hits]


async def counts(conn: Conn, *, account_id: UUID) -> Counts:
    found = await _counts.first(conn, account_id=account_id)
    assert found is not None
    return found


async def tags(conn: Conn, *, account_id: UUID) -> list[Tag]:
    return await _tags.all(conn, account_id=account_id)


async def tags_of_tracks(
    conn: Conn, *, account_id: UUID, track_ids: Iterable[UUID]
) -> dict[UUID, list[TagOfTrack]]:
    found: dict[UUID, list[TagOfTrack]] = defaultdict(list)
    for tag in await _tags_of.all(conn, account_id=account_id, track_ids=list(track_ids)):
        found[tag.track_id].append(tag)
    return found


async def tag_tracks(conn: Conn, *, account_id: UUID, track_ids: Sequence[UUID], name: str) -> int:
    """Give tracks a tag, which is made if there is none of that name; how many did not have it."""
    tag = await _make_tag.first(conn, account_id=account_id, name=name)
    assert tag is not None
    return await _tag.run(conn, account_id=account_id, track_ids=sorted(track_ids), tag_id=tag.value)


async def untag_tracks(conn: Conn, *, account_id: UUID, track_ids: Sequence[UUID], name: str) -> int:
    """Take a tag off tracks; how many had it."""
    return await _untag.run(conn, account_id=account_id, track_ids=sorted(track_ids), name=name)


async def trash(conn: Conn, *, account_id: UUID, track_ids: Sequence[UUID]) -> int:
    return await _trash.run(conn, account_id=account_id, track_ids=sorted(track_ids))


async def restore(conn: Conn, *, account_id: UUID, track_ids: Sequence[UUID]) -> int:
    return await _restore.run(conn, account_id=account_id, track_ids=sorted(track_ids))


async def purge(conn: Conn, *, account_id: UUID, track_ids: Sequence[UUID]) -> int:
    """Delete for good what lies in the trash."""
    return await _purge.run(conn, account_id=account_id, track_ids=sorted(track_ids))


async def purge_expired(conn: Conn, *, days: int) -> int:
    """Delete for good what has lain in the trash for so long; of every account."""
    return await _expired.run(conn, days=days)


async def drive(conn: Conn, *, account_id: UUID, track_ids: Sequence[UUID], what: Drive) -> int:
    """Retry, cancel or prioritise; how many runs that concerned."""
    row = await _drive.first(conn, account_id=account_id, track_ids=sorted(track_ids), what=what)
    assert row is not None
    return int(row.value)


async def revised(
    conn: Conn, *, account_id: UUID, track_id: UUID, seen: Mapping[str, str | None], said: Mapping[str, Any]
) -> tuple[Description, list[str]]:
    """A description with what its writer changed: where `said` differs from what they had `seen`. With it the
    fields that are then written. The track is held until the commit.

    Raises
    ------
    NotFound
        When there is no such track.
    DescriptionClash
        When one of these fields was changed since, to something else.
    """
    now = await _lock_description.first(conn, account_id=account_id, track_id=track_id)
    if now is None:
        raise _no_track()
    mine = replace(now, **{field: value for field, value in said.items() if _text(value) != seen[field]})
    changed = [field for field in said if mine.said(field) != now.said(field)]
    if clashing := [field for field in changed if now.said(field) != seen[field]]:
        raise DescriptionClash(mine, now, clashing)
    return mine, changed


async def describe(
    conn: Conn, *, account_id: UUID, track_id: UUID, said: Description, by_hand: Sequence[str]
) -> None:
    """Write a description; decoding leaves alone what is `by_hand` in it."""
    await _describe.run(conn, account_id=account_id, track_id=track_id, by_hand=list(by_hand), **asdict(said))


async def description(conn: Conn, *, account_id: UUID, track_id: UUID) -> Description:
    found = await _description.first(conn, account_id=account_id, track_id=track_id)
    if found is None:
        raise _no_track()
    return found


async def _hits(
    conn: Conn, account_id: UUID, wanted: Filter, limit: int, after: _Place | None
) -> tuple[list[Hit], bool]:
    """From a place on, loosely if that was; from the beginning, loosely if nothing is found otherwise."""
    if after is not None:
        return await _ask(conn, account_id, wanted, limit, after, loosely=after.is_loose), after.is_loose
    hits = await _ask(conn, account_id, wanted, limit, None, loosely=False)
    if hits or not wanted.words:
        return hits, False
    return await _ask(conn, account_id, wanted, limit, None, loosely=True), True


async def _ask(
    conn: Conn, account_id: UUID, wanted: Filter, limit: int, after: _Place | None, *, loosely: bool
) -> list[Hit]:
    added_after, added_before = wanted.added_between(datetime.now(UTC))
    return await _find.all(
        conn,
        account_id=account_id,
        sort=wanted.sort,
        direction=-1 if wanted.down else 1,
        words=wanted.words,
        loosely=loosely,
        in_trash=wanted.in_trash,
        **_bounds("bpm", wanted.bpm),
        bpm_octaves=wanted.octaves,
        tonalities=wanted.tonalities,
        **_bounds("length", wanted.length_s),
        **_bounds("lufs", wanted.lufs),
        **_bounds("year", wanted.year),
        states=STATES[wanted.state] if wanted.state else None,
        sources=[wanted.source] if wanted.source else None,
        engines=[wanted.engine] if wanted.engine else None,
        tags=list(wanted.tags) or None,
        added_after=added_after,
        added_before=added_before,
        counted=after is None,
        after_rank=after and after.rank,
        after_letters=after and after.letters,
        after_id=after and after.track_id,
        limit=limit,
    )


def _bounds(name: str, span: Span | None) -> dict[str, float | None]:
    low, high = (span.low, span.high) if span else (None, None)
    return {f"{name}_low": low, f"{name}_high": high}


def _place_of(hit: Hit, is_loose: bool) -> str:
    said = json.dumps([repr(hit.rank), hit.letters, str(hit.track_id), is_loose])
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _parse_place(after: str) -> _Place:
    try:
        said = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        rank, letters, track_id, is_loose = said
        if letters is not None and (not isinstance(letters, str) or "\0" in letters):
            raise ValueError
        (letters or "").encode()  # half a pair of surrogates is no text
        return _Place(float(rank), letters, UUID(track_id), is_loose is True)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error) as error:
        raise Refused("This is no place in the list.", fix="Load the list from its beginning.") from error


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _no_track() -> NotFound:
    return NotFound("There is no such track.", fix="It may have been deleted meanwhile.")
