from __future__ import annotations

import asyncio
import itertools

import pytest
from playwright.async_api import expect

from sfa import db, media
from sfa.library import store as library_store
from tests import make
from tests.web.make import add_song, facts, finish_song, little_song, set_runs

pytestmark = pytest.mark.browser

TIME = "parseFloat(document.getElementById('time').textContent.split(':')[1])"
MASTER = "new DOMMatrix(getComputedStyle(document.querySelector('#master-level i')).transform).a"
PIECES = """performance.getEntriesByType('resource')
    .map(entry => /pack\\/.*\\/(\\d+-\\d+)$/.exec(entry.name)?.[1]).filter(Boolean)"""


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


async def test_the_beginning_lies_ready_before_anybody_presses_play(screen, track):
    await screen.open(f"/tracks/{track}")
    await screen.until(f"{PIECES}.length == 2")
    assert await screen.page.evaluate(PIECES) == ["0-0", "1-1"]
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.3")
    assert len(set(await screen.page.evaluate(PIECES))) == len(await screen.page.evaluate(PIECES))


async def test_a_loop_is_set_by_keys_on_beats_and_goes_round(screen, track):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    await page.keyboard.press("Space")
    await screen.until(f"{TIME} > 0.9")
    await page.keyboard.press("[")
    await screen.until(f"{TIME} > 1.4")
    await page.keyboard.press("]")
    await expect(page.get_by_role("button", name="Loop", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    seen = await page.evaluate(
        f"""new Promise(done => {{
            const seen = [];
            const look = () => {{ seen.push({TIME}); seen.length < 60 ? setTimeout(look, 30) : done(seen); }};
            look();
        }})"""
    )
    assert min(seen) >= 0.9
    assert max(seen) <= 1.5
    assert sum(b < a for a, b in itertools.pairwise(seen)) >= 2
    await page.keyboard.press("l")
    await screen.until(f"{TIME} > 1.8")
    await page.keyboard.press("\\")
    await expect(page.get_by_role("button", name="Loop", exact=True)).to_be_disabled()


async def test_pan_and_master_are_heard_and_said(screen, track):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    pan = page.get_by_role("slider", name="Place of Vocals between left and right")
    await pan.fill("-40")
    await expect(pan).to_have_attribute("aria-valuetext", "40 % left")
    await pan.dblclick()
    await expect(pan).to_have_attribute("aria-valuetext", "in the middle")
    await page.get_by_role("button", name="Play").click()
    await screen.until(f"{MASTER} > 0.2")
    await page.get_by_role("slider", name="Volume", exact=True).fill("0")
    await screen.until(f"{MASTER} == 0")
    assert await level(page, "drums") > 0


async def test_the_original_is_where_the_stems_are(screen, track):
    await screen.open(f"/tracks/{track}")
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.5")
    await screen.page.keyboard.press("o")
    await screen.until(f"{MASTER} > 0.2")
    assert await silent(screen.page, "drums")
    await screen.page.keyboard.press("o")
    await screen.until("!document.querySelector('.voice[data-stem=drums][data-silent]')")


async def test_without_worklets_it_plays_all_the_same(screen, track):
    await screen.page.add_init_script("delete BaseAudioContext.prototype.audioWorklet;")
    await screen.open(f"/tracks/{track}")
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.4")
    assert [await level(screen.page, stem) > 0 for stem in ("vocals", "drums", "bass", "other")] == [True] * 4
    await screen.page.keyboard.press("Home")
    await screen.until(f"{TIME} < 0.4")
    await screen.page.keyboard.press("Space")


async def test_a_server_that_is_away_is_said_and_waited_for(screen, track):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    await screen.until(f"{PIECES}.length == 2")
    await page.route("**/pack/**", lambda route: route.abort())
    await page.keyboard.press("End")
    await page.keyboard.press("Shift+ArrowLeft")
    await page.keyboard.press("Space")
    await expect(page.locator("#player-says")).to_have_text("The studio does not answer. Trying again…")
    await page.unroute("**/pack/**")
    await screen.until(f"{TIME} > 4.2")
    await expect(page.locator("#player-says")).to_have_text("")
    screen.complaints.clear()


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


async def test_without_its_pack_the_original_plays_and_the_reason_is_said(screen, pool, settings, track):
    async with pool.connection() as conn:
        found = await conn.execute("select sha256 from packs where track_id = %s", [track])
        media.blob(settings, (await found.fetchone())[0]).unlink()
    await screen.open(f"/tracks/{track}")
    await expect(screen.page.locator("#player-says")).to_contain_text(
        "The stems of Song are not whole in the media folder any more. Separate the song again"
    )
    await expect(screen.page.locator(".voice[data-stem=bass]")).to_have_attribute("data-broken", "")
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.3")
    await screen.until(f"{MASTER} > 0.2")
    screen.complaints = [said for said in screen.complaints if "404" not in said]


async def test_sound_that_may_not_start_is_said_with_the_way_out(screen, track):
    await screen.page.add_init_script(
        """AudioContext.prototype.resume = () => new Promise(() => {});
           Object.defineProperty(AudioContext.prototype, "state", { get: () => "suspended" });"""
    )
    await screen.open(f"/tracks/{track}")
    await screen.page.get_by_role("button", name="Play").click()
    await expect(screen.page.locator("#player-says")).to_contain_text("The browser does not start the sound.")
    await expect(screen.page.get_by_role("button", name="Play")).to_be_visible()


async def test_the_original_plays_until_there_are_stems_and_they_go_on_from_there(
    screen, pool, settings, account
):
    song = little_song(8.0)
    taken = await make.take_in(pool, settings, account, song.file(), "Song.flac")
    async with db.transaction(pool) as conn:
        await library_store.decoded(conn, taken.track_id, facts(song))
    await screen.open(f"/tracks/{taken.track_id}")
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 0.4")
    await screen.until(f"{MASTER} > 0.2")
    await finish_song(pool, settings, taken.track_id, song)
    await expect(screen.page.locator(".voice")).to_have_count(5)
    await screen.until(f"{TIME} > 1.0")
    await expect(screen.page.locator(".voice[data-stem=mix]")).to_have_attribute("data-silent", "")
    await screen.until(
        "document.querySelector('.voice[data-stem=drums] .level i').style.transform > 'scaleX(0)'"
    )


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
