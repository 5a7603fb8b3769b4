"""From `kill -9` of a worker in mid-job until its run is running again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from uuid import UUID

from bench import songs
from bench.forging import connected, take_in
from bench.ground import Ground, end, running, studio_argv, worker_argv
from bench.plan import Plan, say
from bench.report import Part, Table, Target
from sfa.settings import Settings
from sfa.sql import Conn

LIMIT = 5.0
METHOD = """
Seconds from `kill -9` of the worker that separates a long file (engine `quick`) until the same run is
running again, as its row says. *Second worker*: another worker of the queue lives; the lease of the dead
one is seen to be free, twice. *Supervisor*: `./sfa up` starts the worker anew, and it adopts what its
predecessor held.
""".strip()
_PATIENCE_S = 60.0
_QUIET_S = 16.0  # for so long after its start nobody judges workers of a server

Restart = Callable[[str], None]


def measure(ground: Ground, plan: Plan) -> Part:
    return asyncio.run(_measure(ground, plan))


async def _measure(ground: Ground, plan: Plan) -> Part:
    song = songs.write(ground.folder / "long.flac", plan.loss_s)
    took: dict[str, list[float]] = {}
    for name, lose in (("second worker", _with_second_worker), ("supervisor", _under_supervisor)):
        data = ground.folder / name.replace(" ", "-")
        settings = ground.settings(ground.database(data.name.replace("-", "_")), data)
        async with connected(settings) as conn:
            track = await take_in(conn, settings, song, "quick")
            took[name] = await lose(ground, settings, conn, track, plan.losses)
    return _part(took, plan)


async def _with_second_worker(
    ground: Ground, settings: Settings, conn: Conn, track: UUID, losses: int
) -> list[float]:
    """Two workers for separations; the one that holds the run dies, then comes back for the next time."""
    with ExitStack() as held:
        workers: dict[str, Any] = {}

        def start(unit: str) -> None:
            env = ground.env(str(settings.database_url), settings.data, {"SFA_UNIT": unit})
            queue = "download" if unit == "decoder" else "processing"
            log = ground.folder / f"{unit}.log"
            workers[unit] = held.enter_context(running(worker_argv(queue), env, log))

        def again(unit: str) -> None:
            end(workers[unit])
            start(unit)

        for unit in ("decoder", "first", "second"):
            start(unit)
        return await _lose_often(conn, track, losses, "second worker", again, workers=2)


async def _under_supervisor(
    ground: Ground, settings: Settings, conn: Conn, track: UUID, losses: int
) -> list[float]:
    env = ground.env(str(settings.database_url), settings.data)
    with running(studio_argv(), env, ground.folder / "supervisor.log"):
        return await _lose_often(conn, track, losses, "supervisor", lambda unit: None, workers=1)


async def _lose_often(
    conn: Conn, track: UUID, losses: int, how: str, again: Restart, *, workers: int
) -> list[float]:
    await _until(conn, _UP_FOR, lambda up_s: up_s > _QUIET_S)
    took = []
    for number in range(losses):
        await _until(conn, _WORKERS, lambda alive: alive == workers)
        await _until(conn, _DONE, lambda done: done is not None and done > 0, track)
        seconds, unit = await _lose(conn, track)
        say(f"recovery, {how}, {number + 1} of {losses}: {seconds:.2f} s")
        took.append(seconds)
        again(unit)
    await conn.execute("select sfa.cancel(%s)", [track])
    return took


async def _lose(conn: Conn, track: UUID) -> tuple[float, str]:
    """Kill the worker of the running separation; seconds until it runs again, and the unit that died."""
    fence, unit, pid = await _row(conn, _HOLDER, track)
    at = time.time()
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        state, now_fence, started = await _row(conn, _RUN, track)
        if state == "running" and now_fence > fence:
            return started - at, unit
        if state not in ("running", "queued"):
            raise RuntimeError(f"the run that was to be lost is {state}: it needs more sound")
        await asyncio.sleep(0.01)
    raise TimeoutError(f"nothing runs {_PATIENCE_S:.0f} s after the loss of its worker")


_UP_FOR = "select extract(epoch from now() - pg_postmaster_start_time())::float8"
_WORKERS = "select count(*) from look.workers where alive and 'processing' = any (queues)"
_DONE = """
select p.done from runs r join progress p on p.run_id = r.id and p.fence = r.fence
 where r.track_id = %s and r.stage = 'separation' and r.state = 'running'
"""
_HOLDER = """
select r.fence, r.worker, w.pid from runs r join look.workers w on w.unit = r.worker and w.alive
 where r.track_id = %s and r.stage = 'separation'
"""
_RUN = """
select state::text, fence, extract(epoch from started_at)::float8 from runs
 where track_id = %s and stage = 'separation'
"""


async def _until(conn: Conn, question: str, enough: Callable[[Any], bool], *params: Any) -> None:
    answer = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                row = await (await conn.execute(question.encode(), params)).fetchone()
                answer = row[0] if row else None
                if enough(answer):
                    return
                await asyncio.sleep(0.05)
    raise TimeoutError(f"{' '.join(question.split())} still answers {answer}")


async def _row(conn: Conn, question: str, track: UUID) -> Any:
    row = await (await conn.execute(question.encode(), [track])).fetchone()
    if row is None:
        raise RuntimeError("the run that was to be lost is in nobody's hands: it needs more sound")
    return row


def _part(took: dict[str, list[float]], plan: Plan) -> Part:
    part = Part("recovery", "Loss of a worker", METHOD)
    table = Table(["kill -9 until it runs again (s)", "least", "median", "most", "tries"])
    for name, seconds in took.items():
        middle = sorted(seconds)[len(seconds) // 2]
        table.rows.append([name, min(seconds), middle, max(seconds), len(seconds)])
    part.tables = [table]
    part.targets = [
        Target(f"kill -9 of a worker until its job runs again (s), {name}", LIMIT, max(seconds))
        for name, seconds in took.items()
    ]
    part.figures = {f"{name.replace(' ', '_')}_s": seconds for name, seconds in took.items()}
    return part
