"""The pool, the one way to open a transaction, and what to say when there is no database."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import PGconn, Ping
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from sfa.errors import BadSettings, SfaError
from sfa.sql import Conn

Pool = AsyncConnectionPool[Conn]

# What "the database is away" looks like; whoever can wait, waits and tries again.
Away = (psycopg.OperationalError, PoolTimeout)

_KNOCK_S = 5  # for one attempt to reach a server that says nothing
_STARTING_S = 30.0
_AGAIN_S = 0.3
_OR_OURS = "or unset DATABASE_URL to use the one that the studio brings."

_KEEPALIVE: dict[str, Any] = {
    "connect_timeout": _KNOCK_S,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


@asynccontextmanager
async def open_pool(conninfo: str, *, size: int, name: str) -> AsyncIterator[Pool]:
    """A pool that outlives a restart of the server: dead connections are noticed at checkout."""
    pool: Pool = AsyncConnectionPool(
        conninfo,
        min_size=1,
        max_size=size,
        open=False,
        check=AsyncConnectionPool.check_connection,
        timeout=10,
        max_idle=300,
        reconnect_timeout=5,
        kwargs={"autocommit": True, "application_name": name, **_KEEPALIVE},
    )
    async with pool:
        yield pool


async def connect(conninfo: str, *, name: str) -> Conn:
    """A connection of one's own, in autocommit: for listening, for a lease, for a command."""
    return await psycopg.AsyncConnection.connect(
        conninfo,
        autocommit=True,
        application_name=name,
        **_KEEPALIVE,
    )


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Conn]:
    """A connection whose work is committed at the end of the block, or not at all."""
    async with pool.connection() as conn, conn.transaction():
        yield conn


@asynccontextmanager
async def snapshot(pool: Pool) -> AsyncIterator[Conn]:
    """A read-only transaction in which every statement sees the same moment."""
    async with transaction(pool) as conn:
        await conn.execute("set transaction isolation level repeatable read read only")
        yield conn


def reach(url: str, *, patience_s: float = 0.0, on_wait: Callable[[str], None] | None = None) -> int:
    """Make sure that the database of DATABASE_URL takes connections; the release of its server.

    A server that is starting is waited for; one that does not answer, for `patience_s` only. `on_wait` hears
    why, before the first wait.

    Raises
    ------
    BadSettings
        When the address cannot be understood.
    SfaError
        When it cannot be had; with the reason.
    """
    began = time.monotonic()
    while True:
        try:
            with psycopg.connect(url, connect_timeout=_KNOCK_S, application_name="sfa") as conn:
                return conn.info.server_version // 10000
        except psycopg.OperationalError as error:
            state = _state(url, error)
            limit_s = {Ping.REJECT: _STARTING_S, Ping.NO_RESPONSE: patience_s}.get(state, 0.0)
            if time.monotonic() - began >= limit_s:
                raise _unreachable(url, error, state) from error
            if on_wait is not None:
                on_wait(_said(error))
                on_wait = None
        except psycopg.ProgrammingError as error:  # its words would show the password
            raise BadSettings(
                "DATABASE_URL cannot be understood.", fix="It looks like postgresql://user@host/name."
            ) from error
        time.sleep(_AGAIN_S)


def _state(url: str, error: psycopg.OperationalError) -> Ping:
    """What kind of refusal it was. The error itself only has words, in the language of the server."""
    if error.pgconn is None:  # it came to no conversation: no such host, or no answer in time
        return Ping.NO_RESPONSE
    return Ping(PGconn.ping(make_conninfo(url, connect_timeout=_KNOCK_S).encode()))


def _unreachable(url: str, error: psycopg.OperationalError, state: Ping) -> SfaError:
    if state == Ping.OK:
        return SfaError(
            f"The server of DATABASE_URL answers, and refuses: {_said(error)}.",
            fix=f"Correct the user, the password or the name of the database in it, {_OR_OURS}",
        )
    if state == Ping.REJECT:
        return SfaError(
            f"The server of DATABASE_URL takes no connections yet: {_said(error)}.",
            fix="Look at that server's log, and try again once it has started.",
        )
    said = _said(error)
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        where = conninfo_to_dict(url)
        said = f"no word from {where.get('host')}, port {where.get('port', 5432)}, for {_KNOCK_S} s"
    return SfaError(
        f"The database of DATABASE_URL does not answer: {said}.", fix=f"Start that server, {_OR_OURS}"
    )


def _said(error: psycopg.OperationalError) -> str:
    """The point of what libpq says: after it come questions, and before it where it was."""
    first = str(error).strip().partition("\n")[0]
    return first.rpartition("FATAL:")[2].removeprefix("connection failed:").strip().rstrip(".")
