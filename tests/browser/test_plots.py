from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from sfa import corrections, db
from tests.web.make import add_song, little_song

pytestmark = pytest.mark.browser

NAMES = ("tempo", "loudness", "chroma", "likeness", "timbre", "bands")
LISTEN = "window.asked = []; addEventListener('sfa:seek', ({ detail }) => window.asked.push(detail.seconds))"


@pytest.fixture
async def track(pool, settings, account):
    return await add_song(pool, settings, account, little_song(12.0), "Song.flac")


async def scroll_through(screen):
    """Every plot comes into sight once, and is drawn."""
    for name in NAMES:
        place = screen.page.locator(f"[data-plot={name}]")
        await place.scroll_into_view_if_needed()
        await expect(place.locator(".finding")).to_be_visible()


async def test_plots_are_fetched_when_they_come_into_sight_and_one_picture_for_each(screen, track):
    asked = []
    screen.page.on("request", lambda request: "/plots/" in request.url and asked.append(request.url))
    await screen.open(f"/tracks/{track}")
    await expect(screen.page.locator("[data-plot]")).to_have_count(len(NAMES))
    assert not [url for url in asked if "likeness" in url]
    await scroll_through(screen)
    await screen.until(
        """[...document.querySelectorAll('.plot img')].filter(one => one.checkVisibility())
               .every(one => one.complete && one.naturalWidth)"""
    )
    pictures = [url for url in asked if "/picture" in url]
    assert len(pictures) == 4
    assert len({"light" in url for url in pictures}) == 1


@pytest.mark.parametrize("name", ["tempo", "chroma", "likeness"])
async def test_a_click_in_a_plot_asks_to_go_there(screen, track, name):
    await screen.page.add_init_script(LISTEN)
    await screen.open(f"/tracks/{track}")
    await scroll_through(screen)
    field = screen.page.locator(f"[data-plot={name}] .panels :is(.pane, .square) > .field").first
    await field.scroll_into_view_if_needed()
    box = await field.bounding_box()
    await field.click(position={"x": box["width"] * 0.75, "y": 20})
    assert await screen.page.evaluate("window.asked.length") == 1
    assert abs(await screen.page.evaluate("window.asked[0]") - 9.0) < 0.1


def flags(plot: str) -> str:
    """What the fields of a plot say, one below the other."""
    return f"[...document.querySelectorAll('[data-plot={plot}] .flag')].map(one => one.innerText).join('\\n')"


async def field_of(screen, plot: str):
    """The first field of a plot that has something to tell, in the middle of the screen; where it is."""
    field = screen.page.locator(f"[data-plot={plot}] .field[data-reads]").first
    await field.evaluate("field => field.scrollIntoView({ block: 'center' })")
    return await field.bounding_box()


@pytest.mark.parametrize(
    ("name", "down", "said"),
    [
        ("tempo", 0.5, "0:09, bar 5.3\n120.0 BPM\non the grid"),
        ("loudness", 0.5, "0:09, bar 5.3\n3 s "),
        ("chroma", 0.71, "0:09, bar 5.3\nC 0.60"),
        ("likeness", 0.75, "0:09, bar 5.3\nlike 0:09: 0."),
        ("timbre", 0.01, "0:09, bar 5.3\n10.7 kHz −40 dBFS\n"),
    ],
)
async def test_under_the_pointer_stands_the_value_with_its_unit(screen, track, name, down, said):
    await screen.open(f"/tracks/{track}")
    await scroll_through(screen)
    box = await field_of(screen, name)
    await screen.page.mouse.move(box["x"] + 0.7501 * box["width"], box["y"] + down * box["height"])
    await screen.until(f"({flags(name)}).startsWith({said!r})")
    await screen.page.mouse.move(box["x"] - 100, box["y"])
    await screen.until(f"({flags(name)}) === ''")


