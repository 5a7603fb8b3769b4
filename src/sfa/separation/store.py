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
    path: str  # below the media folder
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
    path: str  # below the media folder
    sha256: str


@dataclass(frozen=True, slots=True)
class StemFile:
    id: UUID
    name: str
    path: str


_sql = QueryFile("separation")
_request = _sql.query("request_of_run", Request)
_lock_track = _sql.value("lock_track")
_drop = _sql.statement("drop_stems")
_outcome = _sql.statement("put_outcome")
_put_stem = _sql.statement("put_stem")
_of_track = _sql.query("separations_of_track", Separation)
_stems = _sql.query("stems_of_track", Stem)
_stem = _sql.query("stem_by_id", Stem)
_of_run = _sql.query("stems_of_run", StemFile)
_sound = _sql.query("sound_of_stem", StemSound)


async def request_of_run(conn: Conn, run_id: int) -> Request:
    request = await _request.first(conn, run_id=run_id)
    if request is None:
        raise NotFound("The separation was deleted meanwhile.")
    return request


async def put_result(conn: Conn, request: Request, folder: str, result: Mapping[str, Any]) -> None:
    """Replace what the run has produced; `folder` is where its stems lie, below the media folder."""
    await _lock_track.first(conn, track_id=request.track_id)
    await _drop.run(conn, run_id=request.run_id)
    outcome = {key: result[key] for key in ("engine", "device", "why", "fix")}
    await _outcome.run(conn, run_id=request.run_id, track_id=request.track_id, ran=result["model"], **outcome)
    for stem in result["stems"]:
        facts = {
            key: stem[key] for key in ("name", "frames", "sample_rate", "channels", "bytes", "sha256", "peak")
        }
        path = f"{folder}/{stem['file']}"
        await _put_stem.run(conn, run_id=request.run_id, track_id=request.track_id, path=path, **facts)


async def separations_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> list[Separation]:
    return await _of_track.all(conn, account_id=account_id, track_id=track_id)


async def stems_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> list[Stem]:
    return await _stems.all(conn, account_id=account_id, track_id=track_id)


async def stem_by_id(conn: Conn, *, account_id: UUID, stem_id: UUID) -> Stem:
    stem = await _stem.first(conn, account_id=account_id, stem_id=stem_id)
    if stem is None:
        raise NotFound("There is no such stem.", fix="Its track may have been separated again or deleted.")
    return stem


async def sound_of_stem(conn: Conn, *, account_id: UUID, stem_id: UUID) -> StemSound:
    sound = await _sound.first(conn, account_id=account_id, stem_id=stem_id)
    if sound is None:
        raise NotFound("There is no such stem.", fix="Its track may have been separated again or deleted.")
    return sound


async def stems_of_run(conn: Conn, run_id: int) -> list[StemFile]:
    """The stems that a run of `stem_analysis` is about."""
    return await _of_run.all(conn, run_id=run_id)
