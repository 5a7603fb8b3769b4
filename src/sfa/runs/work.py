"""What every task does around its own work: begin, report, end, give back or fail."""

from __future__ import annotations

import asyncio
import errno
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import structlog
from procrastinate import JobContext
from procrastinate.exceptions import JobAborted
from procrastinate.job_context import AbortReason

from sfa import db, media
from sfa.children.supervise import Children, Limits
from sfa.errors import CODES, ChildFailed, Refused, SfaError
from sfa.runs import store
from sfa.runs.store import Start
from sfa.settings import Settings
from sfa.sql import Conn

log = structlog.get_logger()

Answer = TypeVar("Answer")

_BEAT_S = 0.4  # at most so many seconds between two commits of progress
_PATIENCE_S = 900.0  # how long a finished result waits for a database that is away


@dataclass(frozen=True, slots=True)
class Tools:
    """What a worker process lends to the tasks it runs."""

    settings: Settings
    pool: db.Pool
    children: Children
    name: str  # of the worker, as rows show it
    in_hand: set[asyncio.Task[Any]] = field(default_factory=set)  # cancelled when grace is over


class Superseded(SfaError):
    """This start of the run does not count any more, or was told to stop; nothing of it may be written."""


class Work:
    """One start of a run."""

    def __init__(self, start: Start, tools: Tools) -> None:
        self.start = start
        self.settings = tools.settings
        self.scratch = tools.settings.work / f"{start.id}-{start.fence}"
        self.seconds: dict[str, float] = {}
        self.put_back = False
        self._tools = tools
        self._last_beat = 0.0

    async def ask(self, program: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Have a child carry `request` out, its progress shown on the run."""
        began = time.monotonic()
        result = await self._tools.children.ask(program, request, self.progress, self._limits())
        self.seconds["child"] = round(time.monotonic() - began, 3)
        return result

    async def progress(self, done: float, note: str = "") -> None:
        """Show how far it is, 0 to 1. While the database is away the work goes on.

        Raises
        ------
        Superseded
            When the run was given to another worker or told to stop; whoever called ends its child.
        """
        if time.monotonic() - self._last_beat < _BEAT_S:
            return
        self._last_beat = time.monotonic()
        try:
            async with self._tools.pool.connection(timeout=0.5) as conn:
                counts = await store.beat(conn, self.start, done=done, note=note)
        except db.Away:
            return
        if not counts:
            raise Superseded("The run was given to another worker, or told to stop.")

    async def read(self, ask: Callable[[Conn], Awaitable[Answer]]) -> Answer:
        """Ask the database, waiting for it if need be."""
        return await patiently(self._tools.pool, ask)

    async def keep(self, write: Callable[[Conn], Awaitable[None]]) -> None:
        """Commit what is known before the end of the run, unless this start does not count any more.

        Raises
        ------
        Superseded
            When the run was given to another worker or told to stop; nothing is written.
        """

        async def attempt(conn: Conn) -> None:
            if not await store.counts(conn, self.start):
                raise Superseded("The run was given to another worker, or told to stop.")
            await write(conn)

        await patiently(self._tools.pool, attempt)

    async def finish(self, write: Callable[[Conn], Awaitable[None]]) -> None:
        """Commit the results, the end of the run and the jobs that follow: together or not at all.

        `write` may be called again when the database went away in the middle.
        """

        async def attempt(conn: Conn) -> None:
            if await store.is_finished(conn, self.start):
                return  # committed before, and only the answer was lost
            await write(conn)
            if not await store.finish(conn, self.start, self.seconds):
                raise Superseded("The run was given to another worker.")

        await patiently(self._tools.pool, attempt)

    async def later(self, until: datetime, note: str) -> None:
        """Put the run back until then; this start is over, and counts as no attempt."""
        delay_s = max(0.0, (until - datetime.now(UTC)).total_seconds())
        self.put_back = True
        await patiently(
            self._tools.pool,
            lambda conn: store.requeue(conn, self.start, delay_s=delay_s, note=note, counts=False),
        )

    def _limits(self) -> Limits:
        return Limits(
            timeout_s=self.start.timeout_s + self.start.timeout_per_s * (self.start.duration_s or 0),
            stall_s=self.start.stall_s,
            memory_mb=self.settings.child_memory_mb,
        )


async def patiently(pool: db.Pool, ask: Callable[[Conn], Awaitable[Answer]]) -> Answer:
    """Run a transaction, again if the database is away, for up to a quarter of an hour."""
    began = time.monotonic()
    wait_s = 0.2
    while True:
        try:
            async with db.transaction(pool) as conn:
                return await ask(conn)
        except db.Away as error:
            if time.monotonic() - began > _PATIENCE_S:
                raise
            log.warning("database.away", reason=str(error).partition("\n")[0], again_in_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, 3.0)


@asynccontextmanager
async def work(context: JobContext, run_id: int) -> AsyncIterator[Work | None]:
    """Carry a run out: `async with work(context, run_id) as job`. None: the job is stale, do nothing.

    A task may run twice for one run, so results replace and never add. However
    the block ends, the row says how, and the job itself succeeds: whether and
    when to try again is decided here, in the same transaction as the row.
    """
    tools: Tools = context.additional_context["tools"]
    assert context.job.id is not None
    job_id = context.job.id
    with structlog.contextvars.bound_contextvars(run_id=run_id, job_id=job_id):
        start_id = uuid4()  # of this start, however often it has to be said
        start = await patiently(
            tools.pool,
            lambda conn: store.begin(conn, run_id, job_id=job_id, worker=tools.name, start_id=start_id),
        )
        if start is None:
            log.info("run.stale")
            yield None
            return
        job = Work(start, tools)
        task = asyncio.current_task()
        assert task is not None
        tools.in_hand.add(task)
        try:
            job.scratch.mkdir(parents=True, exist_ok=True)
            yield job
            log.info(
                "run.put_back" if job.put_back else "run.finished",
                stage=start.stage,
                file=start.file_name,
                **job.seconds,
            )
        except asyncio.CancelledError:
            await _ended_from_outside(context, tools, start)
            raise
        except Superseded:
            # A worker whose listener is gone hears of it here only. Does nothing when the run is another's.
            await patiently(tools.pool, lambda conn: store.end_cancelled(conn, start))
            log.warning("run.superseded", stage=start.stage)
        except Exception as error:  # noqa: BLE001 - every end of a run becomes a row
            await _failed(tools, start, error)
        finally:
            tools.in_hand.discard(task)
            shutil.rmtree(job.scratch, ignore_errors=True)


async def _ended_from_outside(context: JobContext, tools: Tools, start: Start) -> None:
    """A person cancelled it, or the worker has to leave; the child is gone already."""
    if context.abort_reason() == AbortReason.USER_REQUEST:
        await patiently(tools.pool, lambda conn: store.end_cancelled(conn, start))
        log.info("run.cancelled", stage=start.stage, file=start.file_name)
        raise JobAborted
    note = "Its worker was stopped; queued again."
    async with asyncio.timeout(
        5
    ):  # a worker that leaves cannot wait for the database: the lease tells the rest
        async with db.transaction(tools.pool) as conn:
            await store.requeue(conn, start, delay_s=0, note=note, counts=False)
    log.info("run.handed_back", stage=start.stage, file=start.file_name)


async def _failed(tools: Tools, start: Start, error: Exception) -> None:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        error = media.no_room(error, start.file_name)
    code = error.code if isinstance(error, Refused | ChildFailed) else "crashed"
    evidence = error.evidence if isinstance(error, ChildFailed) else ""
    sentence, fix = _in_words(start, error)
    facts = {"stage": start.stage, "file": start.file_name, "code": code, "reason": str(error)}
    if CODES[code].retry == "again" and start.attempts < start.max_attempts:
        delay_s = min(2.0**start.attempts, 300.0)
        note = f"Attempt {start.attempts} of {start.max_attempts} failed: {error} Tries again by itself."
        await patiently(
            tools.pool, lambda conn: store.requeue(conn, start, delay_s=delay_s, note=note, counts=True)
        )
        log.warning("run.tries_again", in_s=delay_s, **facts)
        return
    await patiently(
        tools.pool,
        lambda conn: store.fail(conn, start, code=code, error=sentence, fix=fix, evidence=evidence),
    )
    if isinstance(error, SfaError):
        log.warning("run.failed", evidence=evidence[-500:], **facts)
    else:
        log.error("run.failed", exc_info=error, **facts)


def _in_words(start: Start, error: Exception) -> tuple[str, str]:
    """The sentence and the way out that the track's owner reads."""
    if isinstance(error, Refused):
        return str(error), error.fix
    step = f"“{start.stage_title}” of {start.file_name}"
    if isinstance(error, ChildFailed):
        return f"{step} failed. {error}", "Retry; if it fails again, look.failures has the evidence."
    return f"{step} failed: {type(error).__name__}.", "Retry; if it fails again, the worker's log says more."


def scratch_of(job: Work, name: str) -> Path:
    """An empty folder of that name in the scratch of a run."""
    folder = job.scratch / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
