"""What a phone, and a browser without scripts, leaves to a person."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from sfa import db
from sfa.playlists import store as playlists
from tests.browser.looks import arrive

pytestmark = pytest.mark.browser

SMALL = """least => [...document.querySelectorAll("a, button, input, select, summary, textarea")]
  .flatMap(one => {
    const whole = one.closest("label") ?? document.querySelector(`label[for="${one.id}"]:not(.sr)`) ?? one;
    const { width, height } = whole.getBoundingClientRect();
    const isInline = getComputedStyle(whole).display === "inline" && whole.closest("p, li.none, small");
    const isSeen = one.checkVisibility() && width > 1 && one.type !== "hidden" && !one.closest(".skip");
    if (!isSeen || isInline || Math.min(width, height) >= least) return [];
    return [`${one.outerHTML.slice(0, 90)} ${width} x ${height}`];
  })"""


@pytest.fixture
async def shelf(pool, account, library):
    """A playlist of all songs, and a crate; the address of the playlist."""
    async with db.transaction(pool) as conn:
        made = await playlists.make(conn, account_id=account, name="Friday")
        await playlists.append(conn, account_id=account, playlist_id=made, track_ids=list(library.values()))
        await playlists.keep_crate(conn, account_id=account, name="House", filter="bpm=118-128")
    return f"/playlists/{made}"


async def test_playlists_crates_and_what_was_done_are_found_on_a_phone(phone, shelf):
    await arrive(phone, "/library")
    more = phone.page.get_by_role("button", name="More")
    friday = phone.page.get_by_role("link", name="Friday")
    await expect(friday).to_be_hidden()
    await more.tap()
    await expect(more).to_have_attribute("aria-expanded", "true")
    await expect(phone.page.get_by_role("link", name="What was done")).to_be_visible()
    await phone.page.touchscreen.tap(200, 120)
    await expect(friday).to_be_hidden()
    await more.tap()
    await phone.page.get_by_role("link", name="House").tap()
    await expect(phone.page.locator("#tracks .title")).to_have_count(2)
    await more.tap()
    await friday.tap()
    await expect(phone.page.locator("#items .title")).to_have_count(3)


async def test_tracks_are_ordered_and_selected_on_a_phone(phone, library):
    await arrive(phone, "/library")
    await phone.page.get_by_role("button", name="Filter").tap()
    await phone.page.get_by_role("combobox", name="Order").select_option("title")
    await expect(phone.page.locator("#tracks .title").first).to_have_text("Glass Harbour")
    await phone.page.get_by_label("Select all that are shown").check()
    await expect(phone.page.locator("#bulk-count")).to_have_text("3")


async def test_what_is_touched_is_wide_enough_for_a_finger(phone, shelf):
    for path, press in [
        ("/library", "#more"),
        ("/library?bpm=90-130", "#open-filters"),
        (shelf, None),
        ("/acts", None),
    ]:
        await arrive(phone, path)
        if press:
            await phone.page.locator(press).tap()
        assert await phone.page.evaluate(SMALL, 32) == [], path
        if path == "/library":
            await phone.page.locator("#tracks .pick input").first.check()
            assert await phone.page.evaluate(SMALL, 32) == [], "selected"


@pytest.fixture
async def plain(browser, address):
    """A browser that runs no scripts."""
    context = await browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    page.root = address
    yield page
    await context.close()


async def test_without_scripts_the_library_is_filtered_and_tracks_are_deleted(plain, library):
    await plain.goto(f"{plain.root}/library")
    await plain.locator("#filters input[name=bpm]").fill("90-110")
    await plain.get_by_role("button", name="Apply").click()
    await expect(plain.locator("#tracks .title")).to_have_text(["Night Bus"])
    await plain.get_by_label("Select Night Bus").check()
    await plain.locator("#bulk-bar").get_by_role("button", name="Delete").click()
    await plain.goto(f"{plain.root}/library")
    await expect(plain.locator("#tracks .title")).to_have_text(["Río de Oro", "Glass Harbour"])
    await expect(plain.get_by_role("button", name="Select none")).to_be_hidden()
