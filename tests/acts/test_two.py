"""Two people, or two tabs, at the same moment; and the addresses that a page uses."""

from __future__ import annotations

import asyncio

import pytest

from sfa import acts, corrections, db
from sfa.errors import Refused
from tests.acts.test_undo import TABLES
from tests.conftest import until
from tests.web.make import add_song, little_song


@pytest.fixture
async def act(pool, account):
    """Committed: a shelf was renamed."""
    async with db.transaction(pool) as conn:
        await conn.execute(TABLES)
        await conn.execute("insert into shelves (name) values ('poems')")
        act = await acts.begin(conn, account_id=account, said="Renamed <b>poems</b>")
        await conn.execute("update shelves set name = 'odes'")
    return act


async def undo(pool, account, act):
    async with db.transaction(pool) as conn:
        return await acts.undo(conn, account_id=account, act_id=act)


async def test_of_two_undos_at_once_one_wins(pool, account, act):
    answers = await asyncio.gather(*(undo(pool, account, act) for _ in range(4)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 3
    assert {str(answer) for answer in refused} == {"This is undone already."}
    await until(pool, "select name from shelves", "poems")


async def test_the_next_transaction_belongs_to_no_act(pool, account, act):
    async with db.transaction(pool) as conn:
        await conn.execute("update shelves set name = 'songs'")
    await until(pool, "select count(*) from journal", 1)


async def test_undo_waits_for_a_change_under_way_and_then_sees_it(pool, account, act):
    async with db.transaction(pool) as conn:
        await conn.execute("update shelves set name = 'songs'")
        undoing = asyncio.create_task(undo(pool, account, act))
        await until(pool, "select count(*) from pg_stat_activity where wait_event_type = 'Lock'", 1)
    with pytest.raises(Refused, match="“songs” was changed since"):
        await undoing


async def test_undo_and_a_correction_at_the_same_moment_do_not_wait_for_each_other(pool, settings, account):
    track = await add_song(pool, settings, account, little_song(0.5))

    async def correct(conn, seen, tonic):
        form = {"tonic": [tonic], "mode": ["major"]}
        return await corrections.correct(
            conn, account_id=account, track_id=track, what="key", seen=seen, form=form
        )

    async with db.transaction(pool) as conn:
        act = await correct(conn, 0, "C")
    async with db.transaction(pool) as conn:
        await conn.execute("select from tracks for no key update")  # as a correction begins
        undoing = asyncio.create_task(undo(pool, account, act))
        await until(pool, "select count(*) from pg_stat_activity where wait_event_type = 'Lock'", 1)
        await correct(conn, 1, "D")
    with pytest.raises(Refused, match="was changed since"):
        await undoing


async def test_page_undoes_and_is_offered_to_redo(site, pool, act):
    answer = await site.post(f"/acts/{act}/undo", headers={"HX-Request": "true"}, follow_redirects=True)
    assert answer.status_code == 200
    assert "Undone: Renamed &lt;b&gt;poems&lt;/b&gt;" in answer.text
    assert f'data-undoes="{act}"' in answer.text
    assert "Redo" in answer.text
    await until(pool, "select name from shelves", "poems")


async def test_without_scripts_undo_ends_at_what_was_done(site, act):
    answer = await site.post(f"/acts/{act}/undo", follow_redirects=True)
    assert answer.url.path == "/acts"
    assert "<!doctype html>" in answer.text.lower()
    assert "Undone: Renamed" in answer.text


async def test_list_of_acts_is_a_part_for_a_page_that_has_one(site, act):
    answer = await site.get("/acts", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith("<ol")
    assert f"/acts/{act}/undo" in answer.text


async def test_undo_that_is_refused_is_a_notice(site, pool, act):
    async with db.transaction(pool) as conn:
        await conn.execute("update shelves set name = 'songs'")
    answer = await site.post(f"/acts/{act}/undo", headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.headers["hx-retarget"] == "#notices"
    assert "The shelf “songs” was changed since (name), so nothing was changed." in answer.text


@pytest.mark.parametrize("number", ["999999", "99999999999999999999"])
async def test_undo_of_what_was_never_done_is_not_found(site, act, number):
    assert (await site.post(f"/acts/{number}/undo")).status_code == 404
