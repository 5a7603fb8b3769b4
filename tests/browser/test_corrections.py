"""A person corrects what they hear: chips, keys, the editor, and a second tab that was first."""

from __future__ import annotations

import httpx
import pytest
from playwright.async_api import expect

from tests.conftest import until
from tests.web.make import add_song, little_song

pytestmark = pytest.mark.browser


@pytest.fixture
async def track(pool, settings, account):
    return await add_song(pool, settings, account, little_song(), "Song.flac")


async def open_panel(page):
    panel = page.locator("#corrections")
    await panel.get_by_text("Correct the readings").click()
    return panel


async def test_tempo_is_doubled_in_the_head_and_undone_by_keyboard(screen, track, pool):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    chip = page.locator("#chip-tempo")
    await chip.locator("summary").click()
    await chip.get_by_role("button", name="Twice the tempo").click()
    await expect(chip.locator("summary")).to_contain_text("240.0")
    await expect(chip.locator("summary")).to_contain_text("corrected")
    await expect(page.locator("#notices")).to_contain_text("Doubled the tempo of “Song”")
    await page.locator("h1").first.click()
    await page.keyboard.press("Control+z")
    await expect(chip.locator("summary")).to_contain_text("120.0")
    await expect(page.locator("#notices")).to_contain_text("Undone: Doubled the tempo")
    await page.keyboard.press("Control+Shift+z")
    await expect(chip.locator("summary")).to_contain_text("240.0")
    await until(pool, "select bpm from corrected_tempos", 240.0)


async def test_undo_key_in_a_field_is_for_the_text(screen, track, pool):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    await page.locator("#chip-metre summary").click()
    field = page.locator("#chip-metre input[name=beats_per_bar]")
    await field.fill("3")
    await field.press("Enter")
    await until(pool, "select beats_per_bar::int from corrected_metres", 3)
    await expect(page.locator("#notices .toast")).to_contain_text("Set the metre")
    await field.press("Control+z")
    await page.wait_for_timeout(300)
    await until(pool, "select beats_per_bar::int from corrected_metres", 3)


async def test_undo_button_of_the_notice_turns_into_redo(screen, track, pool):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    await page.locator("#chip-key summary").click()
    await page.locator("#chip-key select[name=tonic]").select_option("F#")
    await page.locator("#chip-key").get_by_role("button", name="Set", exact=True).click()
    toast = page.locator("#notices .toast")
    await toast.get_by_role("button", name="Undo").click()
    await expect(toast).to_have_count(1)
    await until(pool, "select count(*) from corrected_keys", 0)
    await toast.get_by_role("button", name="Redo").click()
    await until(pool, "select tonic from corrected_keys", "F#")
    await expect(page.locator("#chip-key .badge")).to_have_text("11A")


async def test_nudges_one_after_the_other_are_no_clash(screen, track, pool):
    await screen.open(f"/tracks/{track}")
    panel = await open_panel(screen.page)
    for count in range(1, 4):
        await panel.get_by_role("button", name="+10 ms").click()
        await until(pool, "select round(at_s::numeric, 3)::float8 from corrected_anchors", count / 100)
        await expect(panel.locator("input[name=version]").first).to_have_value(str(count))
    await expect(screen.page.locator("#notices .wrong")).to_have_count(0)


async def test_sections_are_split_named_and_saved(screen, track, pool):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    panel = await open_panel(page)
    await panel.get_by_role("link", name="Edit the sections").click()
    editor = page.locator("#correction-editor")
    await editor.get_by_role("button", name="Split row 2").click()
    await expect(editor.get_by_label("Row 3 is")).to_be_visible()
    await editor.get_by_label("Row 3 is").fill("Coda")
    await editor.get_by_label("Row 3 is").press("Enter")
    await expect(editor).to_contain_text("Saved.")
    await until(
        pool, "select array_agg(label || start_s order by n) from corrected_sections", ["A0", "B2", "Coda3"]
    )
    await expect(page.locator("#readings")).to_contain_text("Coda")


async def test_second_tab_is_shown_both_and_takes_its_own(screen, track, pool, site_of):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    panel = await open_panel(page)
    await panel.get_by_role("link", name="Edit the chords").click()
    editor = page.locator("#correction-editor")
    await editor.get_by_label("Row 1 is").fill("Am7")
    form = {"version": "0", "start": ["0", "2"], "label": ["C", "F"], "end": "4"}
    answer = await site_of.post(f"/tracks/{track}/corrections/chords", data=form)
    assert answer.status_code == 303
    await editor.get_by_role("button", name="Save chords").click()
    notice = page.locator(".clash")
    await expect(notice).to_contain_text("0:00.000 Am7")
    await expect(notice).to_contain_text("0:00.000 C")
    await notice.get_by_role("button", name="Take mine").click()
    await until(pool, "select label from corrected_chords where n = 0", "Am7")
    await expect(notice).to_have_count(0)
    screen.complaints = [said for said in screen.complaints if "409" not in said]


async def test_who_takes_theirs_sees_it_in_the_editor(screen, track, pool, site_of):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    panel = await open_panel(page)
    await panel.get_by_role("link", name="Edit the chords").click()
    editor = page.locator("#correction-editor")
    await editor.get_by_label("Row 1 is").fill("Am7")
    form = {"version": "0", "start": ["0", "2"], "label": ["C", "F"], "end": "4"}
    await site_of.post(f"/tracks/{track}/corrections/chords", data=form)
    await editor.get_by_role("button", name="Save chords").click()
    await page.locator(".clash").get_by_role("button", name="Take theirs").click()
    await expect(editor.get_by_label("Row 1 is")).to_have_value("C")
    await expect(page.locator(".clash")).to_have_count(0)
    screen.complaints = [said for said in screen.complaints if "409" not in said]


async def test_tempo_is_tapped(screen, track):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    chip = page.locator("#chip-tempo")
    await chip.locator("summary").click()
    button = chip.get_by_role("button", name="Tap")
    for _ in range(5):
        await button.dispatch_event("pointerdown")
        await page.wait_for_timeout(250)
    tapped = float(await chip.locator("input[name=bpm]").input_value())
    assert 100 < tapped < 260


async def test_time_is_taken_from_the_playhead(screen, track):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    panel = await open_panel(page)
    await page.evaluate("document.body.dataset.playhead ??= '1.25'")
    button = panel.get_by_role("button", name="At the playhead").first
    await button.click()
    field = panel.locator("input[name=at_s]").first
    assert (await field.input_value()).startswith("0:0")


@pytest.fixture
async def site_of(address):
    """Somebody else, without a browser."""
    async with httpx.AsyncClient(base_url=address, timeout=20) as client:
        yield client
