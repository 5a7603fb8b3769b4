"""How soon a commit is at every open page, beside the least that could bring it there."""

from __future__ import annotations

import asyncio
import random
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bench import pages
from bench.ground import Ground, free_port, running, settle, wait_for
from bench.plan import Plan, say
from bench.report import Part, Table, quantile
from sfa import db
from sfa.settings import ROOT
from sfa.sql import Conn

METHOD = """
Milliseconds from the moment COMMIT is sent until the bytes are read by a client: asyncio clients on real
sockets, all in one process that is not the server's. *Row*: a track gets another title, and every client, a
library page, is sent its row as HTML. *Beat*: progress of a running track as a worker reports it, sent as
the row too. *Bare*: one process, `LISTEN`, the payload of the notification written to every socket, told by
an insert and `pg_notify`. All three by turns, one at a time with a random pause between; figures are of all
clients and all news together, so with a thousand clients p50 is the client in the middle.
""".strip()
_PATIENCE_S = 60.0
_TRACKS = 100
_PAUSE_S = (0.12, 0.25)  # longer than what news that follow other news wait for: see sfa.events

_TITLE = "update tracks set title = %s where id = %s"
_BEAT = "select sfa.beat(id, fence, %s, %s) from runs where id = %s"
_BARE = "insert into bare_news (mark) values (%s)"
_TELL = "select pg_notify('bare_news', %s)"
_RUNNING = "select id from runs where state = 'running' order by id limit 1"

Put = Callable[[Conn, int], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class _Stage:
    """A studio's own web process and a bare one on one database, and a track of either kind."""

    conninfo: str
    port: int
    bare_port: int
    track: UUID
    run_id: int
    folder: Path


def measure(ground: Ground, plan: Plan) -> Part:
    with _stage(ground) as stage:
        took = {clients: _round(stage, ground, plan, clients) for clients in plan.live_clients}
    return _part(took, plan)


@contextmanager
def _stage(ground: Ground) -> Iterator[_Stage]:
    conninfo = ground.database("live")
    track = pages.fill(conninfo, _TRACKS)
    folder, ports = ground.folder / "live", (free_port(), free_port())
    run_id = asyncio.run(_prepare(conninfo))
    env = ground.env(conninfo, folder / "data", {"SFA_PORT": str(ports[0])})
    with ExitStack() as held:
        for name, argv in [
            ("web", [str(ROOT / "web.py")]),
            ("bare", ["-m", "bench.bare_tell", str(ports[1])]),
        ]:
            held.enter_context(running([sys.executable, *argv], env, folder / f"{name}.log"))
        wait_for(f"http://127.0.0.1:{ports[0]}")
        yield _Stage(conninfo, *ports, track, run_id, folder)


async def _prepare(conninfo: str) -> int:
    async with await db.connect(conninfo, name="sfa bench") as conn:
        await conn.execute("create table bare_news (mark bigint)")
        row = await (await conn.execute(_RUNNING)).fetchone()
        assert row is not None
        return int(row[0])


def _round(stage: _Stage, ground: Ground, plan: Plan, clients: int) -> dict[str, list[float]]:
    """So many clients of either server; milliseconds until each had each piece of news."""
    say(f"live: {clients} clients, {plan.live_marks} news of each kind")
    with urllib.request.urlopen(f"http://127.0.0.1:{stage.port}/library") as page:
        after = pages.cursor_in(page.read())
    paths = {"ours": (stage.port, f"/events?page=library&after={after}"), "bare": (stage.bare_port, "/")}
    files = {name: stage.folder / f"{name}-{clients}.txt" for name in paths}
    with ExitStack() as held:
        ears = []
        for name, (port, path) in paths.items():
            argv = [sys.executable, "-m", "bench.live_ears", str(port), path, str(clients), str(files[name])]
            log = stage.folder / f"{name}-{clients}.log"
            ears.append(held.enter_context(running(argv, ground.plain_env(), log)))
        _until(lambda: all("ready" in _lines(file) for file in files.values()))
        settle(*ears)
        return asyncio.run(_send(stage, plan, clients, files))


async def _send(stage: _Stage, plan: Plan, clients: int, files: dict[str, Path]) -> dict[str, list[float]]:
    chance = random.Random(1)
    puts: dict[str, tuple[str, Put]] = {
        "bare": ("bare", _put_bare),
        "row": ("ours", _put_row(stage.track)),
        "beat": ("ours", _put_beat(stage.run_id)),
    }
    took: dict[str, list[float]] = {kind: [] for kind in puts}
    async with await db.connect(stage.conninfo, name="sfa bench") as conn:
        for number in range(1, plan.live_marks + 2):
            for kind, (ears, put) in puts.items():
                await asyncio.sleep(chance.uniform(*_PAUSE_S))
                mark = clients * 1_000_000 + number * 10 + list(puts).index(kind)
                sent = await put(conn, mark)
                got = await asyncio.to_thread(_arrivals, files[ears], mark, clients)
                if number > 1:  # the first of all has templates to compile
                    took[kind] += [1000 * (at - sent) for at in got]
    return took


async def _put_bare(conn: Conn, mark: int) -> float:
    async with conn.transaction():
        await conn.execute(_BARE, [mark])
        await conn.execute(_TELL, [f"mark-{mark}"])
        return time.time()


def _put_row(track: UUID) -> Put:
    async def put(conn: Conn, mark: int) -> float:
        async with conn.transaction():
            await conn.execute(_TITLE, [f"mark-{mark}", track])
            return time.time()

    return put


def _put_beat(run_id: int) -> Put:
    async def put(conn: Conn, mark: int) -> float:
        async with conn.transaction():
            await conn.execute(_BEAT, [0.4, f"mark-{mark}", run_id])
            return time.time()

    return put


def _arrivals(file: Path, mark: int, clients: int) -> list[float]:
    """When each client had it, once all of them have."""
    found: list[float] = []

    def all_there() -> bool:
        found[:] = [float(line.split()[1]) for line in _lines(file) if line.startswith(f"{mark} ")]
        return len(found) == clients

    _until(all_there)
    return found


def _lines(file: Path) -> list[str]:
    """The whole ones."""
    return file.read_text().split("\n")[:-1] if file.exists() else []


def _until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError("news did not come to every client")
        time.sleep(0.05)


def _part(took: dict[int, dict[str, list[float]]], plan: Plan) -> Part:
    part = Part("live", f"Live pages, {plan.live_marks} news of each kind", METHOD)
    table = Table(["commit to bytes (ms)", "clients", "p50", "p95", "p50 / bare", "p95 / bare"])
    titles = {"bare": "bare LISTEN + socket write", "row": "row of a track", "beat": "progress beat"}
    for clients, of_kind in took.items():
        figures = {kind: [quantile(ms, share) for share in (0.5, 0.95)] for kind, ms in of_kind.items()}
        for kind, title in titles.items():
            ratios = [ours / bare for ours, bare in zip(figures[kind], figures["bare"], strict=True)]
            table.rows.append([title, clients, *figures[kind], *ratios])
        part.figures[f"{clients}_clients_ms"] = figures
    part.tables = [table]
    return part
