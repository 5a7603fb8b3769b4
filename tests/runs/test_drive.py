"""The studio driven from psql alone: the functions of schema sfa."""

from __future__ import annotations

import psycopg
import pytest

from sfa.runs import store
from tests.make import add_account, add_track
from tests.runs.test_store import begun, forged, one, rows, state


async def test_file_on_the_servers_disk_is_enqueued(conn):
    track = await one(conn, "select sfa.enqueue('/music/Blue Train.flac', p_priority => 3)")
    found = await one(conn, "select title, file_name, taken_from, priority from tracks where id = %s", track)
    assert found == ("Blue Train", "Blue Train.flac", "/music/Blue Train.flac", 3)
    assert await one(conn, "select state from look.tracks where track_id = %s", track) == "queued"


@pytest.mark.parametrize("path", ["song.wav", "", "/music/"])
async def test_path_that_is_none_is_refused_with_a_hint(conn, path):
    with pytest.raises(psycopg.errors.RaiseException, match="full path"):
        await conn.execute("select sfa.enqueue(%s)", [path])


async def test_unknown_account_is_refused(conn):
    with pytest.raises(psycopg.errors.RaiseException, match='no account "nobody"'):
        await conn.execute("select sfa.enqueue('/a.wav', p_account => 'nobody')")


async def test_cancel_ends_what_waits_and_tells_what_runs(conn):
    track, run = await forged(conn)
    await begun(conn, run["decode"])
    assert await one(conn, "select sfa.cancel(%s)", track) == 4
    states = [await state(conn, run[s]) for s in ("decode", "analysis", "separation", "stem_analysis")]
    assert states == ["running", "cancelled", "cancelled", "cancelled"]
    assert await one(conn, "select note from runs where id = %s", run["decode"]) == "Stopping."


async def test_queued_job_of_a_cancelled_run_is_never_fetched(conn):
    track, _ = await forged(conn)
    await conn.execute("select sfa.cancel(%s)", [track])
    jobs = await rows(
        conn,
        "select j.status::text from procrastinate_jobs j join runs r on r.job_id = j.id"
        " where r.track_id = %s",
        track,
    )
    assert jobs == [("cancelled",)]


async def test_stop_reaches_a_worker_by_its_next_word(conn):
    track, run = await forged(conn)
    start = await begun(conn, run["decode"])
    assert await store.beat(conn, start, done=0.1, note="reading")
    await conn.execute("select sfa.cancel(%s)", [track])
    assert not await store.beat(conn, start, done=0.2, note="reading")
    await store.end_cancelled(conn, start)
    assert await state(conn, run["decode"]) == "cancelled"


async def test_cancelled_run_that_fails_or_is_handed_back_does_not_come_back(conn):
    track, run = await forged(conn)
    start = await begun(conn, run["decode"])
    await conn.execute("select sfa.cancel(%s)", [track])
    await store.requeue(conn, start, delay_s=0, note="Tries again.", counts=True)
    assert await state(conn, run["decode"]) == "cancelled"


async def test_retry_of_what_still_stops_queues_it_again_once_it_has_stopped(conn):
    track, run = await forged(conn)
    start = await begun(conn, run["decode"])
    await conn.execute("select sfa.cancel(%s)", [track])
    assert await one(conn, "select sfa.retry(%s)", track) == 4
    await store.end_cancelled(conn, start)
    assert [await state(conn, run[s]) for s in ("decode", "analysis")] == ["queued", "blocked"]
    assert await one(conn, "select attempts from runs where id = %s", run["decode"]) == 0


async def test_retry_takes_up_where_it_failed(conn):
    track, run = await forged(conn)
    await store.finish(conn, await begun(conn, run["decode"]), {})
    start = await begun(conn, run["separation"])
    await store.fail(conn, start, code="crashed", error="It broke.", fix="", evidence="")
    assert await one(conn, "select sfa.retry(%s)", track) == 1
    assert [await state(conn, run[s]) for s in ("decode", "separation", "stem_analysis")] == [
        "done",
        "queued",
        "blocked",
    ]
    assert await one(conn, "select attempts from runs where id = %s", run["separation"]) == 0


async def test_cancelled_track_begins_again_in_order(conn):
    track, run = await forged(conn)
    await conn.execute("select sfa.cancel(%s)", [track])
    assert await one(conn, "select sfa.retry(%s)", track) == 4
    assert [await state(conn, run[s]) for s in ("decode", "analysis")] == ["queued", "blocked"]


