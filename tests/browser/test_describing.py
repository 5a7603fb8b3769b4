"""Two who edit one track: the second is asked, in the dialog that is open."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from sfa import db
from tests.conftest import until


@pytest.mark.parametrize(("way", "then"), [("Take mine", "Mine"), ("Take theirs", "Theirs")])
async def test_who_edits_what_was_edited_meanwhile_takes_either_and_is_done(screen, pool, library, way, then):
    await screen.open(f"/tracks/{library['Night Bus']}")
    page = screen.page
    await page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.locator("#editor")
    await dialog.get_by_label("Title").fill("Mine")
    await dialog.get_by_label("Notes").fill("kept")
    async with db.transaction(pool) as conn:
        await conn.execute("update tracks set title = 'Theirs' where title = 'Night Bus'")
    await dialog.get_by_role("button", name="Save").click()
    clash = dialog.locator(".clash")
    await expect(clash).to_contain_text("Mine")
    await expect(clash).to_contain_text("Theirs")
    await clash.get_by_role("button", name=way).click()
    await expect(dialog).to_be_hidden()
    await expect(page.locator(".clash")).to_have_count(0)
    await until(pool, "select title from tracks where comment = 'kept'", then)
    screen.complaints = [said for said in screen.complaints if "409" not in said]