async def test_keys_read_a_plot_beat_by_beat_and_enter_goes_there(screen, track):
    await screen.page.add_init_script(LISTEN)
    await screen.open(f"/tracks/{track}")
    await scroll_through(screen)
    probe = screen.page.get_by_role("slider", name="Notes and key, moment by moment.")
    await probe.focus()
    for key, there in [
        ("ArrowRight", "0:00, bar 1.2"),
        ("PageUp", "0:02, bar 2.1"),
        ("ArrowDown", "0:01, bar 1.4"),
        ("End", "0:12, bar 6.4"),
    ]:
        await screen.page.keyboard.press(key)
        await expect(probe).to_have_attribute("aria-valuetext", re.compile(f"^{there}, [AF] 1.00"))
    await screen.page.keyboard.press("Home")
    await screen.page.keyboard.press("Enter")
    assert await screen.page.evaluate("window.asked") == [0]
    await expect(screen.page.locator("#time")).to_have_text("0:00.0")
    await probe.blur()
    assert await screen.page.evaluate(flags("chroma")) == ""


async def test_a_finger_reads_with_one_tap_and_goes_there_with_the_next(phone, track):
    await phone.page.add_init_script(LISTEN)
    await phone.open(f"/tracks/{track}")
    await scroll_through(phone)
    box = await field_of(phone, "loudness")
    for share, asked in [(0.25, []), (0.75, []), (0.76, [9.0])]:
        await phone.page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + 60)
        await phone.until(f"({flags('loudness')}).includes('LUFS')")
        said = await phone.page.evaluate("window.asked")
        assert said == pytest.approx(asked, abs=0.1)
    await phone.page.touchscreen.tap(195, 60)
    await phone.until(f"({flags('loudness')}) === ''")


async def test_a_click_in_the_spectrum_of_the_stems_goes_nowhere(screen, track):
    await screen.page.add_init_script(LISTEN)
    await screen.open(f"/tracks/{track}")
    await scroll_through(screen)
    await screen.page.locator("[data-plot=bands] .pane .field").click()
    assert await screen.page.evaluate("window.asked") == []


async def test_plots_lie_under_the_lanes_of_the_player(screen, track):
    await screen.open(f"/tracks/{track}")
    await scroll_through(screen)
    lane = await screen.page.locator("#ruler").bounding_box()
    field = await screen.page.locator("[data-plot=tempo] .pane .field").first.bounding_box()
    assert abs(lane["x"] - field["x"]) <= 1
    assert abs(lane["width"] - field["width"]) <= 2


async def test_the_playhead_runs_through_the_plots(screen, track):
    await screen.open(f"/tracks/{track}")
    await screen.page.keyboard.press("End")
    await screen.until("document.getElementById('plots').style.getPropertyValue('--now') === '100.000%'")


async def test_a_correction_draws_the_plot_anew(screen, pool, account, track):
    await screen.open(f"/tracks/{track}")
    await scroll_through(screen)
    async with db.transaction(pool) as conn:
        await corrections.correct(
            conn,
            account_id=account,
            track_id=track,
            what="tempo",
            seen=0,
            form={"bpm": ["90"], "steady": ["1"]},
        )
    await expect(screen.page.locator("#chip-tempo summary")).to_contain_text("90.0")
    # By the page itself: what the stream draws anew may take the place of what was about to be scrolled to.
    await screen.until("(document.querySelector('[data-plot=tempo]').scrollIntoView(), true)")
    await expect(screen.page.locator("[data-plot=tempo] .finding")).to_contain_text("90.0 BPM")


async def test_a_change_elsewhere_leaves_what_was_drawn(screen, pool, track):
    await screen.open(f"/tracks/{track}")
    await scroll_through(screen)
    async with db.transaction(pool) as conn:
        await conn.execute("update tracks set title = 'New name' where id = %s", [track])
    await expect(screen.page.locator("h1")).to_have_text("New name")
    await expect(screen.page.locator("[data-plot] .finding")).to_have_count(len(NAMES))


async def test_a_phone_shows_all_plots_without_scrolling_sideways(phone, track):
    await phone.open(f"/tracks/{track}")
    await scroll_through(phone)
    assert await phone.overflow() <= 0
