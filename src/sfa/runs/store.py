"""Rows of `runs`, as workers write them and pages read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from sfa.errors import NotFound
from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a run, in the hands of a worker. What it writes carries its fence."""

    id: int
    fence: int
    track_id: UUID
    stage: str
    stage_title: str
    variant: str
    attempts: int  # this start included
    max_attempts: int
    file_name: str
    duration_s: float | None
    timeout_s: int
    timeout_per_s: float
    stall_s: int


@dataclass(frozen=True, slots=True)
class Run:
    """A stage of a track as people see it."""

    track_id: UUID
    stage: str
    variant: str
    stage_title: str
    state: str  # blocked, queued, running, done, failed, cancelled
    progress: float  # 0 to 1
    note: str | None  # what it does or waits for, in words
    left_s: float | None  # seconds of work left in it
    eta_s: float | None  # seconds until it is done; None: not known, or it waits for another stage
    attempts: int
    max_attempts: int
    losses: int  # how often a worker died under it
    error_code: str | None
    error: str | None
    fix: str | None
    stuck: bool
    started_at: datetime | None
    finished_at: datetime | None
    took_s: float | None
    ord: int
    run_id: int
    outdone: bool = False  # it came to nothing, and another separation is there: asked for later, or in use

    @property
    def is_open(self) -> bool:
        return self.state in ("blocked", "queued", "running")

    @property
    def percent(self) -> int:
        return round(100 * self.progress)


@dataclass(frozen=True, slots=True)
class Reaped:
    """A job that was in the hands of a dead worker, and what became of it."""

    run_id: int | None
    what: str


@dataclass(frozen=True, slots=True)
class RunAndFence:
    run_id: int
    fence: int


_sql = QueryFile("runs")
_begin = _sql.value("begin_run")
_start = _sql.query("start_of_run", Start)
_beat = _sql.value("beat")
_finish = _sql.value("finish_run")
_is_finished = _sql.value("is_finished")
_fail = _sql.value("fail_run")
_end_cancelled = _sql.value("end_cancelled")
_requeue = _sql.value("requeue")
_of_tracks = _sql.query("runs_of_tracks", Run)
_retry = _sql.value("retry")
_cancel = _sql.value("cancel")
_pause = _sql.value("pause_queue")
_resume = _sql.value("resume_queue")
_take_lease = _sql.value("take_lease")
_sign_in = _sql.statement("sign_in")
_sign_out = _sql.statement("sign_out")
_adopt = _sql.value("adopt")
_reap = _sql.query("reap", Reaped)
_starts = _sql.query("running_starts", RunAndFence)
_drop_uploads = _sql.statement("drop_abandoned_uploads")
_uploads = _sql.value("open_uploads")
_blobs = _sql.value("known_blobs")
_lock_blobs = _sql.value("lock_unspoken_blobs")
_drop_blobs = _sql.value("drop_unspoken_blobs")
_lock_track = _sql.value("lock_track_of_run")
_counts = _sql.value("counts")
_purge = _sql.statement("purge_jobs")


async def begin(conn: Conn, run_id: int, *, job_id: int, worker: str, start_id: UUID) -> Start | None:
    """The run, now running; None when its job is stale and nothing is to be done.

    May be said again with the same `start_id`: it is the same start.
    """
    if await _value(_begin, conn, run_id=run_id, job_id=job_id, worker=worker, start_id=start_id) is None:
        return None
    return await _start.first(conn, run_id=run_id)


async def beat(conn: Conn, start: Start, *, done: float, note: str) -> bool:
    """Store progress; False when this start has been superseded, or told to stop."""
    return bool(await _value(_beat, conn, run_id=start.id, fence=start.fence, done=done, note=_text(note)))


async def finish(conn: Conn, start: Start, seconds: dict[str, float]) -> bool:
    """Close the run and dispatch what waited for it; False when superseded: roll back."""
    return bool(await _value(_finish, conn, run_id=start.id, fence=start.fence, seconds=Jsonb(seconds)))


async def counts(conn: Conn, start: Start) -> bool:
    """Whether this start of the run is still wanted; it stays so until the end of the transaction."""
    await _value(_lock_track, conn, run_id=start.id)
    return await _value(_counts, conn, run_id=start.id, fence=start.fence) is not None


async def is_finished(conn: Conn, start: Start) -> bool:
    return bool(await _value(_is_finished, conn, run_id=start.id, fence=start.fence))


