"""The queue as workers hold it. Jobs are made by SQL (`sfa.dispatch`), beside the rows they are about.

procrastinate hands the work out; the truth about a run is its row in `runs`.
The web process and the command line never open the queue.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import procrastinate
from procrastinate import PsycopgConnector

from sfa.sql import Conn

app = procrastinate.App(
    connector=PsycopgConnector(),
    import_paths=["sfa.library.tasks", "sfa.separation.tasks", "sfa.analysis.tasks", "sfa.runs.tasks"],
)


@asynccontextmanager
async def open_queue(conninfo: str) -> AsyncIterator[procrastinate.App]:
    """The queue with its tasks known, once per process; its pool outlives a restart of the server."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    connector = PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4, configure=_autocommit)
    with app.replace_connector(connector) as opened:
        async with opened.open_async():
            yield opened


async def _autocommit(conn: Conn) -> None:
    # Not as a connection argument: the listener passes its own and would meet it twice.
    await conn.set_autocommit(True)
    # Who fetched a job and that it ended need no fsync of their own: a crash that forgets it hands the job
    # out again, and the fence of the run, whose commits are synchronous, sees to the rest.
    await conn.execute("set synchronous_commit to off")