async def test_paused_queue_hands_nothing_out_until_resumed(conn):
    await forged(conn)
    await conn.execute("select sfa.pause('download', 'the fan is loud')")
    await forged(conn)
    fetch = "select (procrastinate_fetch_job_v2(array['download'], null)).id"
    assert await one(conn, fetch) is None
    await conn.execute("update runs set queued_at = now() - interval '1 min' where state = 'queued'")
    notes = await rows(conn, "select distinct note from look.runs where state = 'queued'")
    assert notes == [("The queue is paused: the fan is loud.",)]
    assert await one(conn, "select ready, later, paused_why from look.queues where queue = 'download'") == (
        0,
        2,
        "the fan is loud",
    )
    assert await one(conn, "select sfa.resume('download')") == 2
    assert await one(conn, fetch) is not None


async def test_pausing_what_does_not_exist_is_an_error(conn):
    with pytest.raises(psycopg.errors.RaiseException, match='no queue "gpus"'):
        await conn.execute("select sfa.pause('gpus')")


async def test_priority_moves_a_waiting_track_ahead(conn):
    _, first = await forged(conn)
    track, second = await forged(conn)
    await conn.execute("select sfa.prioritise(%s, 5)", [track])
    job = await one(conn, "select (procrastinate_fetch_job_v2(array['download'], null)).id")
    assert job == await one(conn, "select job_id from runs where id = %s", second["decode"])
    assert first["decode"] != second["decode"]


async def test_forging_again_adds_nothing_to_what_is_open_or_done(conn):
    track, _ = await forged(conn)
    await conn.execute("select sfa.forge_track(%s)", [track])
    assert len(await rows(conn, "select from runs where track_id = %s", track)) == 4


async def test_another_model_is_one_more_separation(conn):
    track, run = await forged(conn)
    await store.finish(conn, await begun(conn, run["decode"]), {})
    await conn.execute("select sfa.forge_track(%s, 'htdemucs_ft', null, false)", [track])
    found = await rows(
        conn,
        "select variant, state::text from runs where track_id = %s and stage = 'separation' order by id",
        track,
    )
    assert found == [("htdemucs", "queued"), ("htdemucs_ft", "queued")]


async def test_stand_in_answers_only_who_would_accept_one(conn):
    track, run = await forged(conn)
    await conn.execute("update runs set state = 'done', finished_at = now() where track_id = %s", [track])
    await conn.execute(
        "update separations set engine = 'quick', ran = 'quick', device = 'download', why = 'No weights.'"
        " where run_id = %s",
        [run["separation"]],
    )
    has = "select sfa.has_separation(%s, 'htdemucs', null, %s)"
    assert await one(conn, has, track, True) is True
    assert await one(conn, has, track, False) is False


async def test_other_stems_while_it_runs_are_refused(conn):
    track = await add_track(conn)
    await conn.execute("select sfa.forge_track(%s, 'htdemucs', array['vocals'])", [track])
    with pytest.raises(psycopg.Error, match="under way") as caught:
        await conn.execute("select sfa.forge_track(%s, 'htdemucs', array['drums'])", [track])
    assert caught.value.sqlstate == "SF001"


async def test_other_stems_while_stems_are_read_are_refused(conn):
    track, run = await forged(conn, "quick")
    for stage in ("decode", "separation"):
        await store.finish(conn, await begun(conn, run[stage]), {})
    await conn.execute("update separations set wanted = array['vocals']")
    with pytest.raises(psycopg.Error, match="under way") as caught:
        await conn.execute("select sfa.forge_track(%s, 'quick')", [track])
    assert caught.value.sqlstate == "SF001"


async def test_failed_separation_makes_way_for_a_stricter_request(conn):
    track, run = await forged(conn)
    await store.finish(conn, await begun(conn, run["decode"]), {})
    start = await begun(conn, run["separation"])
    await store.fail(conn, start, code="crashed", error="It broke.", fix="", evidence="")
    await conn.execute("select sfa.forge_track(%s, 'htdemucs', null, false)", [track])
    found = await rows(
        conn,
        "select stage, state::text from runs where track_id = %s and variant = 'htdemucs' order by id",
        track,
    )
    assert found == [
        ("separation", "failed"),
        ("stem_analysis", "cancelled"),
        ("separation", "queued"),
        ("stem_analysis", "blocked"),
    ]


async def test_retry_and_cancel_stop_at_the_border_of_an_account(conn):
    from sfa.errors import NotFound

    stranger = await add_account(conn)
    track, _ = await forged(conn)
    for act in (store.retry, store.cancel):
        with pytest.raises(NotFound):
            await act(conn, account_id=stranger, track_id=track)
    assert await one(conn, "select count(*) from look.runs where state = 'cancelled'") == 0


@pytest.mark.parametrize(
    "view", ["runs", "tracks", "workers", "queues", "failures", "throughput", "storage", "stuck"]
)
async def test_every_view_can_be_read_with_a_full_table(conn, view):
    track, run = await forged(conn)
    start = await begun(conn, run["decode"])
    await store.beat(conn, start, done=0.3, note="x")
    await forged(conn)
    await conn.execute("select sfa.cancel(%s)", [track])
    assert await rows(conn, f"select * from look.{view}") is not None
