"""Undo by keys and by notices, and how long notices stay."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.looks import arrive
from tests.conftest import until
from tests.web.make import add_song, little_song

pytestmark = pytest.mark.browser

SAY = """([sentence, fades]) => {
    const notice = document.createElement("div");
    notice.className = "notice toast";
    notice.dataset.fades = fades;
    const close = document.createElement("button");
    close.dataset.close = "";
    notice.append(sentence, close);
    document.getElementById("notices").append(notice);
}"""


async def test_an_undo_that_got_no_answer_keeps_its_place(screen, library):
    await arrive(screen, "/library")
    await screen.page.keyboard.press("j")
    await screen.page.keyboard.press("Delete")
    await expect(screen.page.locator("#tracks .title")).to_have_count(2)
    await screen.page.route("**/acts/*/undo", lambda route: route.abort(), times=1)
    await screen.page.keyboard.press("Control+z")
    await expect(screen.page.locator("#notices")).to_contain_text("The studio does not answer.")
    await screen.page.keyboard.press("Control+z")
    await expect(screen.page.locator("#tracks .title")).to_have_count(3)
    screen.complaints.clear()


async def test_what_comes_back_comes_back_to_a_list_that_was_asked_for(screen, library):
    await arrive(screen, "/library?sort=title")
    await screen.page.keyboard.press("j")
    await screen.page.keyboard.press("Delete")
    await expect(screen.page.locator("#tracks .title")).to_have_text(["Night Bus", "Río de Oro"])
    await screen.page.keyboard.press("Control+z")
    await expect(screen.page.locator("#tracks .title")).to_have_text(
        ["Glass Harbour", "Night Bus", "Río de Oro"]
    )


async def test_a_notice_stays_while_somebody_is_at_it_and_others_do_not_push_it_out(screen, library):
    await arrive(screen, "/library")
    await screen.page.evaluate(SAY, ["held", 1500])
    held = screen.page.locator("#notices .toast", has_text="held")
    await held.hover()
    await screen.page.wait_for_timeout(2000)
    await screen.page.keyboard.press("Shift")  # from now on it is the keyboard that is used
    await held.get_by_role("button").focus()
    await screen.page.mouse.move(10, 10)
    for n in range(5):
        await screen.page.evaluate(SAY, [f"other {n}", 60000])
    await screen.page.wait_for_timeout(1800)
    await expect(held).to_be_visible()
    await expect(screen.page.locator("#notices .toast")).to_have_count(5)
    await held.get_by_role("button").blur()
    await expect(held).to_have_count(0)


async def test_a_notice_that_is_closed_gives_the_focus_back(screen, library):
    await arrive(screen, "/library")
    await screen.page.keyboard.press("j")
    await screen.page.evaluate(SAY, ["one", 60000])
    await screen.page.evaluate(SAY, ["two", 60000])
    await screen.page.locator("#notices button").last.focus()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#notices button")).to_be_focused()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#tracks a.name").first).to_be_focused()


async def test_what_was_chosen_and_undone_is_shown_as_it_is_again(screen, pool, settings, account):
    track = await add_song(pool, settings, account, little_song(), "Song.flac")
    await arrive(screen, f"/tracks/{track}")
    chip = screen.page.locator("#chip-tempo")
    even = chip.get_by_label("Even")
    await chip.locator("summary").click()
    await even.check()
    await chip.get_by_role("button", name="Set", exact=True).click()
    await until(pool, "select count(*) from corrected_tempos", 1)
    await expect(screen.page.locator("#notices .toast")).to_be_visible()
    await screen.page.keyboard.press("Control+z")
    await until(pool, "select count(*) from corrected_tempos", 0)
    await expect(even).not_to_be_checked()


async def test_what_led_to_a_page_is_told_there_once_and_undone_by_keys(screen, library):
    await arrive(screen, "/library")
    await screen.page.get_by_text("New playlist", exact=True).click()
    await screen.page.get_by_label("Name", exact=True).fill("Friday")
    await screen.page.keyboard.press("Enter")
    await screen.page.locator("#playlist").get_by_role("button", name="Delete").click()
    await expect(screen.page.locator("#notices")).to_contain_text("Deleted the playlist “Friday”")
    await expect(screen.page).to_have_url(f"{screen.address}/library")
    await screen.page.keyboard.press("Control+z")
    await expect(screen.page.locator("#groups").get_by_role("link", name="Friday")).to_be_visible()
    await screen.page.reload()
    await expect(screen.page.locator("#notices .toast")).to_have_count(0)
