"""A playlist: its order, what is taken out of it, and the way back."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from sfa import db
from sfa.playlists import store as playlists
from tests.browser.looks import arrive
from tests.web.make import fail

pytestmark = pytest.mark.browser

ALL = ["Glass Harbour", "Night Bus", "Río de Oro"]


@pytest.fixture
async def playlist(pool, account, library):
    async with db.transaction(pool) as conn:
        made = await playlists.make(conn, account_id=account, name="Friday")
        ids = [library[title] for title in ALL]
        await playlists.append(conn, account_id=account, playlist_id=made, track_ids=ids)
    return f"/playlists/{made}"


def names(screen):
    return screen.page.locator("#items .title")


async def test_what_is_done_to_a_track_leaves_it_in_the_playlist(screen, pool, library, playlist):
    async with db.transaction(pool) as conn:
        await conn.execute("select sfa.forge_track(%s)", [library["Night Bus"]])
        await fail(conn, library["Night Bus"])
    await arrive(screen, playlist)
    row = screen.page.locator(f"#track-{library['Night Bus']}")
    await row.get_by_role("button", name="Retry").click()
    await expect(row).to_have_attribute("data-state", "queued")
    await row.get_by_role("button", name="Cancel").click()
    await expect(row).to_have_attribute("data-state", "cancelled")
    await expect(names(screen)).to_have_text(ALL)


async def test_a_track_is_taken_out_counted_and_brought_back(screen, playlist):
    await arrive(screen, playlist)
    await screen.page.get_by_role("button", name="Take Night Bus out").click()
    await expect(names(screen)).to_have_text(["Glass Harbour", "Río de Oro"])
    await expect(screen.page.get_by_role("button", name="Take Río de Oro out")).to_be_focused()
    await expect(screen.page.locator(".count b")).to_have_text("2 tracks")
    await expect(screen.page.locator("#items .handle").last).to_have_accessible_name(
        "Move Río de Oro, place 2 of 2"
    )
    await expect(screen.page.locator("#notices")).to_contain_text("Took 1 track out")
    await screen.page.keyboard.press("Control+z")
    await expect(names(screen)).to_have_text(ALL)
    await expect(screen.page.locator(".count b")).to_have_text("3 tracks")


async def test_the_last_that_is_taken_out_leaves_word(screen, playlist):
    await arrive(screen, playlist)
    for left in (2, 1, 0):
        await screen.page.locator("#items .drop-it").first.click()
        await expect(names(screen)).to_have_count(left)
    await expect(screen.page.get_by_text("Nothing is in it yet.")).to_be_visible()
    await expect(screen.page.locator("h1")).to_be_focused()


async def test_what_could_not_be_taken_out_stays(screen, playlist):
    await arrive(screen, playlist)
    await screen.page.route("**/out", lambda route: route.fulfill(status=503, body="away"))
    async with screen.page.expect_response("**/out"):
        await screen.page.get_by_role("button", name="Take Night Bus out").click()
    await screen.page.wait_for_timeout(100)
    await expect(names(screen)).to_have_text(ALL)
    screen.complaints.clear()


async def test_moves_are_told_one_after_the_other_and_taken_back(screen, playlist):
    under_way = most = 0

    async def slowly(route) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.1)
        answer = await route.fetch()
        under_way -= 1
        await route.fulfill(response=answer)

    await arrive(screen, playlist)
    await screen.page.route("**/move", slowly)
    await screen.page.locator("#items .handle").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown"):
        await screen.page.keyboard.press(key)
    turned = ["Night Bus", "Río de Oro", "Glass Harbour"]
    await expect(screen.page.locator("#notices .toast")).to_have_count(2)
    await expect(names(screen)).to_have_text(turned)
    assert most == 1
    await screen.page.reload()
    await expect(names(screen)).to_have_text(turned)
    await screen.page.keyboard.press("Control+z")
    await expect(names(screen)).to_have_text(["Night Bus", "Glass Harbour", "Río de Oro"])


async def test_a_track_that_is_deleted_elsewhere_leaves_no_empty_place(
    screen, pool, account, library, playlist
):
    await arrive(screen, playlist)
    async with db.transaction(pool) as conn:
        await conn.execute("update tracks set deleted_at = now() where id = %s", [library["Night Bus"]])
    await expect(screen.page.locator("#items .item")).to_have_count(2)
    await expect(names(screen)).to_have_text(["Glass Harbour", "Río de Oro"])
