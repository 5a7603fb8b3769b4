"""The queue as workers hold it. Jobs are made by SQL (`sfa.dispatch`), beside the rows they are about.

procrastinate hands the work out; the truth about a run is its row in `runs`.
The web process and the command line never open the queue.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, LiteralString, TypeVar

import procrastinate
import structlog
from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException

from sfa import db
from sfa.sql import Conn

log = structlog.get_logger()

Answer = TypeVar("Answer")

_AGAIN_S = 0.5

app = procrastinate.App(
    connector=PsycopgConnector(),
    import_paths=[
        "sfa.imports.tasks",
        "sfa.library.tasks",
        "sfa.downloads.tasks",
        "sfa.separation.tasks",
        "sfa.analysis.tasks",
        "sfa.runs.tasks",
        "sfa.catalogue.tasks",
    ],
)


@asynccontextmanager
async def open_queue(conninfo: str, leaving: asyncio.Event) -> AsyncIterator[procrastinate.App]:
    """The queue with its tasks known, once per process. Until `leaving` is set, a database that is away is
    waited for."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    connector = _Patient(conninfo, leaving)
    with app.replace_connector(connector) as opened:
        async with opened.open_async():
            yield opened


class _Patient(PsycopgConnector):
    """For which the database never goes away: it only takes long to answer.

    procrastinate ends its worker when it loses the database, and a worker that
    ends lets nothing new begin until its longest job is over.

    What is asked again may have been done already. That is as well: an end
    that is told twice is refused, and a job that was handed out to nobody is
    found by `sfa.rejoin`.
    """

    def __init__(self, conninfo: str, leaving: asyncio.Event) -> None:
        # Short waits: how long one may be patient is decided here. An attempt to reconnect that is given up
        # early makes room for the next, instead of one in ever longer intervals.
        super().__init__(
            conninfo=conninfo, min_size=1, max_size=4, timeout=3, reconnect_timeout=3, configure=_autocommit
        )
        self._leaving = leaving

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        ask = super().execute_query_async
        await self._patiently(lambda: ask(query, **arguments))

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        ask = super().execute_query_one_async
        return await self._patiently(lambda: ask(query, **arguments))

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        ask = super().execute_query_all_async
        return await self._patiently(lambda: ask(query, **arguments))

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        listen = super().listen_notify
        await self._patiently(lambda: listen(on_notification, channels))

    async def _patiently(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        while True:
            try:
                return await ask()
            except ConnectorException as error:
                if self._leaving.is_set() or not isinstance(error.__cause__, db.Away):
                    raise
                log.warning("queue.away", reason=str(error.__cause__).partition("\n")[0])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_AGAIN_S):
                    await self._leaving.wait()


async def _autocommit(conn: Conn) -> None:
    # Not as a connection argument: the listener passes its own and would meet it twice.
    await conn.set_autocommit(True)
    # Who fetched a job and that it ended need no fsync of their own: a crash that forgets it hands the job
    # out again, and the fence of the run, whose commits are synchronous, sees to the rest.
    await conn.execute("set synchronous_commit to off")
