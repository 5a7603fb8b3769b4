"""Covers under a person's hands: chosen in the dialog, seen everywhere, refused with a sentence, undone."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from sfa import db
from tests import make
from tests.covers.pictures import picture

pytestmark = pytest.mark.browser


@pytest.fixture
async def track(pool):
    async with db.transaction(pool) as conn:
        await make.add_track(conn, title="Night Bus")
        return await make.add_track(conn, title="Glass Harbour")


async def edit(screen, track, path):
    await screen.open(f"/tracks/{track}")
    await screen.until("document.getElementById('live').dataset.link == 'open'")
    await screen.page.get_by_role("button", name="Edit", exact=True).click()
    await screen.page.locator("#editor input[type=file]").set_input_files(path)
    await screen.page.get_by_role("button", name="Use this picture").click()


async def loaded(screen, image):
    await screen.until(f"document.querySelector('{image}')?.complete === true")
    assert await screen.page.evaluate(f"document.querySelector('{image}').naturalWidth") > 0


async def test_a_picture_is_chosen_in_the_dialog_and_taken_back_by_the_notice(screen, track, tmp_path):
    await edit(screen, track, picture(tmp_path / "a.png"))
    await loaded(screen, "#head img.cover")
    await loaded(screen, "#editor img.cover")  # it stays open: something may have been written in it
    await screen.page.locator("#notices").get_by_role("button", name="Undo").click()
    await expect(screen.page.locator("#editor span.cover")).to_be_visible()
    await expect(screen.page.locator("#head span.cover")).to_be_visible()
    await expect(screen.page.locator("#head img.cover")).to_have_count(0)


async def test_what_is_no_picture_is_said_and_the_dialog_stays(screen, track, tmp_path):
    (tmp_path / "cover.jpg").write_text("<!doctype html><script>alert(1)</script>")
    await edit(screen, track, tmp_path / "cover.jpg")
    await expect(screen.page.locator("#notices .sentence")).to_contain_text("This is no picture")
    await expect(screen.page.locator("#editor")).to_be_visible()
    screen.complaints.clear()  # of the answer 422, as it should be


@pytest.mark.parametrize("view", ["table", "grid"])
async def test_lists_show_pictures_and_tiles_of_one_size(screen, phone, track, tmp_path, view):
    await edit(screen, track, picture(tmp_path / "a.png"))
    await loaded(screen, "#head img.cover")
    for tab in (screen, phone):
        await tab.open(f"/library?view={view}")
        await loaded(tab, "#tracks img.cover")
        sizes = await tab.page.evaluate(
            "[...document.querySelectorAll('#tracks .cover')].map(e => [e.clientWidth, e.clientHeight])"
        )
        assert len(sizes) == 2
        assert sizes[0] == sizes[1]
        width, height = sizes[0]
        assert width == height
        assert width == 40 if view == "table" else width > 120
        assert await tab.overflow() <= 0
