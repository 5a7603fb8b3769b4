"""Notifications to frames, over a real stream from a real server."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from uuid import uuid4

import httpx
import pytest

from sfa import db
from sfa.events import Change, Cursor, Hub, Topic, _about
from tests import make
from tests.web.conftest import answers, cursor_in, free_port, listening, served, start_web
from tests.web.make import add_song, fail, little_song, progress, set_runs


async def queued(pool, **columns):
    async with db.transaction(pool) as conn:
        track = await make.add_track(conn, **columns)
        await conn.execute("select sfa.forge_track(%s)", [track])
    return track


async def test_a_commit_reaches_an_open_page_at_once(site, pool):
    track = await queued(pool)
    page = (await site.get("/")).text
    async with listening(site, cursor_in(page)) as stream:
        await asyncio.sleep(0.3)
        async with pool.connection() as conn:
            await conn.execute("update tracks set title = 'Renamed' where id = %s", [track])
        began = time.monotonic()
        frame = await stream.until("Renamed")
        assert time.monotonic() - began < 1.0
    assert frame.startswith(
        f'<hx-partial hx-target="#track-{track}" hx-swap="outerMorph"><li id="track-{track}"'
    )


async def test_what_changed_between_page_and_stream_is_shown(site, pool):
    track = await queued(pool)
    page = (await site.get("/")).text
    async with db.transaction(pool) as conn:
        await fail(conn, track, error="It broke.")
    async with listening(site, cursor_in(page)) as stream:
        assert 'data-state="failed"' in await stream.until("It broke.")


async def test_a_transaction_that_was_open_while_the_page_was_made_is_not_skipped(site, pool):
    """Its changes carry an older transaction than others that the page has seen already."""
    first, second = await queued(pool, title="First"), await queued(pool, title="Second")
    async with pool.connection() as slow, slow.transaction():
        await slow.execute("update tracks set title = 'First again' where id = %s", [first])
        async with pool.connection() as quick:
            await quick.execute("update tracks set title = 'Second again' where id = %s", [second])
        page = (await site.get("/")).text
        assert "Second again" in page
        assert "First again" not in page
    async with listening(site, cursor_in(page)) as stream:
        await stream.until("First again")


async def test_a_browser_that_comes_back_goes_on_where_it_was(site, pool):
    track = await queued(pool)
    page = (await site.get("/")).text
    async with listening(site, cursor_in(page)) as stream:
        async with db.transaction(pool) as conn:
            await progress(conn, track, "decode", 0.25, "a quarter")
        await stream.until("a quarter")
        cursor = await stream.place()
    assert cursor != cursor_in(page)
    async with db.transaction(pool) as conn:
        await fail(conn, track, error="While nobody looked.")
    async with listening(site, cursor_in(page), last_event_id=cursor) as again:
        await again.until("While nobody looked.")


async def test_a_cursor_of_another_epoch_brings_everything(site, pool):
    track = await queued(pool, title="Old")
    async with listening(site, "12345-1") as stream:
        assert str(track) in await stream.until("Old")
    async with listening(site, "nonsense") as stream:
        await stream.until("Old")


async def test_other_accounts_changes_stay_theirs(site, pool):
    async with db.transaction(pool) as conn:
        other = await make.add_account(conn)
        theirs = await make.add_track(conn, account_id=other, title="Theirs")
    page = (await site.get("/")).text
    async with listening(site, cursor_in(page)) as stream:
        async with pool.connection() as conn:
            await conn.execute("update tracks set title = 'Still theirs' where id = %s", [theirs])
        await queued(pool, title="Ours")
        await stream.until("Ours")
        assert not [frame for frame in stream.frames if "heirs" in frame]


async def test_a_track_page_gets_its_parts_and_nothing_else(site, pool, settings, account):
    other = await queued(pool, title="Another")
    track = await add_song(pool, settings, account, little_song())
    page = (await site.get(f"/tracks/{track}")).text
    async with listening(site, cursor_in(page), track=track) as stream:
        await asyncio.sleep(0.3)
        async with db.transaction(pool) as conn:
            await conn.execute("update tracks set title = 'Not yours' where id = %s", [other])
            await conn.execute("update tracks set title = 'Mine' where id = %s", [track])
        await stream.until('hx-target="#stages"')
        parts = [frame.split('"')[1] for frame in stream.frames]
        assert set(parts) <= {"#strip", "#n-news", "#head", "#player", "#readings", "#stages"}
        assert not [frame for frame in stream.frames if "Not yours" in frame]
        assert [frame for frame in stream.frames if "Mine" in frame]


async def test_a_beat_moves_the_stages_and_leaves_the_player_alone(site, pool, settings, account):
    track = await add_song(pool, settings, account, little_song())
    async with db.transaction(pool) as conn:
        await set_runs(conn, track, "queued", stage="stem_analysis")
        await progress(conn, track, "stem_analysis", 0.1, "first")
    await asyncio.sleep(0.05)
    page = (await site.get(f"/tracks/{track}")).text
    async with listening(site, cursor_in(page), track=track) as stream:
        await asyncio.sleep(0.3)
        async with db.transaction(pool) as conn:
            await progress(conn, track, "stem_analysis", 0.5, "half way")
        frame = await stream.until("half way")
        assert 'hx-target="#stages"' in frame
        assert not [frame for frame in stream.frames if 'hx-target="#player"' in frame]


async def test_the_rendered_row_and_the_frame_are_the_same(site, pool, settings, account):
    track = await add_song(pool, settings, account, little_song())
    async with listening(site, "0-0") as stream:
        frame = await stream.until(f'id="track-{track}"')
    row = (await site.get(f"/tracks/{track}/row")).text
    assert frame.removesuffix("</hx-partial>").endswith("\n".join(row.splitlines()))


async def test_many_beats_reach_a_page_as_few_frames(site, pool):
    track = await queued(pool)
    page = (await site.get("/")).text
    async with listening(site, cursor_in(page)) as stream:
        await asyncio.sleep(0.3)
        for n in range(40):
            async with db.transaction(pool) as conn:
                await progress(conn, track, "decode", n / 40, f"beat {n}")
        async with db.transaction(pool) as conn:
            await progress(conn, track, "decode", 1, "last beat")
        began = time.monotonic()
        await stream.until("last beat")
        assert time.monotonic() - began < 2
    assert len([frame for frame in stream.frames if "beat" in frame]) < 41


async def test_a_queue_without_a_worker_is_named(site, pool):
    page = (await site.get("/")).text
    async with listening(site, cursor_in(page)) as stream:
        await queued(pool)
        assert "download" in await stream.until("No worker is there")


def test_changes_are_sorted_out_by_account_and_track():
    import uuid

    mine, yours, one, two = (uuid.uuid4() for _ in range(4))
    changes = [
        Change(mine, one, False),
        Change(mine, one, True),
        Change(mine, two, False),
        Change(yours, two, True),
    ]
    assert _about(Topic(mine), changes) == [Change(mine, one, True), Change(mine, two, False)]
    assert _about(Topic(mine, "track", two), changes) == [Change(mine, two, False)]
    assert _about(Topic(yours, "track", one), changes) == []


@pytest.mark.parametrize(
    "text", ["", "-", "1-", "-1", "1-2-3", "a-b", "1 -2", "１-２", "1-" + "9" * 19, "9" * 5000 + "-1"]
)
def test_a_cursor_that_is_none_is_none(text):
    assert Cursor.parse(text) is None


def test_a_cursor_survives_being_written():
    assert Cursor.parse(str(Cursor(1795373855, 888))) == Cursor(1795373855, 888)


class Broken:
    """A reader that cannot draw the page of a track: by its own fault, or by one of the database."""

    def __init__(self, statement: str | None = None) -> None:
        self._statement = statement

    async def cursor(self, conn):
        return Cursor(1, 1)

    async def changed(self, conn, since):
        return []

    async def moving(self, conn):
        return []

    async def frames(self, conn, topic, changes):
        if topic.track_id is not None and self._statement is None:
            raise ZeroDivisionError
        if topic.track_id is not None:
            await conn.execute(self._statement)
        return {"part": "<p>whole\nagain</p>"}


@pytest.mark.parametrize("statement", [None, "select 1 / 0"])
async def test_a_page_that_cannot_be_drawn_silences_nobody(database, account, statement):
    hub = Hub(database, Broken(statement))
    broken = [
        asyncio.create_task(anext(hub.stream(Topic(account, "track", uuid4()), None))) for _ in range(8)
    ]
    await asyncio.gather(*broken)  # each is there before the one that can be drawn
    running = asyncio.create_task(hub.run())
    async with asyncio.timeout(10), contextlib.aclosing(hub.stream(Topic(account), None)) as stream:
        async for message in stream:
            if b"again" in message:
                break
    assert message == b"data: <p>whole\ndata: again</p>\n\nid: 1-1\n\n"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_an_open_page_of_a_deleted_track_says_so_and_silences_nobody(site, pool, settings, account):
    other = await queued(pool, title="Another")
    track = await add_song(pool, settings, account, little_song())
    page = (await site.get(f"/tracks/{track}")).text
    async with (
        listening(site, cursor_in(page), track=track) as mine,
        listening(site, cursor_in(page)) as theirs,
    ):
        await asyncio.sleep(0.3)
        async with db.transaction(pool) as conn:
            await conn.execute("update tracks set deleted_at = now() where id = %s", [track])
        assert "in the trash" in await mine.until('data-state="gone"')
        async with db.transaction(pool) as conn:
            await conn.execute("update tracks set title = 'Renamed' where id = %s", [other])
        await theirs.until("Renamed")
        async with db.transaction(pool) as conn:
            await conn.execute("update tracks set deleted_at = null where id = %s", [track])
        await mine.until('data-state="done"')


async def test_a_quiet_stream_says_that_it_is_there(database, account, monkeypatch):
    monkeypatch.setattr("sfa.events.HEARTBEAT_S", 0.05)
    hub = Hub(database, Broken())
    async with asyncio.timeout(10), contextlib.aclosing(hub.stream(Topic(account), Cursor(3, 4))) as stream:
        assert await anext(stream) == b": here\n\n"
        assert await anext(stream) == b": still here\nevent: beat\nid: 3-4\n\n"


async def test_a_closed_page_leaves_nothing_behind(settings):
    async with served(settings) as (address, server), httpx.AsyncClient(base_url=address) as site:
        async with listening(site, "0-0"):
            await asyncio.sleep(0.2)
            assert server._hub.pages == 1
        for _ in range(100):
            await asyncio.sleep(0.02)
            if server._hub.pages == 0:
                break
        assert server._hub.pages == 0


async def test_when_the_server_ends_our_sessions_the_stream_lives_on(site, pool, server):
    track = await queued(pool)
    page = (await site.get("/")).text
    async with listening(site, cursor_in(page)) as stream:
        await asyncio.sleep(0.3)
        async with pool.connection() as conn:
            await conn.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'sfa web live' and datname = current_database()"
            )
            await conn.execute("update tracks set title = 'After the storm' where id = %s", [track])
        began = time.monotonic()
        await stream.until("After the storm")
        assert time.monotonic() - began < 2


async def test_sigterm_ends_the_process_quickly_though_pages_are_open(settings):
    port = free_port()
    process = start_web(settings.database_url, settings.data, port)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as site:
            await answers(site)
            async with listening(site, "0-0"):
                process.send_signal(signal.SIGTERM)
                began = time.monotonic()
                await asyncio.to_thread(process.wait, 10)
        assert time.monotonic() - began < 3
        assert process.returncode in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()
