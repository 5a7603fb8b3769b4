from __future__ import annotations

import asyncio
import itertools

import pytest
from playwright.async_api import expect

from sfa import db, media
from sfa.library import store as library_store
from tests import make
from tests.web.make import add_song, facts, finish_song, little_song, separate_again, set_runs

pytestmark = pytest.mark.browser

TIME = "parseFloat(document.getElementById('time').textContent.split(':')[1])"
MASTER = "new DOMMatrix(getComputedStyle(document.querySelector('#master-level i')).transform).a"
PIECES = """performance.getEntriesByType('resource')
    .map(entry => /pack\\/.*\\/(\\d+-\\d+)$/.exec(entry.name)?.[1]).filter(Boolean)"""

PACKS = """performance.getEntriesByType('resource')
    .map(entry => /separations\\/(\\d+)\\/pack/.exec(entry.name)?.[1]).filter(Boolean)"""
GROUND = """(() => {
    const canvas = document.querySelector('.row.chroma canvas');
    const pixel = canvas.getContext('2d').getImageData(2, 2, 1, 1).data;  // no B sounds
    return pixel[3] ? pixel[0] : 120;
})()"""


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


async def test_the_position_moves_by_its_own_keys_where_single_keys_are_off(screen, track):
    await screen.page.add_init_script("localStorage.setItem('sfa.keys', 'off')")
    await screen.open(f"/tracks/{track}")
    page = screen.page
    await page.locator("#ruler").focus()
    for key, there in [
        ("ArrowUp", "0:00.5"),
        ("PageUp", "0:02.0"),
        ("ArrowLeft", "0:01.5"),
        ("PageDown", "0:00.0"),
        ("End", "0:06.0"),
    ]:
        await page.keyboard.press(key)
        await expect(page.locator("#time")).to_have_text(there)
    await page.locator("#ruler").blur()
    await page.keyboard.press("Home")
    await expect(page.locator("#time")).to_have_text("0:06.0")


async def test_keys_stay_within_an_open_dialog(screen, track):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    await page.keyboard.press("?")
    await expect(page.locator("#keys-sheet")).to_be_visible()
    for key in ("1", "ArrowRight", "End"):
        await page.keyboard.press(key)
    assert not await silent(page, "vocals")
    await expect(page.locator("#time")).to_have_text("0:00.0")


async def test_a_pointer_that_the_browser_takes_away_moves_nothing_more(screen, track):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    box = await page.locator("#ruler").bounding_box()
    for y in (200, 10):  # in a lane, and along the ruler
        await page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + y)
        await page.mouse.down()
        await page.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + y)
        stood = await page.evaluate(TIME)
        await page.evaluate(
            """document.getElementById('timeline')
                   .dispatchEvent(new PointerEvent('pointercancel', { pointerId: 1 }))"""
        )
        await page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + y)
        await page.mouse.up()
        assert await page.evaluate(TIME) == stood
        await expect(page.locator("#over .loop")).to_be_hidden()


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


async def middle_of_a_lane(page) -> dict[str, float]:
    lane = page.locator(".voice[data-stem=drums] .lane")
    await lane.scroll_into_view_if_needed()
    box = await lane.bounding_box()
    return {"x": 195, "y": box["y"] + box["height"] / 2}


async def drag(page, by: int) -> None:
    """A finger that scrolls the window onto the song."""
    at, tab = await middle_of_a_lane(page), await page.context.new_cdp_session(page)
    for kind, share in [
        ("touchStart", 0),
        *(("touchMove", n / 10) for n in range(1, 11)),
        ("touchEnd", None),
    ]:
        points = [] if share is None else [{"x": at["x"] - by / 2 + by * share, "y": at["y"]}]
        await tab.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        await asyncio.sleep(0.016)


async def test_a_finger_that_scrolls_goes_nowhere_and_one_that_taps_does(phone, track):
    await phone.open(f"/tracks/{track}")
    await drag(phone.page, -150)
    await phone.until("document.getElementById('timeline').scrollLeft > 100")
    assert await phone.page.evaluate(TIME) == 0
    await phone.page.touchscreen.tap(**await middle_of_a_lane(phone.page))
    await phone.until(f"{TIME} > 1")


