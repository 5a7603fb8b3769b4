"""The library under a person's hands: found, sorted, selected, tagged, thrown away, put in order."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from sfa import db
from tests import make

pytestmark = pytest.mark.browser


def titles(screen):
    return screen.page.locator("#tracks .track .title")


async def shows(screen, *names):
    await expect(titles(screen)).to_have_text(list(names))


async def ready(screen, path="/library"):
    await screen.open(path)
    await screen.until("document.getElementById('live').dataset.link == 'open'")


async def test_typing_finds_and_the_address_says_what_is_shown(screen, library):
    await ready(screen)
    await screen.page.keyboard.press("/")
    await screen.page.keyboard.type("rio")
    await shows(screen, "Río de Oro")
    await expect(screen.page).to_have_url(f"{screen.address}/library?q=rio")
    await screen.page.reload()
    await shows(screen, "Río de Oro")
    await expect(screen.page.locator("#words")).to_have_value("rio")
    await screen.page.locator(".conditions .clear").click()
    await shows(screen, "Río de Oro", "Night Bus", "Glass Harbour")
    await screen.page.go_back()
    await shows(screen, "Río de Oro")


async def test_a_filter_narrows_while_its_panel_stays_open_and_is_saved_as_a_crate(screen, library):
    await ready(screen)
    await screen.page.keyboard.press("f")
    await screen.page.locator("#filters input[name=bpm]").fill("120-130")
    await screen.page.keyboard.press("Enter")
    await shows(screen, "Río de Oro", "Glass Harbour")
    await expect(screen.page.locator("#filters")).to_be_visible()
    await screen.page.get_by_text("Save as crate").click()
    await screen.page.get_by_label("Name of the crate").fill("House")
    await screen.page.get_by_role("button", name="Save").click()
    await screen.page.get_by_role("link", name="House").click()
    await shows(screen, "Río de Oro", "Glass Harbour")


async def test_a_fault_in_a_filter_is_said_and_the_list_stays(screen, library):
    await ready(screen)
    await screen.page.keyboard.press("f")
    await screen.page.locator("#filters input[name=bpm]").fill("fast")
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#notices")).to_contain_text(
        "“bpm” is 'fast' and is written as 120-130."
    )
    await expect(titles(screen)).to_have_count(3)
    screen.complaints.clear()


async def test_a_head_sorts_one_way_and_the_other(screen, library):
    await ready(screen)
    await screen.page.locator(".heads .h-title").click()
    await shows(screen, "Glass Harbour", "Night Bus", "Río de Oro")
    await screen.page.locator(".heads .h-title").click()
    await shows(screen, "Río de Oro", "Night Bus", "Glass Harbour")


async def test_rows_are_selected_by_keys_deleted_and_brought_back_by_undo(screen, library):
    await ready(screen)
    for key in ("j", "x", "j", "x"):
        await screen.page.keyboard.press(key)
    await expect(screen.page.locator("#bulk-count")).to_have_text("2")
    await screen.page.keyboard.press("Delete")
    await shows(screen, "Glass Harbour")
    await expect(screen.page.locator("#n-trash")).to_have_text("2")
    toast = screen.page.locator("#notices .toast")
    await expect(toast).to_contain_text("Deleted 2 tracks")
    await screen.page.keyboard.press("Control+z")
    await shows(screen, "Río de Oro", "Night Bus", "Glass Harbour")
    await screen.page.keyboard.press("Control+Shift+z")
    await shows(screen, "Glass Harbour")


async def test_a_range_is_selected_with_shift(screen, library):
    await ready(screen)
    boxes = screen.page.locator("#tracks .pick input")
    await boxes.nth(0).click()
    await boxes.nth(2).click(modifiers=["Shift"])
    await expect(screen.page.locator("#bulk-count")).to_have_text("3")


async def test_a_tag_is_given_from_the_keyboard_and_found_again(screen, library):
    await ready(screen)
    await screen.page.keyboard.press("j")
    await screen.page.keyboard.press("t")
    await screen.page.keyboard.type("live set")
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#tracks .track").first).to_contain_text("#live set")
    await screen.page.locator("#words").fill("live set")
    await shows(screen, "Río de Oro")


async def test_a_selection_outlives_what_the_stream_draws_anew(screen, pool, library):
    await ready(screen)
    await screen.page.locator("#tracks .pick input").first.check()
    async with db.transaction(pool) as conn:
        await conn.execute("update tracks set artist = 'Somebody' where title = 'Río de Oro'")
    row = screen.page.locator("#tracks .track").first
    await expect(row).to_contain_text("Somebody")
    await expect(row.locator(".pick input")).to_be_checked()


async def test_what_is_new_does_not_push_into_a_list_that_was_asked_for(screen, pool, library):
    await ready(screen, "/library?sort=title")
    async with db.transaction(pool) as conn:
        await make.add_track(conn, title="Aardvark")
        await conn.execute("update tracks set artist = 'Seen' where title = 'Night Bus'")
    await expect(screen.page.locator("#tracks")).to_contain_text("Seen")
    await shows(screen, "Glass Harbour", "Night Bus", "Río de Oro")


async def test_the_trash_gives_back_and_deletes_for_good_after_asking(screen, pool, library):
    await ready(screen)
    await screen.page.locator("#pick-all").check()
    await screen.page.get_by_role("button", name="Delete", exact=True).click()
    await expect(screen.page.locator("#notices")).to_contain_text("Deleted 3 tracks")
    await ready(screen, "/library?trash=1")
    await expect(titles(screen)).to_have_count(3)
    await screen.page.get_by_label("Select Night Bus").check()
    await screen.page.get_by_role("button", name="Bring back").click()
    await expect(titles(screen)).to_have_count(2)
    screen.page.once("dialog", lambda dialog: dialog.accept())
    await screen.page.locator("#pick-all").check()
    await screen.page.get_by_role("button", name="Delete for good").click()
    await expect(screen.page.locator("#notices")).to_contain_text("2 tracks deleted for good")
    async with pool.connection() as conn:
        assert await (await conn.execute("select title from tracks")).fetchall() == [("Night Bus",)]


async def test_a_playlist_is_made_from_a_selection_and_put_in_order_by_mouse_and_keys(screen, library):
    await ready(screen)
    await screen.page.locator("#pick-all").check()
    await screen.page.get_by_text("To playlist").click()
    await screen.page.get_by_label("Name of a new playlist").fill("Tonight")
    await screen.page.get_by_role("button", name="Put").click()
    await expect(screen.page.locator("#notices")).to_contain_text("Put 3 tracks into a playlist")
    await screen.open("/library")
    await screen.page.get_by_role("link", name="Tonight").click()
    names = screen.page.locator("#items .title")
    await expect(names).to_have_text(["Río de Oro", "Night Bus", "Glass Harbour"])
    handles = screen.page.locator("#items .handle")
    await handles.nth(0).focus()
    async with screen.page.expect_response("**/move"):
        await screen.page.keyboard.press("ArrowDown")
    await expect(names).to_have_text(["Night Bus", "Río de Oro", "Glass Harbour"])
    box = await handles.nth(2).bounding_box()
    top = await screen.page.locator("#items .item").first.bounding_box()
    await screen.page.mouse.move(box["x"] + 5, box["y"] + 5)
    await screen.page.mouse.down()
    await screen.page.mouse.move(top["x"] + 20, top["y"] + 2, steps=8)
    async with screen.page.expect_response("**/move"):
        await screen.page.mouse.up()
    await expect(names).to_have_text(["Glass Harbour", "Night Bus", "Río de Oro"])
    await screen.page.reload()
    await expect(names).to_have_text(["Glass Harbour", "Night Bus", "Río de Oro"])


async def test_news_wait_until_they_are_seen(screen, pool, library):
    await ready(screen)
    async with db.transaction(pool) as conn:
        await conn.execute("select sfa.forge_track(%s)", [library["Night Bus"]])
        await conn.execute(
            "update runs set state = 'done', job_id = 1, started_at = now(), finished_at = now()"
        )
    await expect(screen.page.locator("#n-news")).to_have_text("1")
    await screen.page.keyboard.press("n")
    await expect(screen.page.locator("#news")).to_contain_text("Night Bus")
    await expect(screen.page.locator("#n-news")).to_have_text("")
    await screen.page.reload()
    await expect(screen.page.locator("#n-news")).to_have_text("")


async def test_what_is_wrong_in_a_dialog_is_said_where_it_can_be_read(screen, library):
    await ready(screen, f"/tracks/{library['Night Bus']}")
    await screen.page.get_by_role("button", name="Edit").click()
    dialog = screen.page.locator("#editor")
    await dialog.get_by_label("Year").fill("MCM")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.locator("#notices")).to_contain_text("MCM is no year.")
    await dialog.get_by_role("button", name="Dismiss").click()
    await dialog.get_by_label("Year").fill("1999")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    await expect(screen.page.locator("body > #notices")).to_contain_text("Edited “Night Bus”")
    screen.complaints.clear()


async def test_keys_can_be_looked_up_and_turned_off(screen, library):
    await ready(screen)
    await screen.page.keyboard.press("?")
    sheet = screen.page.locator("#keys-sheet")
    await expect(sheet).to_be_visible()
    await sheet.get_by_label("Single keys do something").uncheck()
    await screen.page.keyboard.press("Escape")
    await screen.page.keyboard.press("j")
    assert await screen.page.evaluate("document.activeElement.closest('.track')") is None


async def test_dark_and_light_are_a_choice_that_is_kept(screen, library):
    await ready(screen)
    background = "getComputedStyle(document.body.parentElement).backgroundColor"
    before = await screen.page.evaluate(background)
    await screen.page.get_by_role("button", name="Dark or light").click()
    after = await screen.page.evaluate(background)
    assert after != before
    await screen.page.reload()
    assert await screen.page.evaluate(background) == after


@pytest.mark.parametrize("path", ["/", "/library", "/library?view=grid", "/library?trash=1", "/acts"])
async def test_no_page_scrolls_sideways_on_a_phone(phone, library, path):
    await phone.open(path)
    assert await phone.overflow() <= 0


async def test_a_filter_that_was_removed_does_not_come_back(screen, library):
    await ready(screen)
    await screen.page.keyboard.press("f")
    await screen.page.locator("#filters select[name=state]").select_option("failed")
    await expect(screen.page.get_by_text("No track is like that.")).to_be_visible()
    await screen.page.locator(".conditions a", has_text="failed").click()
    await expect(titles(screen)).to_have_count(3)
    await screen.page.locator("#filters input[name=x2]").check()
    await expect(screen.page).to_have_url(f"{screen.address}/library?x2=1")
    await screen.page.go_back()
    await expect(screen.page.locator("#filters input[name=x2]")).not_to_be_checked()
    await screen.page.locator("#filters input[name=bpm]").fill("97-99")
    await screen.page.keyboard.press("Enter")
    await shows(screen, "Night Bus")
    await expect(screen.page).to_have_url(f"{screen.address}/library?bpm=97-99")


async def test_what_could_not_be_understood_is_forgotten_with_the_next_step(screen, library):
    await ready(screen)
    await screen.page.keyboard.press("f")
    await screen.page.locator("#filters input[name=bpm]").fill("fast")
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#notices")).to_contain_text("120-130")
    await screen.page.locator(".heads .h-title").click()
    await shows(screen, "Glass Harbour", "Night Bus", "Río de Oro")
    await expect(screen.page.locator("#filters input[name=bpm]")).to_have_value("")
    screen.complaints.clear()


async def test_going_back_goes_over_all_that_was_typed_and_the_field_says_so(screen, library):
    await ready(screen)
    length = await screen.page.evaluate("history.length")
    await screen.page.locator("#words").press_sequentially("night", delay=250)
    await shows(screen, "Night Bus")
    await screen.page.keyboard.press("Enter")
    await screen.page.wait_for_timeout(200)
    assert await screen.page.evaluate("history.length") == length + 1
    await screen.page.go_back()
    await expect(titles(screen)).to_have_count(3)
    await expect(screen.page.locator("#words")).to_have_value("")


async def test_a_list_is_ordered_from_the_panel_too(screen, library):
    await ready(screen, "/library?q=r")
    await screen.page.keyboard.press("f")
    order = screen.page.get_by_role("combobox", name="Order")
    await order.select_option("-title")
    await expect(screen.page).to_have_url(f"{screen.address}/library?sort=-title&q=r")
    await order.select_option("newest first")
    await expect(screen.page).to_have_url(f"{screen.address}/library?sort=-added&q=r")
    await expect(order).to_have_value("-added")
    await shows(screen, "Río de Oro", "Night Bus", "Glass Harbour")


async def edit(screen, track):
    await ready(screen, f"/tracks/{track}")
    await screen.page.get_by_role("button", name="Edit", exact=True).click()
    dialog = screen.page.locator("#editor")
    await expect(dialog).to_be_visible()
    return dialog


async def test_a_text_that_was_given_up_is_gone_when_the_dialog_is_opened_again(screen, library):
    dialog = await edit(screen, library["Night Bus"])
    await dialog.get_by_label("Title").fill("Nonsense")
    await dialog.get_by_role("button", name="Cancel").click()
    await screen.page.get_by_role("button", name="Edit", exact=True).click()
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_label("Title")).to_have_value("Night Bus")


async def test_a_dialog_that_could_not_be_fetched_stays_shut(screen, pool, library):
    await ready(screen, f"/tracks/{library['Night Bus']}")
    await screen.page.route("**/description", lambda route: route.fulfill(status=500, body="away"))
    async with screen.page.expect_response("**/description"):
        await screen.page.get_by_role("button", name="Edit", exact=True).click()
    async with db.transaction(pool) as conn:
        await conn.execute("update tracks set artist = 'Somebody' where title = 'Night Bus'")
    await expect(screen.page.locator("#head")).to_contain_text("Somebody")
    await expect(screen.page.locator("#editor")).to_be_hidden()
    screen.complaints.clear()


async def test_a_dialog_closes_by_a_click_beside_it_and_by_nothing_less(screen, library):
    dialog = await edit(screen, library["Night Bus"])
    box = await dialog.bounding_box()
    mouse = screen.page.mouse
    await mouse.click(box["x"] + 4, box["y"] + box["height"] / 2)  # its edge
    title = await dialog.get_by_label("Title").bounding_box()
    await mouse.move(title["x"] + 20, title["y"] + 20)
    await mouse.down()
    await mouse.move(20, 20)  # a selection that ends outside
    await mouse.up()
    await expect(dialog).to_be_visible()
    await mouse.click(20, 20)
    await expect(dialog).to_be_hidden()


async def test_a_track_that_is_deleted_on_its_page_leads_to_the_library(screen, library):
    await ready(screen, f"/tracks/{library['Night Bus']}")
    await screen.page.locator("#head").get_by_role("button", name="Delete").click()
    await shows(screen, "Río de Oro", "Glass Harbour")
    await screen.page.keyboard.press("Control+z")
    await shows(screen, "Río de Oro", "Night Bus", "Glass Harbour")
