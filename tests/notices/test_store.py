"""A notice for every end of a track's work, until it is seen."""

from __future__ import annotations

from sfa import notices
from sfa.notices import store as notices_store
from tests.make import add_account, add_track
from tests.runs.test_store import one


async def owner(conn):
    return await one(conn, "select id from accounts limit 1")


async def ended(conn, state, title="Song"):
    track = await add_track(conn, title=title)
    await conn.execute("select sfa.forge_track(%s)", [track])
    await end(conn, track, state)
    return track


async def end(conn, track, state):
    await conn.execute(
        """update runs
              set state = %s::run_state, job_id = 1, attempts = 1, started_at = now(), finished_at = now(),
                  error = case when %s = 'failed' then 'It broke.' end,
                  error_code = case when %s = 'failed' then 'crashed' end where track_id = %s""",
        [state, state, state, track],
    )


async def test_what_is_finished_and_what_failed_is_told_once(conn):
    done, failed = await ended(conn, "done", "One"), await ended(conn, "failed", "Two")
    told = await notices.newest(conn, account_id=await owner(conn), limit=9)
    assert [(n.track_id, n.kind, n.title, n.error, n.is_new) for n in told] == [
        (failed, "failed", "Two", "It broke.", True),
        (done, "done", "One", None, True),
    ]


async def test_what_a_person_cancelled_is_not_news(conn):
    track = await add_track(conn)
    await conn.execute("select sfa.forge_track(%s)", [track])
    await conn.execute("select sfa.cancel(%s)", [track])
    assert await notices.count_unseen(conn, account_id=await owner(conn)) == 0


async def test_the_last_word_about_a_track_counts(conn):
    track = await ended(conn, "failed")
    await conn.execute("select sfa.retry(%s)", [track])
    await end(conn, track, "done")
    (only,) = await notices.newest(conn, account_id=await owner(conn), limit=9)
    assert only.kind == "done"


async def test_what_was_seen_is_not_new_and_what_came_after_the_look_still_is(conn):
    account = await owner(conn)
    await ended(conn, "done")
    (first,) = await notices.newest(conn, account_id=account, limit=9)
    await ended(conn, "done")
    await notices.see(conn, account_id=account, up_to=first.id)
    assert await notices.count_unseen(conn, account_id=account) == 1


async def test_whoever_opens_a_track_has_seen_what_became_of_it(conn):
    account, track = await owner(conn), await ended(conn, "done")
    await notices.see_track(conn, account_id=account, track_id=track)
    assert await notices.count_unseen(conn, account_id=account) == 0


async def test_news_of_a_deleted_track_are_none(conn):
    track = await ended(conn, "done")
    await conn.execute("update tracks set deleted_at = now() where id = %s", [track])
    assert await notices.count_unseen(conn, account_id=await owner(conn)) == 0


async def test_nobody_reads_or_sees_what_is_somebody_elses(conn):
    await ended(conn, "done")
    account, other = await owner(conn), await add_account(conn)
    if account == other:
        account = await one(conn, "select account_id from tracks limit 1")
    assert await notices.newest(conn, account_id=other, limit=9) == []
    await notices.see(conn, account_id=other, up_to=10**9)
    assert await notices.count_unseen(conn, account_id=account) == 1


async def test_old_news_are_forgotten(conn):
    await ended(conn, "done")
    assert await notices_store.forget_old(conn) == 0
    await conn.execute("update notices set at = now() - interval '31 days'")
    assert await notices_store.forget_old(conn) == 1
