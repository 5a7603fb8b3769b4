"""What is taken away: a track, one of its separations and that one's stems."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sfa import library, separation
from sfa.errors import NotFound
from sfa.library import Track
from sfa.separation import Separation, Stem
from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class StemPlace:
    track_id: UUID
    run_id: int


@dataclass(frozen=True, slots=True)
class Song:
    """A track with the stems of one separation."""

    track: Track
    made: Separation
    stems: list[Stem]

    @property
    def frames(self) -> int:
        """All stems of a track have its length."""
        return self.stems[0].frames

    @property
    def rate_hz(self) -> int:
        return self.stems[0].sample_rate

    @property
    def channels(self) -> int:
        return max(stem.channels for stem in self.stems)


_sql = QueryFile("exports")
_place = _sql.query("place_of_stem", StemPlace)


async def song_of_track(conn: Conn, *, account_id: UUID, track_id: UUID, run_id: int | None) -> Song:
    """A track and the stems of one of its separations; None: of the one that was chosen.

    Raises
    ------
    NotFound
        When there is no such track of this account, or it has no such stems.
    """
    track = await library.track_by_id(conn, account_id=account_id, track_id=track_id)
    every = await separation.separations_of_track(conn, account_id=account_id, track_id=track_id)
    made = next((one for one in every if one.run_id == run_id or (run_id is None and one.chosen)), None)
    if made is None and run_id is not None and every:
        raise NotFound(
            "This track has no such separation.",
            fix="It may have been deleted; the track's page has the others.",
        )
    stems = await separation.stems_of_track(conn, account_id=account_id, track_id=track_id)
    stems = [stem for stem in stems if made and stem.run_id == made.run_id]
    if made is None or not stems:
        raise NotFound(
            "This track has no stems yet.", fix="They can be taken away once it has been separated."
        )
    return Song(track, made, stems)


async def song_of_stem(conn: Conn, *, account_id: UUID, stem_id: UUID) -> tuple[Song, Stem]:
    """A stem, and the song it is of. Raises NotFound when there is none of this account."""
    place = await _place.first(conn, account_id=account_id, stem_id=stem_id)
    if place is None:
        raise NotFound("There is no such stem.", fix="Its track may have been separated again or deleted.")
    song = await song_of_track(conn, account_id=account_id, track_id=place.track_id, run_id=place.run_id)
    return song, next(stem for stem in song.stems if stem.id == stem_id)
