from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from sfa import db
from tests import make
from tests.web.make import add_song, finish_song, little_song, set_runs

pytestmark = pytest.mark.browser

TIME = "parseFloat(document.getElementById('time').textContent.split(':')[1])"


@pytest.fixture
async def track(pool, settings, account):
    return await add_song(pool, settings, account, little_song(6.0), "Song.flac")


async def level(page, stem: str) -> float:
    return await page.evaluate(
        """stem => new DOMMatrix(getComputedStyle(
               document.querySelector(`.voice[data-stem=${stem}] .level i`)).transform).a""",
        stem,
    )


async def silent(page, stem: str) -> bool:
    return await page.locator(f".voice[data-stem={stem}]").get_attribute("data-silent") is not None


async def test_every_stem_sounds_and_the_time_goes_on(screen, track):
    await screen.open(f"/tracks/{track}")
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.4")
    assert [await level(screen.page, stem) > 0 for stem in ("vocals", "drums", "bass", "other")] == [True] * 4
    await screen.page.get_by_role("button", name="Pause").click()
    stood = await screen.page.evaluate(TIME)
    await asyncio.sleep(0.3)
    assert await screen.page.evaluate(TIME) == stood


async def test_keys_mute_solo_seek_and_stop(screen, track):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    await page.keyboard.press("1")
    assert await silent(page, "vocals")
    await page.keyboard.press("Shift+2")
    assert [await silent(page, stem) for stem in ("vocals", "drums", "bass", "mix")] == [
        True,
        False,
        True,
        True,
    ]
    await page.keyboard.press("o")
    assert [await silent(page, stem) for stem in ("drums", "mix")] == [True, False]
    await page.keyboard.press("0")
    assert [await silent(page, stem) for stem in ("vocals", "drums", "mix")] == [False, False, True]
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#time")).to_have_text("0:00.5")
    await page.keyboard.press("Shift+ArrowRight")
    await expect(page.locator("#time")).to_have_text("0:02.0")
    await expect(page.locator("#here-bar")).to_have_text("2.1")
    await expect(page.locator("#here-chord")).to_have_text("Am")
    await page.keyboard.press("Space")
    await screen.until(f"{TIME} > 2.2")
    await page.keyboard.press("Home")
    await screen.until(f"{TIME} < 1")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Play")).to_be_visible()


async def test_a_click_in_a_lane_goes_there(screen, track):
    await screen.open(f"/tracks/{track}")
    box = await screen.page.locator("#ruler").bounding_box()
    await screen.page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 200)
    await expect(screen.page.locator("#time")).to_have_text("0:04.5")
    await expect(screen.page.locator("#here-section")).to_have_text("B")


async def test_muting_while_it_plays_silences_the_meter_too(screen, track):
    await screen.open(f"/tracks/{track}")
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.3")
    await screen.page.get_by_role("button", name="Mute Bass").click()
    await asyncio.sleep(0.3)
    assert await level(screen.page, "bass") == 0
    assert await level(screen.page, "drums") > 0  # between two hits it is low, and not silent


async def test_all_stems_begin_at_the_same_sample(screen, track):
    """What the engine tells the sound card is written down: one moment, one place in the song, for all."""
    await screen.page.add_init_script(
        """window.starts = [];
           const start = AudioBufferSourceNode.prototype.start;
           AudioBufferSourceNode.prototype.start = function (at, from) {
               window.starts.push([at, from, this.context.sampleRate]);
               return start.call(this, at, from);
           };"""
    )
    await screen.open(f"/tracks/{track}")
    await screen.page.keyboard.press("ArrowRight")
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.6")
    starts = await screen.page.evaluate("window.starts")
    assert len(starts) == 4
    assert len({tuple(start) for start in starts}) == 1
    at, begin, rate = starts[0]
    assert rate == 44_100
    assert abs(at * rate - round(at * rate)) < 1e-3
    assert abs(begin - 0.5) < 2 / rate
    await screen.page.keyboard.press("o")
    await screen.until("window.starts.length == 5")
    late_at, late_from, _ = (await screen.page.evaluate("window.starts"))[4]
    drift = (late_at - late_from) - (at - begin)
    assert abs(drift) * rate < 0.01


async def test_waveforms_are_drawn(screen, track):
    await screen.open(f"/tracks/{track}")
    await screen.until(
        """[...document.querySelectorAll('.lane canvas')].every(canvas => {
               const pen = canvas.getContext('2d', { willReadFrequently: true });
               const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
               return pixels.some((value, i) => i % 4 === 3 && value > 0);
           })"""
    )


async def test_stems_that_arrive_while_the_page_is_open_join_it(screen, pool, settings, account):
    song = little_song(3.0)
    taken = await make.take_in(pool, settings, account, song.file(), "Song.flac")
    await screen.open(f"/tracks/{taken.track_id}")
    await expect(screen.page.locator("#player")).to_contain_text("once the file has been decoded")
    await finish_song(pool, settings, taken.track_id, song)
    await expect(screen.page.locator(".voice")).to_have_count(5)
    await expect(screen.page.locator("#stages")).to_be_hidden()
    await expect(screen.page.locator("#readings")).to_contain_text("Harmonic")
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.2")
    assert await level(screen.page, "drums") > 0


async def test_a_change_leaves_playing_and_faders_alone(screen, pool, track):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    await page.get_by_role("button", name="Mute Drums").click()
    await page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.2")
    async with db.transaction(pool) as conn:
        await conn.execute("update tracks set title = 'New name' where id = %s", [track])
    await expect(page.locator("h1")).to_have_text("New name")
    assert await silent(page, "drums")
    await expect(page.get_by_role("button", name="Mute Drums")).to_have_attribute("aria-pressed", "true")
    before = await page.evaluate(TIME)
    await screen.until(f"{TIME} > {before} + 0.2")


async def test_a_song_too_long_for_memory_streams_and_says_so(screen, pool, track):
    async with db.transaction(pool) as conn:
        await conn.execute("update tracks set frames = 500000000 where id = %s", [track])
    await screen.open(f"/tracks/{track}")
    await expect(screen.page.locator("#player-says")).to_contain_text("Too long to hold in memory")
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.3")
    assert await level(screen.page, "vocals") > 0
    await screen.page.keyboard.press("Home")
    await screen.page.keyboard.press("Space")


async def test_a_stem_whose_file_is_gone_is_marked_and_the_others_play(screen, settings, track):
    for file in settings.media.rglob("bass.flac"):
        file.unlink()
    await screen.open(f"/tracks/{track}")
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.3")
    await expect(screen.page.locator(".voice[data-stem=bass]")).to_have_attribute("data-broken", "")
    assert await level(screen.page, "drums") > 0
    screen.complaints = [said for said in screen.complaints if "404" not in said]


async def test_progress_moves_on_the_page_of_a_track(screen, pool, track):
    async with db.transaction(pool) as conn:
        await set_runs(conn, track, "queued", stage="stem_analysis")
    await screen.open(f"/tracks/{track}")
    await expect(screen.page.locator("#stages")).to_be_visible()
    await screen.page.get_by_role("button", name="Cancel").click()
    await expect(screen.page.locator("#stages")).to_have_attribute("data-state", "cancelled")


async def test_a_phone_shows_the_track_without_scrolling_sideways(phone, track):
    await phone.open(f"/tracks/{track}")
    assert await phone.overflow() <= 0
    await phone.page.get_by_role("button", name="Play").tap()
    await phone.until(f"{TIME} > 0.3")
