"""What plots are drawn from beside the readings: the stems' spectra, and which reading it is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sfa.errors import NotFound
from sfa.plots.bands import StemMeeting, StemSpectrum
from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class Revision:
    """Which reading of a track it is."""

    duration_s: float | None
    run_id: int
    fence: int  # how often that run was started


_sql = QueryFile("plots")
_revision = _sql.query("revision_of_track", Revision)
_spectra = _sql.query("spectra_of_track", StemSpectrum)
_meetings = _sql.query("meetings_of_track", StemMeeting)


async def revision_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> Revision:
    """Which reading there is.

    Raises
    ------
    NotFound
        When this account has no such track.
    """
    found = await _revision.first(conn, account_id=account_id, track_id=track_id)
    if found is None:
        raise NotFound("There is no such track.", fix="It may have been deleted. Go back to the library.")
    return found


async def spectra_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> list[StemSpectrum]:
    return await _spectra.all(conn, account_id=account_id, track_id=track_id)


async def meetings_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> list[StemMeeting]:
    return await _meetings.all(conn, account_id=account_id, track_id=track_id)
