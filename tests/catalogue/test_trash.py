"""What goes into the trash makes no work; what comes back goes on where it was, and nothing else does."""

from __future__ import annotations

import pytest

from sfa import acts, library
from sfa.catalogue import store
from sfa.errors import NotFound
from sfa.runs import store as runs
from tests.make import add_track
from tests.runs.test_store import ENGINE_FAILED, begun, forged, one, rows, state


async def owner(conn):
    return await one(conn, "select id from accounts limit 1")


async def to_trash(conn, *tracks):
    """The act; as the end of its transaction leaves things."""
    account = await owner(conn)
    act = await acts.begin(conn, account_id=account, said="Deleted it")
    assert await store.trash(conn, account_id=account, track_ids=tracks) == len(tracks)
    await conn.execute("select set_config('sfa.act', '', true)")
    return act


async def by_restoring(conn, track, _act):
    assert await store.restore(conn, account_id=await owner(conn), track_ids=[track]) == 1


async def by_undoing(conn, _track, act):
    await acts.undo(conn, account_id=await owner(conn), act_id=act)


BACK = pytest.mark.parametrize("bring_back", [by_restoring, by_undoing])


@BACK
async def test_what_waited_waits_again(conn, bring_back):
    track, run = await forged(conn)
    act = await to_trash(conn, track)
    assert {await state(conn, one_run) for one_run in run.values()} == {"cancelled"}
    await bring_back(conn, track, act)
    assert [await state(conn, run[s]) for s in ("decode", "analysis")] == ["queued", "blocked"]


@BACK
async def test_what_a_person_had_cancelled_stays_cancelled(conn, bring_back):
    track, run = await forged(conn)
    await conn.execute("select sfa.cancel(%s)", [track])
    act = await to_trash(conn, track)
    await bring_back(conn, track, act)
    assert {await state(conn, one_run) for one_run in run.values()} == {"cancelled"}


@BACK
async def test_what_had_failed_stays_failed_and_what_waited_for_it_goes_on_waiting(conn, bring_back):
    track, run = await forged(conn)
    await runs.finish(conn, await begun(conn, run["decode"]), {})
    await runs.fail(conn, await begun(conn, run["separation"]), **ENGINE_FAILED)
    act = await to_trash(conn, track)
    await bring_back(conn, track, act)
    found = [await state(conn, run[s]) for s in ("separation", "analysis", "stem_analysis")]
    assert found == ["failed", "queued", "blocked"]


async def test_what_was_running_is_stopped_and_begins_again(conn):
    track, run = await forged(conn)
    start = await begun(conn, run["decode"])
    await to_trash(conn, track)
    await runs.end_cancelled(conn, start)
    assert await state(conn, run["decode"]) == "cancelled"
    await store.restore(conn, account_id=await owner(conn), track_ids=[track])
    assert await state(conn, run["decode"]) == "queued"


async def test_what_a_person_was_stopping_ends_although_its_track_came_back(conn):
    track, run = await forged(conn)
    start = await begun(conn, run["decode"])
    await conn.execute("select sfa.cancel(%s)", [track])
    await to_trash(conn, track)
    await store.restore(conn, account_id=await owner(conn), track_ids=[track])
    await runs.end_cancelled(conn, start)
    assert await state(conn, run["decode"]) == "cancelled"


async def test_what_was_brought_back_and_cancelled_is_a_persons_decision_again(conn):
    track, run = await forged(conn)
    await to_trash(conn, track)
    await store.restore(conn, account_id=await owner(conn), track_ids=[track])
    await conn.execute("select sfa.cancel(%s)", [track])
    await to_trash(conn, track)
    await store.restore(conn, account_id=await owner(conn), track_ids=[track])
    assert await state(conn, run["decode"]) == "cancelled"


async def test_no_work_is_started_in_the_trash(conn):
    track, run = await forged(conn)
    await to_trash(conn, track)
    for drive in (runs.retry, runs.cancel):
        with pytest.raises(NotFound):
            await drive(conn, account_id=await owner(conn), track_id=track)
    assert await one(conn, "select sfa.retry(%s)", track) == 0
    await conn.execute("select sfa.forge_track(%s, 'quick')", [track])
    assert await rows(conn, "select from runs where track_id = %s and state = 'queued'", track) == []
    assert await state(conn, run["decode"]) != "queued"
    await store.restore(conn, account_id=await owner(conn), track_ids=[track])
    assert await state(conn, run["decode"]) == "queued"


async def test_lists_are_derived_for_all_at_once_however_many_come_and_go(conn):
    async def derived(count):
        tracks = [(await forged(conn))[0] for _ in range(count)]
        asked = "select coalesce(sum(calls), 0) from pg_stat_xact_user_functions where funcname = 'relist'"
        before = await one(conn, asked)
        act = await to_trash(conn, *tracks)
        await by_undoing(conn, None, act)
        return await one(conn, asked) - before

    await conn.execute("set local track_functions = 'all'")
    assert await derived(2) == await derived(12)


async def test_stems_are_asked_of_another_model_for_many_at_once(conn):
    account = await owner(conn)
    idle, failed, gone = await add_track(conn), (await forged(conn, "quick")), (await forged(conn))[0]
    await runs.fail(conn, await begun(conn, failed[1]["decode"]), **ENGINE_FAILED)
    await to_trash(conn, gone)
    asked = [idle, failed[0], gone]
    whose = {"account_id": account, "track_ids": asked, "model": "htdemucs_ft"}
    assert await library.separate_again(conn, **whose) == 2
    assert await library.separate_again(conn, **whose) == 0
    found = await rows(
        conn,
        """select r.track_id, r.stage, r.state::text, d.stage from runs r join runs d on d.id = any (r.needs)
            where r.variant = 'htdemucs_ft' order by r.id""",
    )
    separations = [(track, "separation", "blocked", "decode") for track in (idle, failed[0])]
    readings = [(track, "stem_analysis", "blocked", "separation") for track in (idle, failed[0])]
    assert sorted(found) == sorted(separations + readings)
    assert await state(conn, failed[1]["decode"]) == "queued"


async def test_what_failed_with_a_model_is_tried_again_with_it(conn):
    track, run = await forged(conn)
    await runs.finish(conn, await begun(conn, run["decode"]), {})
    whose = {"account_id": await owner(conn), "track_ids": [track], "model": "quick"}
    for _ in range(2):
        assert await library.separate_again(conn, **whose) == 1
        (again,) = await rows(conn, "select id from runs where stage = 'separation' and variant = 'quick'")
        await runs.fail(conn, await begun(conn, again[0]), **ENGINE_FAILED)
