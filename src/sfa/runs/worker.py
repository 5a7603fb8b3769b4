"""One worker process: takes jobs of its queues until told to stop, across restarts of the database."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from typing import Any

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker

from sfa import db, queue
from sfa.children.supervise import Children
from sfa.errors import BadSettings
from sfa.runs import lease
from sfa.runs.sweep import sweep
from sfa.runs.work import Tools
from sfa.settings import Settings

log = structlog.get_logger()

# The programs of a queue that take long to import: worth having warm.
SLOW_TO_START = {"processing": "sfa.children.separate", "analysis": "sfa.children.analyse"}
_AGAIN_S = 1.0
_TIDY_S = 60.0


async def run(settings: Settings, queues: list[str]) -> None:
    """Serve `queues` until SIGTERM or SIGINT.

    Raises
    ------
    BadSettings
        When there is no database to work for, or a queue of that name.
    """
    if settings.database_url is None:
        raise BadSettings("DATABASE_URL is not set.", fix="Start everything with ./sfa up, or set it.")
    if unknown := set(queues) - set(settings.slots):
        raise BadSettings(
            f"There is no queue {', '.join(sorted(unknown))}.",
            fix=f"The queues are {', '.join(settings.slots)}.",
        )
    conninfo = settings.database_url
    unit = os.environ.get("SFA_UNIT") or "worker-" + "-".join(queues)
    slots = settings.slots
    children = Children(_child_env(settings, queues), keep=max(slots[name] for name in queues))
    stop = _Stop()
    async with (
        db.open_pool(conninfo, size=4 + sum(slots[name] for name in queues), name=f"sfa {unit}") as pool,
        queue.open_queue(conninfo, stop.asked) as app,
    ):
        tools = Tools(settings=settings, pool=pool, children=children, name=unit)
        await lease.adopt(conninfo, unit)
        await sweep(settings, pool)
        beside = [
            asyncio.create_task(_look_after(children, queues)),
            asyncio.create_task(stop.hand_back(tools)),
        ]
        log.info("worker.ready", unit=unit, queues=queues)
        try:
            desks = [_Desk(app, conninfo, name, slots[name], tools) for name in queues]
            await asyncio.gather(*(desk.serve(stop) for desk in desks))
        finally:
            await _end(*beside)
            await children.close()
            log.info("worker.left", unit=unit)


class _Stop:
    """Asked by the first signal; now by the second, or when grace is over."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.now = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._heard)

    def _heard(self) -> None:
        (self.now if self.asked.is_set() else self.asked).set()

    async def hand_back(self, tools: Tools) -> None:
        """Once asked: let grace pass, then end what is still in hand; its task puts it back in the queue."""
        await self.asked.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(tools.settings.grace_s):
                await self.now.wait()
        told: set[asyncio.Task[Any]] = set()  # once each: a second cancel would disturb the handing back
        while True:
            for task in tools.in_hand - told:
                task.cancel()
                told.add(task)
            await asyncio.sleep(0.1)  # one may have been about to begin


@dataclass(frozen=True, slots=True)
class _Desk:
    """One queue in the hands of this process."""

    app: procrastinate.App
    conninfo: str
    queue: str
    slots: int
    tools: Tools

    async def serve(self, stop: _Stop) -> None:
        """Take jobs until told to stop. If procrastinate's worker ends before, another takes its place."""
        while not stop.asked.is_set():
            try:
                await self._serve_once(self._worker(), stop)
            except (*db.Away, ConnectorException) as error:
                log.warning("worker.waits", queue=self.queue, reason=str(error).partition("\n")[0])
            if not stop.asked.is_set():
                await asyncio.sleep(_AGAIN_S)

    async def _serve_once(self, worker: Worker, stop: _Stop) -> None:
        running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        beside = [asyncio.create_task(self._hold_lease(worker)), asyncio.create_task(stop.asked.wait())]
        try:
            await asyncio.wait({running, beside[1]}, return_when=asyncio.FIRST_COMPLETED)
            worker.stop()  # type: ignore[no-untyped-call]
            await running
        finally:
            await _end(*beside)

    def _worker(self) -> Worker:
        return Worker(
            self.app,
            queues=[self.queue],
            name=f"{self.tools.name}/{self.queue}",
            concurrency=self.slots,
            # A job committed while a fetch is under way is seen only by the next one.
            fetch_job_polling_interval=1.0,
            abort_job_polling_interval=1.0,
            # The lease says who is alive; a worker pruned for silence would lose jobs it is working on.
            stalled_worker_timeout=86_400.0,
            install_signal_handlers=False,
            additional_context={"tools": self.tools},
        )

    async def _hold_lease(self, worker: Worker) -> None:
        while worker.worker_id is None:  # noqa: ASYNC110 - procrastinate tells nobody when it has registered
            await asyncio.sleep(0.01)
        await lease.hold(
            self.conninfo, lease.Badge(worker.worker_id, self.tools.name, self.queue, self.slots)
        )


async def _look_after(children: Children, queues: list[str]) -> None:
    """Have the slow imports behind us when the first job comes, and end those that idle too long."""
    slow = [SLOW_TO_START[name] for name in queues if name in SLOW_TO_START]
    await asyncio.gather(*(children.warm(program) for program in slow))
    while True:
        await asyncio.sleep(_TIDY_S)
        await children.tidy()


async def _end(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _child_env(settings: Settings, queues: list[str]) -> dict[str, str]:
    cache = settings.data / "cache" / "numba"
    cache.mkdir(parents=True, exist_ok=True)
    # One separation may use every core: mostly there is one. Analyses share them.
    share = 1 if "processing" in queues else settings.slots["analysis"]
    threads = str(max(1, settings.threads // share))
    return {
        "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR") or str(cache),
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
    }
