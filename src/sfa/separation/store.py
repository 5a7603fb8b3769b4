"""Rows of `separations` and `stems`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sfa.errors import NotFound
from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of a separation."""

    run_id: int
    track_id: UUID
    model: str
    wanted: list[str] | None
    fallback: bool


@dataclass(frozen=True, slots=True)
class Separation:
    """What came of one."""

    run_id: int
    model: str  # as asked
    wanted: list[str] | None
    engine: str
    ran: str  # the model that ran
    device: str
    why: str | None  # why another model ran than was asked for
    fix: str | None
    chosen: bool  # its stems are "the stems" of the track


@dataclass(frozen=True, slots=True)
class Stem:
    id: UUID
    run_id: int
    name: str
    frames: int
    sample_rate: int
    channels: int
    bytes: int
    sha256: str
    peak: float
    integrated_lufs: float | None  # these four: once the stems have been read
    true_peak_dbtp: float | None
    energy_share: float | None
    active_share: float | None

    @property
    def duration_s(self) -> float:
        return self.frames / self.sample_rate


@dataclass(frozen=True, slots=True)
class StemSound:
    """A stem for a page that plays it."""

    title: str  # of its track
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StemFile:
    id: UUID
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Pack:
    """The stems of a separation as a player takes them."""

    run_id: int
    stems: list[str]
    frames: int
    segment_frames: int
    gain: float
    sha256: str

    @property
    def rev(self) -> str:
        """Of its content: what is kept under an address with it is true for ever."""
        return self.sha256[:_REV]


@dataclass(frozen=True, slots=True)
class PackPart:
    """Some segments of a pack, and where they lie in its file."""

    title: str  # of the track
    sha256: str
    bytes: int  # of the whole file
    segments: int
    start: int | None  # None: the song ends before
    stop: int


_REV = 16  # letters of the content's SHA-256 that are enough to know it by
_STEM = ("name", "frames", "sample_rate", "channels", "bytes", "sha256", "peak")
_PACK = ("stems", "frames", "segment_frames", "gain", "offsets", "bytes", "sha256")

_sql = QueryFile("separation")
_request = _sql.query("request_of_run", Request)
_lock_track = _sql.value("lock_track")
_drop = _sql.statement("drop_stems")
_outcome = _sql.statement("put_outcome")
_put_stem = _sql.statement("put_stem")
_put_pack = _sql.statement("put_pack")
_track_of = _sql.value("track_of_separation")
_put_back = _sql.statement("put_back")
_choose = _sql.statement("choose")
_of_track = _sql.query("separations_of_track", Separation)
_stems = _sql.query("stems_of_track", Stem)
_of_run = _sql.query("stems_of_run", StemFile)
_sound = _sql.query("sound_of_stem", StemSound)
_pack = _sql.query("pack_of_run", Pack)
_part = _sql.query("part_of_pack", PackPart)


async def request_of_run(conn: Conn, run_id: int) -> Request:
    request = await _request.first(conn, run_id=run_id)
    if request is None:
        raise NotFound("The separation was deleted meanwhile.")
    return request


async def put_result(conn: Conn, request: Request, result: Mapping[str, Any]) -> None:
    """Replace what the run has produced; the caller has its files in place before the commit."""
    await _lock_track.first(conn, track_id=request.track_id)
    await _drop.run(conn, run_id=request.run_id)
    outcome = {key: result[key] for key in ("engine", "device", "why", "fix")}
    await _outcome.run(conn, run_id=request.run_id, track_id=request.track_id, ran=result["model"], **outcome)
    # Each locks the row of its content: everywhere in one order, lest two wait for each other.
    for made in sorted([*result["stems"], result["pack"]], key=lambda made: str(made["sha256"])):
        put, columns = (_put_pack, _PACK) if made is result["pack"] else (_put_stem, _STEM)
        facts = {column: made[column] for column in columns}
        await put.run(conn, run_id=request.run_id, track_id=request.track_id, **facts)


async def choose(conn: Conn, *, account_id: UUID, run_id: int) -> UUID:
    """Make the stems of one separation "the stems" of its track; which track that is.

    Raises
    ------
    NotFound
        When there is no such separation, it made nothing, or it is somebody else's.
    """
    row = await _track_of.first(conn, account_id=account_id, run_id=run_id)
    if row is None:
        raise NotFound(
            "There are no such stems.", fix="Their track may have been separated again or deleted."
        )
    await _put_back.run(conn, track_id=row.value, run_id=run_id)
    await _choose.run(conn, run_id=run_id)
    return UUID(str(row.value))


async def separations_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> list[Separation]:
    return await _of_track.all(conn, account_id=account_id, track_id=track_id)


async def stems_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> list[Stem]:
    return await _stems.all(conn, account_id=account_id, track_id=track_id)


async def sound_of_stem(conn: Conn, *, account_id: UUID, stem_id: UUID) -> StemSound:
    sound = await _sound.first(conn, account_id=account_id, stem_id=stem_id)
    if sound is None:
        raise NotFound("There is no such stem.", fix="Its track may have been separated again or deleted.")
    return sound


async def pack_of_run(conn: Conn, *, account_id: UUID, run_id: int) -> Pack | None:
    return await _pack.first(conn, account_id=account_id, run_id=run_id)


async def part_of_pack(conn: Conn, *, account_id: UUID, run_id: int, rev: str, span: range) -> PackPart:
    """Raises NotFound also when the pack that is there now is not the one with this `rev`."""
    part = await _part.first(conn, account_id=account_id, run_id=run_id, first=span.start, stop=span.stop)
    if part is None or part.sha256[: len(rev)] != rev or len(rev) != _REV:
        raise NotFound("These stems are not there any more.", fix="Load the page again.")
    return part


async def stems_of_run(conn: Conn, run_id: int) -> list[StemFile]:
    """The stems that a run of `stem_analysis` is about."""
    return await _of_run.all(conn, run_id=run_id)
