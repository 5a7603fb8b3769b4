"""The least that a queue in PostgreSQL can be: LISTEN, and `for update skip locked`.

`python -m bench.bare_loop FILE` writes a line for each job it takes: the job's number and the time.
DATABASE_URL names the database; `pickup.py` makes the table.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import psycopg

_TAKE = """
update bare_jobs set status = 'doing'
 where id = (select id from bare_jobs where status = 'todo' order by id limit 1 for update skip locked)
returning id
"""


async def take_jobs(conninfo: str, marks: Path) -> None:
    """Until cancelled, or killed."""
    with marks.open("a", buffering=1) as file:
        async with (
            await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as ear,
            await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as hand,
        ):
            await ear.execute("listen bare_jobs")
            file.write("ready\n")
            await _drain(hand, file.write)
            async for _ in ear.notifies():
                await _drain(hand, file.write)


async def _drain(hand: psycopg.AsyncConnection[tuple[int]], write: object) -> None:
    assert callable(write)
    while row := await (await hand.execute(_TAKE)).fetchone():
        write(f"{row[0]} {time.time():.6f}\n")


if __name__ == "__main__":
    asyncio.run(take_jobs(os.environ["DATABASE_URL"], Path(sys.argv[1])))
