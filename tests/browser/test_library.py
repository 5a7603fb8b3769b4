from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from sfa import db
from tests import make
from tests.web.make import add_song, fail, little_song, progress

pytestmark = pytest.mark.browser

TRACK = "li.track"


async def test_a_dropped_file_becomes_a_row_that_moves_by_itself(screen, pool):
    await screen.open()
    await expect(screen.page.get_by_role("heading", name="Drop a song.")).to_be_visible()
    await screen.drop(("Night Bus.wav", make.wav(seconds=1)))
    row = screen.page.locator(TRACK)
    await expect(row.locator(".title")).to_have_text("Night Bus")
    await expect(row).to_have_attribute("data-state", "queued")
    await expect(screen.page.locator(".upload")).to_have_count(0)
    await expect(screen.page.get_by_role("heading", name="Drop a song.")).to_be_hidden()
    async with db.transaction(pool) as conn:
        track = (await (await conn.execute("select id from tracks")).fetchone())[0]
        await progress(conn, track, "decode", 0.5, "half way there")
    await expect(row).to_contain_text("half way there")
    await expect(row.locator("progress").first).to_have_attribute("value", "0.500")
    async with db.transaction(pool) as conn:
        await fail(conn, track, error="It broke.", fix="Mend it.")
    await expect(row).to_contain_text("Mend it.")
    await row.get_by_role("button", name="Retry").click()
    await expect(row).to_have_attribute("data-state", "queued")
    await row.get_by_role("button", name="Cancel").click()
    await expect(row).to_have_attribute("data-state", "cancelled")


async def test_a_track_that_comes_from_elsewhere_appears_on_top(screen, pool):
    async with db.transaction(pool) as conn:
        await make.add_track(conn, title="Older")
    await screen.open("/library")
    await expect(screen.page.locator(TRACK)).to_have_count(1)
    await screen.until("document.getElementById('live').dataset.link == 'open'")
    async with db.transaction(pool) as conn:
        await make.add_track(conn, title="Newer")
        await make.add_track(conn, title="Newest")
        await conn.execute("update tracks set created_at = now() + interval '5 s' where title = 'Newest'")
    await expect(screen.page.locator(f"{TRACK} .title")).to_have_text(["Newest", "Newer", "Older"])


async def test_a_stream_that_could_not_begin_begins_later(screen, pool):
    refused = 0

    async def refuse(route) -> None:
        nonlocal refused
        refused += 1
        if refused == 1:
            await route.abort()
        elif refused == 2:
            await route.fulfill(status=503, headers={"HX-Reswap": "none"}, body="away")
        else:
            await route.continue_()

    await screen.page.route("**/events?*", refuse)
    await screen.open()
    async with db.transaction(pool) as conn:
        await make.add_track(conn, title="Late")
    await expect(screen.page.locator(f"{TRACK} .title")).to_have_text("Late")
    assert refused == 3
    await expect(screen.page.locator("#link")).to_be_hidden()
    assert await screen.page.locator(".notice").count() == 0
    screen.complaints.clear()


async def test_the_same_file_again_is_said_and_shown(screen, pool, settings, account):
    song = little_song()
    await add_song(pool, settings, account, song, "Song.flac")
    await screen.open()
    await screen.drop(("another name.flac", song.file()))
    await expect(screen.page.locator(".upload")).to_contain_text("in the library already")
    await expect(screen.page.locator(TRACK)).to_have_count(1)
    await expect(screen.page.locator(TRACK)).to_have_class("track shown")
    await screen.page.get_by_role("button", name="OK").click()
    await expect(screen.page.locator(".upload")).to_have_count(0)


async def test_many_files_go_up_together_and_a_bad_one_says_why(screen):
    await screen.open()
    await screen.drop(
        *((f"{n}.wav", make.wav(seconds=0.3, hz=200 + n)) for n in range(5)), ("empty.wav", b"")
    )
    await expect(screen.page.locator(TRACK)).to_have_count(5)
    await expect(screen.page.locator(".upload")).to_have_count(1)
    await expect(screen.page.locator(".upload")).to_contain_text("empty.wav is empty: it has no bytes.")


async def test_an_upload_can_be_taken_back(screen, pool, settings):
    await screen.open()
    wire = await screen.page.context.new_cdp_session(screen.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    await wire.send("Network.enable")
    await wire.send("Network.emulateNetworkConditions", slow)
    await screen.drop(("long.wav", make.wav(seconds=20)))
    upload = screen.page.locator(".upload")
    await expect(upload).to_contain_text("%")
    await upload.get_by_role("button", name="Cancel").click()
    await expect(upload).to_have_count(0)
    async with asyncio.timeout(10):
        while any(settings.work.iterdir()):
            await asyncio.sleep(0.05)
    async with pool.connection() as conn:
        assert (await (await conn.execute("select count(*) from tracks")).fetchone())[0] == 0


async def test_a_refusal_of_the_server_stands_at_the_file(screen, pool, account):
    async with db.transaction(pool) as conn:
        await conn.execute(
            """
            insert into uploads (account_id, file_name, bytes)
            select %s, 'a.wav', 9 from generate_series(1, 64)
            """,
            [account],
        )
    await screen.open()
    await screen.drop(("a.wav", make.wav(seconds=0.3)))
    failed = screen.page.locator(".upload[data-state=failed]")
    await expect(failed).to_contain_text("64 uploads are unfinished, the most this studio keeps open.")
    async with db.transaction(pool) as conn:
        await conn.execute("delete from uploads")
    await failed.get_by_role("button", name="Try again").click()
    await expect(screen.page.locator(TRACK)).to_have_count(1)
    screen.complaints = [said for said in screen.complaints if "503" not in said]


async def test_hostile_names_do_nothing(screen):
    await screen.open()
    await screen.drop(('<img src=x onerror="window.broken=1">.wav', make.wav(seconds=0.3)))
    await expect(screen.page.locator(f"{TRACK} .title")).to_contain_text("<img src=x")
    assert await screen.page.evaluate("window.broken") is None


async def test_the_button_in_the_empty_library_plays_the_demo_song(screen):
    await screen.open()
    await screen.page.get_by_role("button", name="Forge the demo song").click()
    await expect(screen.page.get_by_role("button", name="The band is playing")).to_be_visible()
    await expect(screen.page.locator(f"{TRACK} .title")).to_have_text("Lead to Gold", timeout=120_000)


async def test_a_focused_row_keeps_its_focus_through_updates(screen, pool):
    async with db.transaction(pool) as conn:
        track = await make.add_track(conn, title="Song")
        await conn.execute("select sfa.forge_track(%s)", [track])
    await screen.open()
    await screen.page.locator(f"{TRACK} .name").focus()
    async with db.transaction(pool) as conn:
        await progress(conn, track, "decode", 0.3, "third")
    await expect(screen.page.locator(TRACK)).to_contain_text("third")
    await expect(screen.page.locator(f"{TRACK} .name")).to_be_focused()


@pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
async def test_a_phone_scrolls_one_way_only(phone, pool, settings, account, full):
    if full:
        await add_song(
            pool, settings, account, little_song(), "a very long name that no phone can show at once.flac"
        )
        async with db.transaction(pool) as conn:
            track = await make.add_track(conn, title="Unbreakable" * 12)
            await conn.execute("select sfa.forge_track(%s)", [track])
            await fail(conn, track, error="x" * 300, fix="y" * 300)
    await phone.open()
    assert await phone.overflow() <= 0
