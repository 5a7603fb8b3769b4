"""Real workers whose database goes away for a while, with jobs in hand."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict

from sfa import runs
from tests.conftest import until
from tests.make import take_in, wav
from tests.runs.test_worker import ALL_DONE, LONG, LONG_S, MOVING, STATE, children_of, value


@contextlib.contextmanager
def standing_still():
    """`hold(worker)` stops its separations in their middle; they go on when the block ends."""
    held = []

    def hold(worker):
        for child in children_of(worker):
            if "sfa.children.separate" in child.cmdline() and child not in held:
                child.suspend()
                held.append(child)

    try:
        yield hold
    finally:
        for child in held:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.resume()


@contextlib.asynccontextmanager
async def refusing(server, settings):
    """The database ends every connection, and takes no new one until the block ends."""
    name = conninfo_to_dict(settings.database_url)["dbname"]
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as control:
        await control.execute(f'alter database "{name}" allow_connections false')
        try:
            await control.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
            )
            yield
        finally:
            await control.execute(f'alter database "{name}" allow_connections true')


async def outage(server, settings):
    async with refusing(server, settings):
        await asyncio.sleep(1.5)


async def test_queue_stays_open_across_an_outage_while_an_old_job_goes_on(
    pool, server, settings, account, worker
):
    one = worker(env={"SFA_PROCESSING_SLOTS": "2"})
    with standing_still() as hold:
        first = await take_in(pool, settings, account, wav(seconds=LONG_S), **LONG)
        await until(pool, MOVING, track=first.track_id, stage="separation")
        hold(one)
        await outage(server, settings)
        second = await take_in(pool, settings, account, wav(seconds=LONG_S, hz=330), **LONG)
        await until(pool, MOVING, track=second.track_id, stage="separation")
        hold(one)
        assert await value(pool, STATE, track=first.track_id, stage="separation") == "running"
        # Those two are all its slots, also where one of them is from before.
        third = await take_in(pool, settings, account, wav(seconds=2, hz=440), **LONG)
        await until(pool, STATE, "done", track=third.track_id, stage="analysis")
        assert await value(pool, STATE, track=third.track_id, stage="separation") == "queued"
    for taken in (first, second, third):
        await until(pool, ALL_DONE, track=taken.track_id)
    tries = "select max(attempts) || '/' || max(losses) from runs where stage = 'separation'"
    assert await value(pool, tries) == "1/0"


async def test_cancel_reaches_a_job_that_has_lived_through_an_outage(pool, server, settings, account, worker):
    one = worker()
    taken = await take_in(pool, settings, account, wav(seconds=LONG_S), **LONG)
    await until(pool, MOVING, track=taken.track_id, stage="separation")
    with standing_still() as hold:  # so that it cannot hear of it by its next word
        hold(one)
        await outage(server, settings)
        async with pool.connection() as conn:
            await runs.cancel(conn, account_id=account, track_id=taken.track_id)
        await until(pool, STATE, "cancelled", track=taken.track_id, stage="separation")


async def test_worker_leaves_when_it_is_told_to_though_the_database_is_away(pool, server, settings, worker):
    one = worker("download")
    await until(pool, "select count(*) = 1 from look.workers where alive")
    async with refusing(server, settings):
        await asyncio.sleep(2)
        began = time.monotonic()
        one.process.send_signal(signal.SIGTERM)
        status = await asyncio.to_thread(one.process.wait, 30)
        assert (status, time.monotonic() - began < 20) == (0, True)
