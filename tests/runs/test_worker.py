"""Real workers on a real database: work gets done, and whatever ends them, nothing is lost."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import time

import psutil
import pytest

from sfa import media, runs
from sfa.runs import store
from sfa.runs.sweep import sweep
from tests.conftest import until
from tests.make import take_in, wav

STATE = (
    "select state::text from runs where track_id = %(track)s and stage = %(stage)s order by id desc limit 1"
)
ALL_DONE = "select bool_and(state = 'done') from runs where track_id = %(track)s"
MOVING = (
    "select exists (select from runs r join progress p on p.run_id = r.id and p.fence = r.fence"
    " where r.track_id = %(track)s and r.stage = %(stage)s and r.state = 'running' and p.done > 0.02)"
)
LONG_S = 60.0
LONG = {"model": "quick", "stems": ("vocals",)}  # long enough to be caught at it, short to read afterwards


async def value(pool, query, **params):
    async with pool.connection() as conn:
        return (await (await conn.execute(query, params)).fetchone())[0]


def children_of(worker):
    return [
        p
        for p in psutil.Process(worker.process.pid).children(recursive=True)
        if "sfa.children" in str(p.cmdline())
    ]


async def test_file_goes_all_the_way(pool, settings, account, worker):
    worker()
    taken = await take_in(pool, settings, account, wav(seconds=3), model="quick")
    await until(pool, ALL_DONE, track=taken.track_id)
    stems = "select count(*) from stems where track_id = %(track)s and frames = 3 * 44100"
    assert await value(pool, stems, track=taken.track_id) == 4
    tempo = "select count(*) from readings where track_id = %(track)s"
    assert await value(pool, tempo, track=taken.track_id) >= 9
    assert list(settings.work.iterdir()) == []


async def test_same_file_again_is_the_same_track_and_done_at_once(pool, settings, account, worker):
    worker()
    first = await take_in(pool, settings, account, wav(), model="quick")
    await until(pool, ALL_DONE, track=first.track_id)
    again = await take_in(pool, settings, account, wav(), "other name.wav", model="quick")
    assert (again.track_id, again.is_new) == (first.track_id, False)
    assert await value(pool, ALL_DONE, track=first.track_id)


async def test_what_is_no_sound_fails_with_a_sentence(pool, settings, account, worker):
    worker("download")
    taken = await take_in(pool, settings, account, b"Roses are red.\n" * 100, "poem.mp3")
    await until(pool, STATE, "failed", track=taken.track_id, stage="decode")
    async with pool.connection() as conn:
        run = (await runs.of_tracks(conn, [taken.track_id]))[taken.track_id][0]
    assert run.error_code == "not_audio"
    assert "poem.mp3" in run.error
    assert run.fix
    assert run.attempts == 1


async def test_file_named_in_psql_is_fetched_from_the_servers_disk(pool, settings, worker, tmp_path):
    worker()
    song = tmp_path / "Blue Train.wav"
    song.write_bytes(wav(seconds=2))
    track = await value(pool, "select sfa.enqueue(%(file)s, 'quick')", file=str(song))
    await until(pool, ALL_DONE, track=track)
    sha256 = hashlib.sha256(song.read_bytes()).hexdigest()
    assert media.blob(settings, sha256).read_bytes() == song.read_bytes()


async def test_file_that_psql_names_wrongly_fails_with_a_sentence(pool, worker):
    worker("download")
    track = await value(pool, "select sfa.enqueue('/nowhere/song.wav')")
    await until(pool, STATE, "failed", track=track, stage="decode")
    assert "/nowhere/song.wav cannot be read" in await value(
        pool, "select error from runs where track_id = %(track)s and state = 'failed'", track=track
    )


async def test_pipe_that_psql_names_keeps_no_worker_waiting(pool, worker, tmp_path):
    worker("download")
    os.mkfifo(tmp_path / "pipe")
    track = await value(pool, "select sfa.enqueue(%(file)s)", file=str(tmp_path / "pipe"))
    await until(pool, STATE, "failed", track=track, stage="decode")


async def test_unit_that_starts_again_adopts_what_its_predecessor_held(pool, settings, account, worker):
    first = worker(unit="a")
    taken = await take_in(pool, settings, account, wav(seconds=LONG_S), **LONG)
    await until(pool, MOVING, track=taken.track_id, stage="separation")
    family = children_of(first)
    assert family
    first.end(signal.SIGKILL)
    worker(unit="a")
    await until(pool, ALL_DONE, track=taken.track_id)
    assert not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family)
    row = "select attempts || '/' || losses from runs where track_id = %(track)s and stage = 'separation'"
    assert await value(pool, row, track=taken.track_id) == "1/1"
    async with pool.connection() as conn:
        swept = await sweep(settings, pool, older_than_s=0)
        assert (swept.deleted, swept.put_aside) == ([], [])
        assert await store.running_starts(conn) == set()
        assert await store.known_blobs(conn) == set(media.every_blob(settings))


async def test_other_worker_takes_over_within_seconds(pool, settings, account, worker):
    await until(pool, "select now() - pg_postmaster_start_time() > interval '15 s'")
    first = worker(unit="a")
    taken = await take_in(pool, settings, account, wav(seconds=LONG_S), **LONG)
    await until(pool, MOVING, track=taken.track_id, stage="separation")
    worker(unit="b")
    await until(pool, "select count(*) = 6 from look.workers where alive")
    first.end(signal.SIGKILL)
    await until(pool, STATE, "running", track=taken.track_id, stage="separation")
    again = (
        "select worker from runs where track_id = %(track)s and stage = 'separation' and state = 'running'"
    )
    await until(pool, again, "b", track=taken.track_id, timeout_s=10)
    await until(pool, ALL_DONE, track=taken.track_id)


async def test_told_to_stop_a_worker_hands_back_and_no_attempt_is_lost(pool, settings, account, worker):
    first = worker(unit="a", env={"SFA_GRACE_S": "0"})
    taken = await take_in(pool, settings, account, wav(seconds=LONG_S), **LONG)
    await until(pool, MOVING, track=taken.track_id, stage="separation")
    assert first.end(signal.SIGTERM) == 0
    assert await value(pool, STATE, track=taken.track_id, stage="separation") == "queued"
    row = "select attempts || '/' || losses from runs where track_id = %(track)s and stage = 'separation'"
    assert await value(pool, row, track=taken.track_id) == "0/0"
    worker(unit="b")
    await until(pool, ALL_DONE, track=taken.track_id)


async def test_told_to_stop_with_grace_a_worker_ends_what_it_has(pool, settings, account, worker):
    first = worker(unit="a", env={"SFA_GRACE_S": "60"})
    taken = await take_in(pool, settings, account, wav(seconds=LONG_S), **LONG)
    await until(pool, MOVING, track=taken.track_id, stage="separation")
    assert first.end(signal.SIGTERM) == 0
    assert await value(pool, STATE, track=taken.track_id, stage="separation") == "done"


async def test_cancelling_ends_the_child_and_the_run(pool, settings, account, worker):
    one = worker()
    taken = await take_in(pool, settings, account, wav(seconds=LONG_S), **LONG)
    await until(pool, MOVING, track=taken.track_id, stage="separation")
    async with pool.connection() as conn:
        await runs.cancel(conn, account_id=account, track_id=taken.track_id)
    await until(
        pool,
        "select bool_and(state in ('done', 'cancelled')) from runs where track_id = %(track)s",
        track=taken.track_id,
        timeout_s=10,
    )
    assert await value(pool, STATE, track=taken.track_id, stage="separation") == "cancelled"
    assert not any(str(settings.work / "1-") in str(p.cmdline()) for p in children_of(one))
    async with asyncio.timeout(5):  # its scratch goes after its row says so
        while list(settings.work.iterdir()):
            await asyncio.sleep(0.05)


async def test_worker_that_lost_its_listener_still_hears_a_cancel(pool, settings, account, worker):
    worker()
    taken = await take_in(pool, settings, account, wav(seconds=LONG_S), **LONG)
    await until(pool, MOVING, track=taken.track_id, stage="separation")
    async with pool.connection() as conn:
        await conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        await runs.cancel(conn, account_id=account, track_id=taken.track_id)
    await until(pool, STATE, "cancelled", track=taken.track_id, stage="separation", timeout_s=10)


async def test_killed_child_is_tried_again_by_itself(pool, settings, account, worker):
    one = worker()
    taken = await take_in(pool, settings, account, wav(seconds=LONG_S), **LONG)
    await until(pool, MOVING, track=taken.track_id, stage="separation")
    for child in children_of(one):
        if "sfa.children.separate" in child.cmdline():
            child.kill()
    await until(pool, ALL_DONE, track=taken.track_id)
    row = "select attempts from runs where track_id = %(track)s and stage = 'separation'"
    assert await value(pool, row, track=taken.track_id) == 2


async def test_lost_connections_in_mid_job_cost_nothing(pool, settings, account, worker):
    worker()
    taken = await take_in(pool, settings, account, wav(seconds=LONG_S), **LONG)
    await until(pool, MOVING, track=taken.track_id, stage="separation")
    async with pool.connection() as conn:
        await conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    await until(pool, ALL_DONE, track=taken.track_id)
    row = "select attempts || '/' || losses from runs where track_id = %(track)s and stage = 'separation'"
    assert await value(pool, row, track=taken.track_id) == "1/0"
    # The worker is not deaf afterwards either.
    began = time.monotonic()
    second = await take_in(pool, settings, account, wav(seconds=1, hz=330), model="quick")
    await until(pool, STATE, "done", track=second.track_id, stage="decode")
    assert time.monotonic() - began < 10


async def test_worker_for_a_queue_that_is_none_says_so(worker, settings):
    one = worker("gpus")
    assert one.process.wait(20) != 0
    assert "There is no queue gpus" in one.log.read_text()


@pytest.mark.parametrize("stage", ["decode", "analysis"])
async def test_paused_queue_holds_a_stage_and_says_why(pool, settings, account, worker, stage):
    worker()
    await value(pool, "select sfa.pause('download', 'rehearsal')")
    taken = await take_in(pool, settings, account, wav(), model="quick")
    await until(pool, "select count(*) = 3 from look.workers where alive")
    assert await value(pool, STATE, track=taken.track_id, stage="decode") == "queued"
    await value(pool, "select sfa.resume('download')")
    await until(pool, STATE, "done", track=taken.track_id, stage=stage)