async def fail(conn: Conn, start: Start, *, code: str, error: str, fix: str, evidence: str) -> None:
    await _value(
        _fail,
        conn,
        run_id=start.id,
        fence=start.fence,
        code=code,
        error=_text(error),
        fix=_text(fix),
        evidence=_text(evidence),
    )


async def end_cancelled(conn: Conn, start: Start) -> None:
    """Close a start that a person wanted ended; queued again if it was asked for meanwhile."""
    await _value(_end_cancelled, conn, run_id=start.id, fence=start.fence)


async def requeue(conn: Conn, start: Start, *, delay_s: float, note: str, counts: bool) -> None:
    delay = timedelta(seconds=delay_s)
    await _value(
        _requeue, conn, run_id=start.id, fence=start.fence, delay=delay, note=_text(note), counts=counts
    )


async def of_tracks(conn: Conn, track_ids: Iterable[UUID]) -> dict[UUID, list[Run]]:
    """The newest run of each stage, by track. The caller has made sure whose tracks these are."""
    found: dict[UUID, list[Run]] = defaultdict(list)
    for run in await _of_tracks.all(conn, track_ids=list(track_ids)):
        found[run.track_id].append(run)
    return found


async def retry(conn: Conn, *, account_id: UUID, track_id: UUID) -> int:
    """Put every failed or cancelled stage of a track back to work; how many."""
    return int(await _owned(_retry, conn, account_id=account_id, track_id=track_id))


async def cancel(conn: Conn, *, account_id: UUID, track_id: UUID) -> int:
    """Stop every stage of a track that has not ended; how many."""
    return int(await _owned(_cancel, conn, account_id=account_id, track_id=track_id))


async def pause(conn: Conn, queue: str, *, why: str) -> None:
    """What runs goes on, what waits keeps waiting. A queue that is paused stays so."""
    await _value(_pause, conn, queue=queue, why=why)


async def resume(conn: Conn, queue: str) -> None:
    await _value(_resume, conn, queue=queue)


async def take_lease(conn: Conn, worker_id: int) -> None:
    """Hold the lock that says this worker is alive, for as long as `conn` lives."""
    await _value(_take_lease, conn, worker_id=worker_id)


async def sign_in(
    conn: Conn, *, worker_id: int, host: str, unit: str, pid: int, queues: list[str], slots: int, version: str
) -> None:
    await _sign_in.run(
        conn, worker_id=worker_id, host=host, unit=unit, pid=pid, queues=queues, slots=slots, version=version
    )


async def sign_out(conn: Conn, worker_id: int) -> None:
    await _sign_out.run(conn, worker_id=worker_id)


async def adopt(conn: Conn, *, host: str, unit: str) -> int:
    """Give back what the dead predecessor of this unit held; how many jobs."""
    return int(await _value(_adopt, conn, host=host, unit=unit))


async def reap(conn: Conn) -> list[Reaped]:
    return await _reap.all(conn)


async def running_starts(conn: Conn) -> set[tuple[int, int]]:
    """Run and fence of everything that is running."""
    return {(row.run_id, row.fence) for row in await _starts.all(conn)}


async def open_uploads(conn: Conn, *, patience: timedelta) -> set[UUID]:
    """The uploads that still wait for a part; those that waited in vain for so long are dropped."""
    await _drop_uploads.run(conn, patience=patience)
    return {row.value for row in await _uploads.all(conn)}


async def known_blobs(conn: Conn) -> set[str]:
    return {row.value for row in await _blobs.all(conn)}


async def drop_unspoken_blobs(conn: Conn) -> list[str]:
    """Delete the rows of content that nothing refers to, and hold them until the commit."""
    locked = [row.value for row in await _lock_blobs.all(conn)]
    return [row.value for row in await _drop_blobs.all(conn, locked=locked)] if locked else []


async def purge(conn: Conn) -> int:
    return await _purge.run(conn)


def _text(said: str) -> str:
    """What a child or a library said, as any database takes it."""
    return said.replace("\0", "").encode(errors="replace").decode()


async def _value(query: Any, conn: Conn, **params: object) -> Any:
    row = await query.first(conn, **params)
    return None if row is None else row.value


async def _owned(query: Any, conn: Conn, **params: object) -> Any:
    row = await query.first(conn, **params)
    if row is None:
        raise NotFound("There is no such track.", fix="It may have been deleted meanwhile.")
    return row.value