async def test_the_window_stays_where_somebody_looks_while_it_plays_until_they_go_elsewhere(
    phone, pool, settings, account
):
    track = await add_song(pool, settings, account, little_song(30.0), "Song.flac")
    await phone.open(f"/tracks/{track}")
    left = "document.getElementById('timeline').scrollLeft"
    await phone.page.get_by_role("button", name="Play").tap()
    await phone.until(f"{TIME} > 0.2")
    await drag(phone.page, -300)
    await phone.until(f"{left} > 250")
    at, seen = await phone.page.evaluate(TIME), await phone.page.evaluate(left)
    await phone.until(f"{TIME} > {at} + 0.3")
    assert await phone.page.evaluate(left) == seen
    assert await phone.page.evaluate(TIME) < 8  # and is out of sight until then
    await phone.page.keyboard.press("Home")
    await phone.until(f"{left} < 100")


async def test_the_stems_of_another_separation_are_heard_through_every_change(screen, pool, settings, track):
    other = await separate_again(pool, settings, track, little_song(5.9))
    await screen.open(f"/tracks/{track}")
    page = screen.page
    await page.get_by_role("button", name="Hear the stems of quick").click()
    await expect(page.locator("#player")).to_have_attribute("data-run", str(other))
    await expect(page.locator("#exports a[data-mix]")).to_have_attribute(
        "href", f"/tracks/{track}/mix?run={other}"
    )
    async with db.transaction(pool) as conn:
        await conn.execute("update tracks set title = 'New name' where id = %s", [track])
    await expect(page.locator("h1")).to_have_text("New name")
    await expect(page.locator("#exports a[data-mix]")).to_have_attribute(
        "href", f"/tracks/{track}/mix?run={other}"
    )
    await expect(page.locator("#player")).to_have_attribute("data-run", str(other))
    runs = [int(run) for run in await page.evaluate(PACKS)]
    assert runs == sorted(runs)  # the stems of the first were not fetched again
    await page.locator(f"form[action='/separations/{other}/choose'] button").click()
    await expect(page.locator("#player:not([data-other])")).to_have_attribute("data-run", str(other))


async def test_the_address_of_an_own_mix_says_what_is_heard_now(screen, track):
    await screen.open(f"/tracks/{track}")
    page = screen.page
    await page.locator("#exports > summary").click()
    own = page.locator("#exports a[data-mix]")
    await own.evaluate("link => link.addEventListener('click', event => event.preventDefault())")
    bass = page.get_by_role("button", name="Mute Bass")
    await bass.evaluate("button => button.click()")
    await own.click()
    assert "mute.bass=1" in await own.get_attribute("href")
    await bass.evaluate("button => button.click()")
    await own.click()
    assert "mute" not in await own.get_attribute("href")
    assert "run=" in await own.get_attribute("href")


async def test_a_canvas_takes_the_colours_of_the_theme_button(screen, track):
    await screen.open(f"/tracks/{track}")
    for theme, is_so in [("dark", "< 120"), ("light", "> 120")]:
        await screen.page.locator("[data-theme-next]").click()
        await expect(screen.page.locator("html")).to_have_attribute("data-theme", theme)
        await screen.until(f"{GROUND} {is_so}")


async def test_the_original_says_that_the_studio_is_away_and_plays_on_when_it_is_back(
    screen, pool, settings, account
):
    song = little_song(6.0)
    taken = await make.take_in(pool, settings, account, song.file(), "Song.flac")
    async with db.transaction(pool) as conn:
        await library_store.decoded(conn, taken.track_id, facts(song))
    page = screen.page
    await page.route("**/source", lambda route: route.abort())
    await screen.open(f"/tracks/{taken.track_id}")
    await page.get_by_role("button", name="Play").click()
    await expect(page.locator("#player-says")).to_contain_text("The studio does not answer.")
    await page.unroute("**/source")
    await page.keyboard.press("ArrowRight")
    await page.get_by_role("button", name="Play").click()
    await screen.until(f"{TIME} > 2.3")
    screen.complaints.clear()
