"""Jobs of workers that died come back, whenever they died; rolled back."""

from __future__ import annotations

import pytest

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


async def test_job_that_no_worker_ever_heard_of_comes_back(conn):
    _, run = await forged(conn)
    _, job = await fetched(conn)  # and the answer was lost
    long_ago = "update procrastinate_events set at = at - interval '2 min' where job_id = %s"
    await conn.execute(long_ago, [job])
    await conn.execute(
        "update runs set queued_at = queued_at - interval '2 min' where id = %s", [run["decode"]]
    )
    for _ in range(2):
        await rows(conn, "select * from sfa.rejoin()")
    found = await one(
        conn,
        "select r.state::text, r.job_id <> %s, j.status::text from runs r"
        " join procrastinate_jobs j on j.id = r.job_id where r.id = %s",
        job,
        run["decode"],
    )
    assert found == ("queued", True, "todo")


async def test_job_that_has_just_been_handed_out_is_left_alone(conn):
    _, run = await forged(conn)
    _, job = await fetched(conn)
    assert await rows(conn, "select * from sfa.rejoin()") == []
    assert await one(conn, "select job_id from runs where id = %s", run["decode"]) == job


async def given_back(conn, worker, start):
    await conn.execute("select sfa.give_back(array[%s::bigint])", [worker])


async def requeued(conn, worker, start):
    await store.requeue(conn, start, delay_s=0, note="Tries again.", counts=True)


async def asked_for_again(conn, worker, start):
    await conn.execute("select sfa.cancel(%s), sfa.retry(%s)", [start.track_id, start.track_id])
    await store.end_cancelled(conn, start)


async def rejoined(conn, worker, start):
    await conn.execute("update progress set beat_at = beat_at - interval '1 min'")
    await conn.execute(
        "update runs set job_id = -1, started_at = started_at - interval '1 min' where id = %s", [start.id]
    )
    await conn.execute("select sfa.rejoin()")


@pytest.mark.parametrize("came_back", [given_back, requeued, asked_for_again, rejoined])
async def test_progress_of_a_start_is_gone_when_its_run_is_back_in_the_queue(conn, came_back):
    _, run = await forged(conn)
    worker, _ = await fetched(conn)
    start = await begun(conn, run["decode"])
    await store.beat(conn, start, done=0.5, note="reading")
    await came_back(conn, worker, start)
    assert await state(conn, run["decode"]) == "queued"
    assert await rows(conn, "select from progress where run_id = %s", start.id) == []
