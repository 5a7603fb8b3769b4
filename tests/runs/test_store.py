"""The rows of a run through its life, as a worker writes them; everything rolled back."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from sfa.runs import store
from tests.make import add_track

ENGINE_FAILED = {"code": "crashed", "error": "It broke.", "fix": "Retry.", "evidence": "stack"}


async def rows(conn, query, *params):
    return await (await conn.execute(query, params)).fetchall()


async def one(conn, query, *params):
    found = await rows(conn, query, *params)
    assert len(found) == 1
    return found[0] if len(found[0]) > 1 else found[0][0]


async def forged(conn, model="htdemucs", **columns):
    """A track with its four runs; ids of the runs by stage."""
    track = await add_track(conn, **columns)
    await conn.execute("select sfa.forge_track(%s, %s)", [track, model])
    found = await rows(conn, "select stage, id from runs where track_id = %s", track)
    return track, dict(found)


async def begun(conn, run_id):
    job = await one(conn, "select job_id from runs where id = %s", run_id)
    start = await store.begin(conn, run_id, job_id=job, worker="a worker", start_id=uuid4())
    assert start is not None
    return start


async def state(conn, run_id):
    return await one(conn, "select state::text from runs where id = %s", run_id)


async def test_only_what_needs_nothing_is_dispatched(conn):
    track, _ = await forged(conn)
    found = await rows(conn, "select stage, state::text from runs where track_id = %s order by id", track)
    assert found == [
        ("decode", "queued"),
        ("analysis", "blocked"),
        ("separation", "blocked"),
        ("stem_analysis", "blocked"),
    ]


async def test_end_of_a_stage_dispatches_what_waited_for_it(conn):
    _, run = await forged(conn)
    assert await store.finish(conn, await begun(conn, run["decode"]), {})
    assert [await state(conn, run[s]) for s in ("analysis", "separation")] == ["queued", "queued"]
    assert await state(conn, run["stem_analysis"]) == "blocked"
    assert await store.finish(conn, await begun(conn, run["separation"]), {})
    assert await state(conn, run["stem_analysis"]) == "queued"


async def test_every_job_carries_its_run(conn):
    _, run = await forged(conn)
    job = await one(
        conn,
        "select queue_name, task_name, args from procrastinate_jobs j join runs r on r.job_id = j.id"
        " where r.id = %s",
        run["decode"],
    )
    assert job == ("download", "library.decode", {"run_id": run["decode"]})


async def test_what_a_superseded_start_says_does_not_count(conn):
    _, run = await forged(conn)
    old = await begun(conn, run["decode"])
    new = await begun(conn, run["decode"])
    assert new.fence == old.fence + 1
    assert not await store.beat(conn, old, done=0.5, note="")
    assert not await store.finish(conn, old, {})
    await store.fail(conn, old, **ENGINE_FAILED)
    assert await state(conn, run["decode"]) == "running"
    assert await store.finish(conn, new, {})


async def test_stale_job_begins_nothing(conn):
    _, run = await forged(conn)
    assert await store.begin(conn, run["decode"], job_id=-1, worker="a worker", start_id=uuid4()) is None
    assert await state(conn, run["decode"]) == "queued"


async def test_start_whose_answer_was_lost_is_the_same_start_when_it_is_said_again(conn):
    _, run = await forged(conn)
    job = await one(conn, "select job_id from runs where id = %s", run["decode"])
    said = {"job_id": job, "worker": "a worker", "start_id": uuid4()}
    first = await store.begin(conn, run["decode"], **said)
    assert await store.begin(conn, run["decode"], **said) == first
    assert (first.fence, first.attempts) == (1, 1)
    other = await store.begin(conn, run["decode"], **{**said, "start_id": uuid4()})
    assert (other.fence, other.attempts) == (2, 2)


async def test_start_that_was_given_back_meanwhile_does_not_begin_when_it_is_said_again(conn):
    _, run = await forged(conn)
    job = await one(conn, "select job_id from runs where id = %s", run["decode"])
    said = {"job_id": job, "worker": "a worker", "start_id": uuid4()}
    await store.begin(conn, run["decode"], **said)
    await conn.execute("update procrastinate_jobs set status = 'doing' where id = %s", [job])
    await rows(conn, "select * from sfa.give_back('{}')")
    assert await store.begin(conn, run["decode"], **said) is None
    assert await state(conn, run["decode"]) == "queued"


async def test_progress_never_goes_back_within_a_start_and_begins_anew_with_the_next(conn):
    track, run = await forged(conn)
    start = await begun(conn, run["decode"])
    await store.beat(conn, start, done=0.6, note="reading")
    await store.beat(conn, start, done=0.4, note="reading")
    seen = (await store.of_tracks(conn, [track]))[track][0]
    assert (seen.percent, seen.note) == (60, "reading")
    await begun(conn, run["decode"])
    assert (await store.of_tracks(conn, [track]))[track][0].percent == 0


async def test_requeued_run_gets_a_new_job_and_says_why(conn):
    _, run = await forged(conn)
    start = await begun(conn, run["decode"])
    job = await one(conn, "select job_id from runs where id = %s", run["decode"])
    await store.requeue(conn, start, delay_s=30, note="Tries again.", counts=True)
    found = await one(
        conn,
        "select r.state::text, r.note, r.attempts, j.scheduled_at > now(), r.job_id <> %s"
        " from runs r join procrastinate_jobs j on j.id = r.job_id where r.id = %s",
        job,
        run["decode"],
    )
    assert found == ("queued", "Tries again.", 1, True, True)


async def test_being_told_to_stop_is_no_attempt(conn):
    _, run = await forged(conn)
    start = await begun(conn, run["decode"])
    await store.requeue(conn, start, delay_s=0, note="Stopped.", counts=False)
    assert await one(conn, "select attempts from runs where id = %s", run["decode"]) == 0


async def test_failure_is_a_row_that_a_person_can_read(conn):
    track, run = await forged(conn, title="Blue", file_name="blue.wav")
    await store.fail(conn, await begun(conn, run["decode"]), **ENGINE_FAILED)
    found = await rows(
        conn, "select title, stage, error, fix, evidence from look.failures where track_id = %s", track
    )
    assert found == [("Blue", "Decode", "It broke.", "Retry.", "stack")]
    assert await one(conn, "select state, error from look.tracks where track_id = %s", track) == (
        "failed",
        "It broke.",
    )


async def test_failed_run_without_a_reason_cannot_be_written(conn):
    _, run = await forged(conn)
    with pytest.raises(psycopg.errors.CheckViolation, match="runs_failed_says_why"):
        await conn.execute(
            "update runs set state = 'failed', finished_at = now() where id = %s", [run["decode"]]
        )


async def test_same_stage_cannot_be_open_twice(conn):
    track, _ = await forged(conn)
    with pytest.raises(psycopg.errors.UniqueViolation, match="runs_one_open"):
        await conn.execute("insert into runs (track_id, stage) values (%s, 'analysis')", [track])


async def test_eta_is_learned_from_runs_that_ended(conn):
    sound = {"duration_s": 100.0, "frames": 1, "sample_rate": 1, "channels": 1}
    _, first = await forged(conn, **sound)
    start = await begun(conn, first["decode"])
    await conn.execute(
        "update runs set started_at = clock_timestamp() - interval '20 s' where id = %s", [start.id]
    )
    await store.finish(conn, start, {})
    _, second = await forged(conn, **{**sound, "duration_s": 50.0})
    left = await one(conn, "select left_s from look.runs where run_id = %s", second["decode"])
    assert left == pytest.approx(10, abs=0.5)


async def test_eta_of_a_queued_run_counts_what_stands_before_it(conn):
    await conn.execute("insert into paces values ('decode', '', 1.0, 5)")
    sound = {"duration_s": 30.0, "frames": 1, "sample_rate": 1, "channels": 1}
    ids = [(await forged(conn, **sound))[1]["decode"] for _ in range(3)]

    async def etas():
        return [await one(conn, "select eta_s from look.runs where run_id = %s", run_id) for run_id in ids]

    assert await etas() == [None, None, None]  # nobody is there to take them
    await conn.execute(
        "insert into workers (worker_id, host, unit, pid, queues, slots, version)"
        " values (77, 'here', 'unit', 1, '{download}', 1, '0')"
    )
    await conn.execute("select pg_advisory_xact_lock(7353, 77)")
    assert await etas() == pytest.approx([30, 60, 90])


async def test_what_was_never_learned_has_no_eta(conn):
    track, _ = await forged(conn)
    assert await one(conn, "select eta_s from look.tracks where track_id = %s", track) is None
