"""Keys: what they do, what they are not for, and where the focus is afterwards."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.looks import arrive

pytestmark = pytest.mark.browser

HERE = """document.activeElement.closest('.track')?.querySelector('.title').textContent
          ?? document.activeElement.tagName"""


def asked(screen, path):
    """What is sent to an address from now on."""
    sent = []
    screen.page.on("request", lambda request: path in request.url and sent.append(request.post_data))
    return sent


async def test_all_are_selected_right_after_a_box_was_ticked_and_none_through_a_dialog(screen, library):
    await arrive(screen, "/library")
    await screen.page.keyboard.press("?")
    await screen.page.keyboard.press("Control+a")
    await screen.page.keyboard.press("?")
    await expect(screen.page.locator("#keys-sheet")).to_be_hidden()
    await expect(screen.page.locator("#bulk-bar")).to_be_hidden()
    await screen.page.locator("#tracks .pick input").first.check()
    await screen.page.keyboard.press("Control+a")
    await expect(screen.page.locator("#bulk-count")).to_have_text("3")


async def test_escape_closes_what_is_open_and_leaves_the_selection(screen, library):
    await arrive(screen, "/library")
    await screen.page.locator("#tracks .pick input").first.check()
    pop = screen.page.locator("#bulk details", has=screen.page.locator("#bulk-tag"))
    await pop.locator("summary").click()
    await pop.get_by_role("button", name="Add").focus()
    await screen.page.keyboard.press("Escape")
    await expect(pop).not_to_have_attribute("open", "")
    await expect(pop.locator("summary")).to_be_focused()
    await expect(screen.page.locator("#bulk-count")).to_have_text("1")
    await screen.page.keyboard.press("Escape")
    await expect(screen.page.locator("#bulk-bar")).to_be_hidden()


async def test_enter_that_ends_a_word_in_japanese_does_not_send_the_tag(screen, library):
    await arrive(screen, "/library")
    sent = asked(screen, "/library/do")
    await screen.page.keyboard.press("j")
    await screen.page.keyboard.press("t")
    await screen.page.keyboard.type("live")
    await screen.page.evaluate(
        """document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
            { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))"""
    )
    await expect(screen.page.locator("#bulk-tag")).to_be_focused()
    assert sent == []


async def test_delete_held_down_deletes_once_and_the_focus_goes_to_the_neighbour(screen, library):
    await arrive(screen, "/library")
    await screen.page.keyboard.press("j")
    await screen.page.keyboard.press("j")
    sent = asked(screen, "/library/do")
    await screen.page.keyboard.down("Delete")
    await screen.page.keyboard.down("Delete")
    await expect(screen.page.locator("#tracks .title")).to_have_text(["Río de Oro", "Glass Harbour"])
    await screen.until(f"({HERE}) === 'Glass Harbour'")
    await screen.page.keyboard.down("Delete")
    await screen.page.keyboard.up("Delete")
    assert len(sent) == 1
    await screen.page.keyboard.press("k")
    await screen.until(f"({HERE}) === 'Río de Oro'")


async def test_the_last_row_gives_the_focus_to_the_heading(screen, library):
    await arrive(screen, "/library")
    await screen.page.keyboard.press("j")
    await screen.page.keyboard.press("Control+a")
    await screen.page.keyboard.press("Delete")
    await expect(screen.page.get_by_text("The library is empty.")).to_be_visible()
    await screen.until(f"({HERE}) === 'H1'")


async def test_a_button_that_is_pressed_twice_acts_once(screen, library):
    await arrive(screen, "/library")
    await screen.page.locator("#tracks .pick input").first.check()
    sent = asked(screen, "/library/do")
    await screen.page.evaluate(
        "() => { const b = document.querySelector('#bulk-bar [value=trash]'); b.click(); b.click(); }"
    )
    await expect(screen.page.locator("#tracks .title")).to_have_count(2)
    await screen.page.wait_for_timeout(200)
    assert len(sent) == 1


async def test_the_keys_of_a_page_rest_while_a_dialog_is_open(screen, library):
    await arrive(screen, f"/tracks/{library['Night Bus']}")
    await screen.page.keyboard.press("?")
    await expect(screen.page.locator("#keys-sheet")).to_be_visible()
    await screen.page.keyboard.press("e")
    await expect(screen.page.locator("#exports")).not_to_have_attribute("open", "")
