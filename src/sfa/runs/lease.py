"""How a worker is known to be alive, and how the jobs of dead ones come back.

A worker holds an advisory lock on a connection of its own. The kernel closes
the socket of a killed process and the server frees the lock at once: no
heartbeat to miss, no timeout to guess. The same connection asks once a second
whether others have died.
"""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass
from importlib.metadata import version

import psycopg
import structlog

from sfa import db
from sfa.runs import store
from sfa.sql import Conn

log = structlog.get_logger()

_LOOK_S = 1.0
_RECONNECT_S = 0.3


@dataclass(frozen=True, slots=True)
class Badge:
    """Who a worker is."""

    worker_id: int  # of procrastinate
    unit: str  # what the supervisor or systemd calls it; the same after a restart
    queue: str
    slots: int

    @property
    def host(self) -> str:
        return socket.gethostname()


async def hold(conninfo: str, badge: Badge) -> None:
    """Hold the lock until cancelled; taken again after the server was away."""
    while True:
        try:
            async with await db.connect(conninfo, name=f"sfa lease {badge.unit}") as conn:
                await store.take_lease(conn, badge.worker_id)
                await store.sign_in(
                    conn,
                    worker_id=badge.worker_id,
                    host=badge.host,
                    unit=badge.unit,
                    pid=os.getpid(),
                    queues=[badge.queue],
                    slots=badge.slots,
                    version=version("sfa"),
                )
                try:
                    await _look_after_others(conn)
                finally:
                    await _sign_out(conn, badge)
        except psycopg.Error as error:  # whatever it is: without a lease others take this worker for dead
            log.warning("lease.lost", unit=badge.unit, reason=str(error).partition("\n")[0])
            await asyncio.sleep(_RECONNECT_S)


async def adopt(conninfo: str, unit: str) -> None:
    """At the start of a unit: its predecessor is dead for certain, its jobs need not wait for a verdict."""
    async with await db.connect(conninfo, name=f"sfa adopt {unit}") as conn:
        if given_back := await store.adopt(conn, host=socket.gethostname(), unit=unit):
            log.warning("jobs.adopted", unit=unit, jobs=given_back)


async def _look_after_others(conn: Conn) -> None:
    while True:
        for reaped in await store.reap(conn):
            log.warning("job.reaped", run_id=reaped.run_id, what=reaped.what)
        await asyncio.sleep(_LOOK_S)


async def _sign_out(conn: Conn, badge: Badge) -> None:
    if conn.closed or conn.broken:
        return
    try:
        async with asyncio.timeout(1):
            await store.sign_out(conn, badge.worker_id)
    except (*db.Away, TimeoutError):
        return  # the row says when it was lost, and the reaper clears it
