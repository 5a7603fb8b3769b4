"""The pool, and the one way to open a transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from sfa.sql import Conn

Pool = AsyncConnectionPool[Conn]

# What "the database is away" looks like; whoever can wait, waits and tries again.
Away = (psycopg.OperationalError, PoolTimeout)

_KEEPALIVE: dict[str, Any] = {
    "connect_timeout": 5,
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
