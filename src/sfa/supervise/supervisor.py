"""The one process that owns a running studio, and the order in which it starts and ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog

from sfa.errors import BadSettings
from sfa.settings import ROOT, Settings
from sfa.supervise.database import Database
from sfa.supervise.notify import tell_systemd
from sfa.supervise.owner import Owned, Owner, hide, owning, show, without_clients
from sfa.supervise.program import Kept, Program
from sfa.supervise.store import open_runs

log = structlog.get_logger()

_TAKE_OVER_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a supervisor runs, and how it knows what is left to do. Tests have smaller ones."""

    programs: Callable[[Settings, str], list[Program]]
    migrate: Callable[[str], object]
    open_work: Callable[[str], int]
    web: bool = True
    margin_s: float = 10.0  # beyond the grace of a worker, for what it does after its job has ended


class Supervisor:
    """Everything under one parent: when it goes, by any cause, nothing of it stays."""

    def __init__(self, settings: Settings, plan: Plan, *, until_idle_s: float | None = None) -> None:
        self._settings = settings
        self._plan = plan
        self._until_idle_s = until_idle_s
        self._leaving = asyncio.Event()
        self._kept: list[Kept] = []

    async def run(self) -> None:
        """Until a signal says so, or until there has been nothing to do for long enough.

        Raises
        ------
        Owned
            When a studio runs for this folder; one that a command started is asked to make room.
        SfaError
            When something that all depends on cannot be had.
        """
        self._hear_signals()
        with ExitStack() as held:
            me = await self._own(held)
            database = Database(self._settings)
            try:
                conninfo = await database.start()
                if not self._leaving.is_set():
                    applied = await asyncio.to_thread(self._plan.migrate, conninfo)
                    log.info("database.ready", applied=applied)
                    await self._serve(me, database, conninfo)
            finally:
                await database.stop()
                log.info("studio.ended")

    async def _serve(self, me: Owner, database: Database, conninfo: str) -> None:
        self._kept = [Kept(program) for program in self._plan.programs(self._settings, conninfo)]
        watches = [database.watch(), self._reassure_systemd()]
        if self._until_idle_s is not None:
            watches.append(self._leave_when_idle(conninfo, self._until_idle_s))
        web = f"http://{_in_address(self._settings.host)}:{self._settings.port}" if self._plan.web else None
        if web:
            watches.append(self._announce(web))
        show(self._settings.data, me, database_url=conninfo, web=web)
        keeping = [asyncio.create_task(self._guard(kept.keep())) for kept in self._kept]
        watching = [asyncio.create_task(self._guard(watch)) for watch in watches]
        try:
            await self._leaving.wait()
        finally:
            hide(self._settings.data)
            tell_systemd("STOPPING=1")
            log.info("studio.ending", grace_s=self._settings.grace_s)
            for task in watching:
                task.cancel()
            grace_s = self._settings.grace_s + self._plan.margin_s
            await asyncio.gather(*(kept.stop(grace_s) for kept in self._kept))
            await asyncio.gather(*keeping)
        for task in watching:
            with suppress(asyncio.CancelledError):
                await task  # what ended the studio is told

    async def _guard(self, watch: Coroutine[Any, Any, None]) -> None:
        try:
            await watch
        except BaseException:
            self._leaving.set()
            raise

    async def _own(self, held: ExitStack) -> Owner:
        """The folder, for as long as `held` is open. One that a command has put there makes room for `up`."""
        headless = self._until_idle_s is not None
        deadline = time.monotonic() + self._settings.grace_s + _TAKE_OVER_S
        asked: Owner | None = None
        while True:
            try:
                return held.enter_context(owning(self._settings.data, headless=headless))
            except Owned as owned:
                other = owned.owner
                late = time.monotonic() > deadline or self._leaving.is_set()
                if headless or late or (other is not None and not other.headless):
                    raise
            if asked is None and other is not None:
                log.info("studio.taking_over", process=other.pid)
                with suppress(ProcessLookupError):
                    os.kill(other.pid, signal.SIGTERM)
                asked = other
            await asyncio.sleep(0.1)

    async def _leave_when_idle(self, conninfo: str, idle_s: float) -> None:
        busy_at = time.monotonic()
        while True:
            await asyncio.sleep(min(1.0, idle_s / 4))
            with without_clients(self._settings.data) as alone:
                if not alone or await asyncio.to_thread(self._has_work, conninfo):
                    busy_at = time.monotonic()
                elif time.monotonic() - busy_at >= idle_s:
                    log.info("studio.idle", for_s=round(time.monotonic() - busy_at))
                    hide(self._settings.data)  # before a client can come in again
                    self._leaving.set()
                    return

    def _has_work(self, conninfo: str) -> bool:
        try:
            return self._plan.open_work(conninfo) > 0
        except psycopg.Error:  # no news: the time since the last news decides
            return False

    async def _announce(self, web: str) -> None:
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(self._settings.host, self._settings.port)
                writer.close()
                break
            await asyncio.sleep(0.1)
        log.info("studio.up", web=web)

    async def _reassure_systemd(self) -> None:
        tell_systemd(f"READY=1\nMAINPID={os.getpid()}")
        while True:
            await asyncio.sleep(10)
            tell_systemd("WATCHDOG=1")

    def _hear_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self._leaving.is_set():
            log.info("studio.hurrying")
            for kept in self._kept:
                kept.hurry()
        self._leaving.set()


def studio(*, web: bool) -> Plan:
    """The real one."""
    from sfa.migrate import (
        migrate,
    )  # half a second of imports, which a studio that is refused need not wait for

    def programs(settings: Settings, conninfo: str) -> list[Program]:
        env = {
            "DATABASE_URL": conninfo,
            "SFA_DATA": str(settings.data),
            "SFA_HOST": settings.host,
            "SFA_PORT": str(settings.port),
            "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR") or str(settings.data / "cache" / "numba"),
        }
        workers = str(ROOT / "workers.py")
        made = [
            Program(
                f"worker-{queue}", [sys.executable, workers, queue], {**env, "SFA_UNIT": f"worker-{queue}"}
            )
            for queue in settings.slots
        ]
        if web:
            made.insert(0, Program("web", [sys.executable, str(ROOT / "web.py")], env))
        return made

    return Plan(programs=programs, migrate=migrate, open_work=open_runs, web=web)


def with_free_port(settings: Settings) -> int:
    """The port to listen on: the one that was asked for if it is free, any free one for 0.

    Raises
    ------
    BadSettings
        When it is taken, or the host is not one of ours.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            raise BadSettings(
                f"The page cannot be served on {settings.host}:{settings.port}: {error.strerror}.",
                fix=f"Choose another port: SFA_PORT={settings.port + 1} ./sfa up",
            ) from error
        return int(trial.getsockname()[1])


def _in_address(host: str) -> str:
    shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    return f"[{shown}]" if ":" in shown else shown
