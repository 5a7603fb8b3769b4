"""Jobs of workers that died come back, whenever they died; rolled back."""

from __future__ import annotations

from sfa.runs import store
from tests.runs.test_store import begun, forged, one, rows, state


async def fetched(conn):
    """A registered worker that holds no lock and never signed in, with a job in hand."""
    worker = await one(conn, "select worker_id from procrastinate_register_worker_v1()")
    job = await one(conn, "select (procrastinate_fetch_job_v2(array['download'], %s)).id", worker)
    return worker, job


async def test_worker_that_died_before_it_signed_in_is_found(conn):
    await forged(conn)
    worker, job = await fetched(conn)
    assert worker not in await one(conn, "select sfa.the_lost('2 s')")
    await conn.execute("update procrastinate_events set at = at - interval '1 min' where job_id = %s", [job])
    assert worker in await one(conn, "select sfa.the_lost('2 s')")


async def test_what_a_dead_worker_held_waits_like_the_rest_while_its_queue_is_paused(conn):
    track, run = await forged(conn)
    worker, job = await fetched(conn)
    await begun(conn, run["decode"])
    await conn.execute("select sfa.pause('download'), sfa.prioritise(%s, 5)", [track])
    await conn.execute("select sfa.give_back(array[%s::bigint])", [worker])
    found = await one(
        conn,
        "select status::text, scheduled_at = sfa.never(), priority from procrastinate_jobs where id = %s",
        job,
    )
    assert found == ("todo", True, 5)


async def test_what_was_cancelled_and_asked_for_again_survives_its_worker(conn):
    track, run = await forged(conn)
    worker, job = await fetched(conn)
    await begun(conn, run["decode"])
    await conn.execute("select sfa.cancel(%s), sfa.retry(%s)", [track, track])
    await conn.execute("select sfa.give_back(array[%s::bigint])", [worker])
    assert await state(conn, run["decode"]) == "queued"
    assert await one(conn, "select status::text from procrastinate_jobs where id = %s", job) == "todo"


async def test_run_whose_job_vanishes_time_and_again_fails_at_last(conn):
    _, run = await forged(conn)
    lost = "update runs set job_id = -1, started_at = started_at - interval '1 min' where id = %s"
    for _ in range(10):
        start = await begun(conn, run["decode"])
        await conn.execute(lost, [run["decode"]])
        await rows(conn, "select * from sfa.rejoin()")
    assert await state(conn, run["decode"]) == "failed"
    assert not await store.finish(conn, start, {})


async def test_words_that_no_database_takes_do_not_keep_a_run_from_failing(conn):
    _, run = await forged(conn)
    start = await begun(conn, run["decode"])
    await store.fail(conn, start, code="crashed", error="nul \0 and \udcff", fix="", evidence="\0")
    assert await one(conn, "select error from runs where id = %s", run["decode"]) == "nul  and ?"
