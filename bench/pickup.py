"""From the commit of a job to the first line of its task: our queue against a bare loop."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bench.ground import Ground, running, settle
from bench.plan import Plan, say
from bench.report import Part, Table, Target, quantile
from sfa import accounts, db
from sfa.sql import Conn

TASK = "bench.mark"
LIMIT = 2.0
METHOD = """
Milliseconds from the moment COMMIT is sent until the first line of the task runs in another process.
*Ours*: a run and its job by `sfa.dispatch` in one transaction, a real worker process (`sfa.runs.worker`,
its usual settings) with one task added that does nothing else. *Bare*: a table with a number and a status,
`LISTEN`, `for update skip locked`, one process. Both wait on the same server at the same time; jobs come in
blocks by turns, at random intervals.
""".strip()
_PATIENCE_S = 60.0
_BLOCK = 25  # jobs: what else the machine does should meet both sides alike

_STAGE = """
insert into stages (stage, ord, queue, task, title, timeout_s, timeout_per_s, stall_s)
values ('bench', 99, 'download', %s, 'Bench', 60, 1, 60)
"""
_TRACK = """
insert into tracks (id, account_id, title, file_name, taken_from)
values (%s, %s, 'bench', 'bench', '/bench')
"""
_TABLE = """
create table bare_jobs (
    id bigint generated always as identity primary key,
    status text not null default 'todo'
);
create index on bare_jobs (id) where status = 'todo'
"""
_RUN = "insert into runs (track_id, stage, variant) values (%s, 'bench', %s) returning id"
# What the task leaves undone on purpose: else the reaper would take these runs for lost after half a minute.
_CLOSE = "update runs set state = 'done', finished_at = now() where stage = 'bench' and state <> 'done'"

Put = Callable[[Conn, int], Awaitable[tuple[int, float]]]


def measure(ground: Ground, plan: Plan) -> Part:
    conninfo = ground.database("pickup")
    return asyncio.run(compare(conninfo, ground.folder / "pickup", ground.env, plan))


async def compare(
    conninfo: str, folder: Path, env_of: Callable[[str, Path], dict[str, str]], plan: Plan
) -> Part:
    """On a migrated database of the caller's, which is left with a stage and a table more."""
    say(f"pickup: {plan.pickups} jobs on either side, {plan.pickup_rate:.0f} a second")
    folder.mkdir(parents=True, exist_ok=True)
    env = env_of(conninfo, folder / "data")
    marks = {"ours": folder / "ours.txt", "bare": folder / "bare.txt"}
    async with await db.connect(conninfo, name="sfa bench") as conn:
        track = await _prepare(conn)
        with ExitStack() as held:
            started = []
            for name, module in (("ours", "bench.pickup_worker"), ("bare", "bench.bare_loop")):
                argv = [sys.executable, "-m", module, str(marks[name])]
                started.append(held.enter_context(running(argv, env, folder / f"{name}.log")))
            settle(*started)
            await _until_ready(conn, marks["bare"])
            puts: dict[str, Put] = {"ours": _our_put(track), "bare": _bare_put}
            sent = await _send(conn, puts, plan, marks)
    took = {name: _milliseconds(sent[name], _read(marks[name])) for name in marks}
    return _part(took, plan)


async def _prepare(conn: Conn) -> UUID:
    track = uuid4()
    await conn.execute(_STAGE, [TASK])
    await conn.execute(_TRACK, [track, await accounts.owner_id(conn)])
    for statement in _TABLE.split(";"):
        await conn.execute(statement.encode())
    return track


async def _until_ready(conn: Conn, bare: Path) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not (bare.exists() and "ready" in bare.read_text()):
            await asyncio.sleep(0.05)
        while not await _one(conn, "select count(*) from look.workers where alive"):
            await asyncio.sleep(0.05)


async def _send(
    conn: Conn, puts: dict[str, Put], plan: Plan, marks: dict[str, Path]
) -> dict[str, dict[int, float]]:
    """Jobs in blocks by turns; when each was committed. One of either side first, which does not count."""
    chance = random.Random(1)
    sent: dict[str, dict[int, float]] = {name: {} for name in puts}
    for number, put in enumerate(puts.values()):
        await put(conn, -1 - number)
    await asyncio.sleep(0.5)
    for block in range(plan.rounds):
        for name, put in puts.items():
            for number in range(
                block * plan.pickups // plan.rounds, (block + 1) * plan.pickups // plan.rounds
            ):
                job, at = await put(conn, number)
                sent[name][job] = at
                await asyncio.sleep(chance.expovariate(plan.pickup_rate))
            await _until_marked(marks[name], sent[name])
        await conn.execute(_CLOSE)
    return sent


def _our_put(track: UUID) -> Put:
    async def put(conn: Conn, number: int) -> tuple[int, float]:
        async with conn.transaction():
            run = int(await _one(conn, _RUN, track, str(number)))
            await conn.execute("select sfa.dispatch(%s)", [run])
            at = time.time()
        return run, at

    return put


async def _bare_put(conn: Conn, number: int) -> tuple[int, float]:
    async with conn.transaction():
        job = int(await _one(conn, "insert into bare_jobs default values returning id"))
        await conn.execute("select pg_notify('bare_jobs', '')")
        at = time.time()
    return job, at


async def _until_marked(marks: Path, sent: dict[int, float]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not sent.keys() <= _read(marks).keys():
            await asyncio.sleep(0.1)


def _read(marks: Path) -> dict[int, float]:
    lines = [line.split() for line in marks.read_text().splitlines()] if marks.exists() else []
    return {int(words[0]): float(words[1]) for words in lines if len(words) == 2}


def _milliseconds(sent: dict[int, float], taken: dict[int, float]) -> list[float]:
    return [1000 * (taken[job] - at) for job, at in sent.items()]


async def _one(conn: Conn, question: str, *params: Any) -> Any:
    row = await (await conn.execute(question.encode(), params)).fetchone()
    return row[0] if row else None


def _part(took: dict[str, list[float]], plan: Plan) -> Part:
    part = Part("pickup", f"Pickup, {plan.pickups} jobs at {plan.pickup_rate:.0f} a second", METHOD)
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    figures = {name: {what: quantile(took[name], share) for what, share in shares.items()} for name in took}
    ratios = {what: figures["ours"][what] / figures["bare"][what] for what in shares}
    table = Table(["commit to task (ms)", *shares])
    table.rows = [
        ["bare LISTEN + SKIP LOCKED", *figures["bare"].values()],
        ["ours", *figures["ours"].values()],
        ["ours / bare", *ratios.values()],
    ]
    part.tables = [table]
    part.targets = [Target("pickup p50 / bare loop", LIMIT, ratios["p50"])]
    part.figures = {
        **{f"{name}_ms": figures[name] for name in figures},
        "ratios": ratios,
        "jobs": plan.pickups,
    }
    return part
