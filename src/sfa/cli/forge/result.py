"""What the studio knows of a track once its work is done, read in one go."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sfa import corrections, library, separation
from sfa.analysis import Readings
from sfa.library import Track
from sfa.separation import Separation, Stem
from sfa.sql import Conn


@dataclass(slots=True)
class Result:
    """Of a track that failed half-way: as much as there is."""

    track: Track
    readings: Readings
    separation: Separation | None
    stems: list[Stem]
    named: dict[str, Path] = field(default_factory=dict)  # by stem: the FLAC in the studio, under its name
    exported: dict[str, Path] = field(default_factory=dict)  # by stem, once copied out

    @property
    def stand_in(self) -> bool:
        """Whether another model ran than was asked for."""
        return self.separation is not None and self.separation.ran != self.separation.model


async def read(
    conn: Conn, *, account_id: UUID, track_id: UUID, answer: int | None, wanted: tuple[str, ...] | None
) -> Result:
    """The rows of a track and of the separation `answer`, with the stems that are wanted."""
    track = await library.track_by_id(conn, account_id=account_id, track_id=track_id)
    every = await separation.separations_of_track(conn, account_id=account_id, track_id=track_id)
    stems = await separation.stems_of_track(conn, account_id=account_id, track_id=track_id)
    return Result(
        track=track,
        readings=await corrections.readings_of_track(conn, account_id=account_id, track_id=track_id),
        separation=next((one for one in every if one.run_id == answer), None),
        stems=[stem for stem in stems if stem.run_id == answer and (wanted is None or stem.name in wanted)],
    )
