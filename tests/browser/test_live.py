"""The stream of a page, where it begins slowly or late."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from sfa import db
from tests import make
from tests.browser.looks import arrive

pytestmark = pytest.mark.browser


async def test_a_slow_first_answer_opens_one_stream(screen, library):
    asked = 0

    async def slowly(route) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(4.5)  # live.js asks again after three
        await route.continue_()

    await screen.page.route("**/events?*", slowly)
    await arrive(screen, "/library")
    await screen.page.wait_for_timeout(300)
    assert asked == 1


async def test_the_first_songs_of_an_empty_library_appear(screen, pool):
    await arrive(screen, "/library")
    await expect(screen.page.get_by_text("The library is empty.")).to_be_visible()
    for title in ("First", "Second", "Third"):
        async with db.transaction(pool) as conn:
            await make.add_track(conn, title=title)
    await expect(screen.page.locator("#tracks .title")).to_have_text(["Third", "Second", "First"])
    await expect(screen.page.get_by_text("The library is empty.")).to_have_count(0)
