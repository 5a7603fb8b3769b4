"""Uploads outlive the page that they were begun in: what the browser keeps, and who sends it."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests import make
from tests.browser.lines import (
    TRACKS,
    UPLOAD,
    UPLOADS,
    choose,
    hold_back,
    kept_in,
    offsets_of,
    same_as,
    some_of_it,
)
from tests.conftest import until

pytestmark = pytest.mark.browser

# What browsers leave out on an address that is not secure, as that of a studio in a home network.
INSECURE = """
for (const name of ["locks", "storage"]) Object.defineProperty(navigator, name, { value: undefined });
Object.defineProperty(crypto, "subtle", { value: undefined });
"""
BLOCKED = """
Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("no", "SecurityError"); } });
"""
REFUSED = """
IDBObjectStore.prototype.put = () => { throw new DOMException("no room", "QuotaExceededError"); };
"""
STAY = "This browser cannot keep it: stay on this page until this one is sent."


@pytest.fixture
def song(tmp_path):
    """Two parts, one of which gets through."""
    path = tmp_path / "Long Way.wav"
    path.write_bytes(make.wav(seconds=6.2))
    return path


@pytest.fixture
async def gate(screen):
    """Holds back all but the first part of each file."""
    gate = await hold_back(screen.page.context)
    yield gate
    gate.set()


async def begin(screen, pool, *songs) -> None:
    await screen.open("/acts")
    await choose(screen.page, *songs)
    await some_of_it(pool)


async def all_kept(page, *names) -> None:
    async with asyncio.timeout(10):
        while await kept_in(page) != sorted(2 * names):
            await asyncio.sleep(0.02)


async def can_leave(page) -> bool:
    """Whether the browser would let a person go without a question."""
    return await page.evaluate("dispatchEvent(new Event('beforeunload', { cancelable: true }))")


@pytest.mark.parametrize("without", ["", INSECURE], ids=["secure", "insecure"])
async def test_the_next_page_goes_on_by_itself_where_the_last_one_was(screen, pool, gate, song, without):
    await screen.page.add_init_script(without)
    await begin(screen, pool, song)
    await all_kept(screen.page, song.name)
    assert await can_leave(screen.page)
    offsets = offsets_of(screen.page)
    await screen.page.get_by_role("link", name="Library", exact=True).click()
    await screen.page.wait_for_url("**/library")
    upload = screen.page.locator(UPLOAD)
    await expect(upload).to_contain_text("Long Way.wav")
    assert await upload.locator("progress").evaluate("bar => bar.value") > 0
    gate.set()
    await until(pool, TRACKS, 1)
    await expect(upload).to_have_count(0)
    assert offsets[0] > 0
    assert await same_as(pool, song)
    assert await kept_in(screen.page) == []


async def test_a_reload_keeps_the_lines_and_their_order(screen, pool, tmp_path):
    gate = await hold_back(screen.page.context, after=0)
    songs = [tmp_path / f"{name}.wav" for name in ("Last", "First", "Middle", "None", "Other")]
    for n, path in enumerate(songs):
        path.write_bytes(make.wav(seconds=0.9 - n / 10))
    await screen.open("/acts")
    await choose(screen.page, *songs)
    await all_kept(screen.page, *(path.name for path in songs))
    await screen.page.reload()
    names = screen.page.locator(f"{UPLOAD} .file")
    await expect(names).to_have_text([path.name for path in songs])
    gate.set()
    await expect(screen.page.locator("#notices")).to_contain_text("5 files sent.")
    await until(pool, TRACKS, 5)
    assert await kept_in(screen.page) == []


async def test_a_second_tab_leaves_it_alone_until_the_first_is_gone(screen, pool, gate, song):
    await screen.page.clock.install()
    await begin(screen, pool, song)
    await all_kept(screen.page, song.name)
    async with screen.page.expect_popup() as opened:  # with a copy of what the first tab knows of itself
        await screen.page.evaluate("window.open('/acts')")
    other = await opened.value
    offsets = offsets_of(other)
    await asyncio.sleep(1.2)  # until it knows that it is another one
    await other.clock.run_for(10_000)
    await asyncio.sleep(0.1)
    assert await other.locator(UPLOAD).count() == 0
    await screen.page.goto("about:blank")
    gate.set()
    await other.clock.run_for(10_000)
    await until(pool, TRACKS, 1)
    assert offsets[0] > 0
    assert await same_as(pool, song)
    await expect(other.locator(UPLOAD)).to_have_count(0)
    assert await kept_in(other) == []


async def test_what_is_cancelled_after_a_change_of_page_is_forgotten_everywhere(
    screen, pool, gate, song, settings
):
    await begin(screen, pool, song)
    await all_kept(screen.page, song.name)
    other = await screen.page.context.new_page()
    await other.goto(screen.address + "/acts")
    await choose(other, song)  # the same file in two tabs
    await expect(other.locator(f"{UPLOAD} .said")).to_contain_text("%")
    await screen.open("/library")
    await screen.page.get_by_role("button", name="Cancel").click()
    for page in (screen.page, other):
        await expect(page.locator(UPLOAD)).to_have_count(0)
    gate.set()
    await until(pool, UPLOADS, 0)
    assert await kept_in(screen.page) == []
    assert list(settings.work.iterdir()) == []


@pytest.mark.parametrize("without", ["", INSECURE], ids=["secure", "insecure"])
async def test_a_new_tab_sends_again_what_a_closed_one_left_and_the_studio_forgot(
    screen, pool, gate, song, without
):
    await screen.page.context.add_init_script(without)
    await begin(screen, pool, song)
    await all_kept(screen.page, song.name)
    await screen.page.goto("about:blank")
    async with pool.connection() as conn:
        await conn.execute("delete from uploads")
    gate.set()
    other = await screen.page.context.new_page()
    offsets = offsets_of(other)
    await other.goto(screen.address + "/acts")
    await until(pool, TRACKS, 1)
    await expect(other.locator(UPLOAD)).to_have_count(0)
    assert offsets[0] == 0
    assert await same_as(pool, song)


async def test_what_came_into_the_library_meanwhile_is_told_once(screen, pool, gate, song, settings, account):
    await begin(screen, pool, song)
    await all_kept(screen.page, song.name)
    await screen.page.goto("about:blank")
    await make.take_in(pool, settings, account, song)
    offsets = offsets_of(screen.page)
    await screen.open("/acts")
    await expect(screen.page.locator("#uploads-aloud")).to_have_text("1 added")
    await expect(screen.page.locator(UPLOAD)).to_have_count(0)
    await until(pool, UPLOADS, 0)
    assert await kept_in(screen.page) == []
    assert offsets == []


async def refuse_room(page, origin) -> None:
    wire = await page.context.new_cdp_session(page)
    await wire.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 1_000_000})


@pytest.mark.parametrize("why", ["quota", BLOCKED, REFUSED], ids=["quota", "blocked", "refused"])
async def test_what_cannot_be_kept_says_so_and_is_offered_again(screen, pool, gate, song, why):
    if why == "quota":
        await refuse_room(screen.page, screen.address)
    else:
        await screen.page.add_init_script(why)
    await begin(screen, pool, song)
    await expect(screen.page.locator(UPLOAD)).to_contain_text(STAY)
    assert not await can_leave(screen.page)
    await screen.open("/acts")
    unfinished = screen.page.locator(f"{UPLOAD}[data-state=unfinished]")
    await expect(unfinished).to_contain_text("This upload was interrupted.")
    offsets = offsets_of(screen.page)
    gate.set()
    await choose(screen.page, song)
    await expect(unfinished).to_have_count(0)
    await until(pool, TRACKS, 1)
    assert offsets[0] > 0
    assert await same_as(pool, song)
    await expect(screen.page.locator(UPLOAD)).to_have_count(0)
    screen.complaints.clear()


async def test_what_was_interrupted_can_be_discarded(screen, pool, gate, song, settings):
    await screen.page.add_init_script(BLOCKED)
    await begin(screen, pool, song)
    await screen.open("/acts")
    gate.set()
    await screen.page.get_by_role("button", name="Discard").click()
    await until(pool, UPLOADS, 0)
    await expect(screen.page.locator(UPLOAD)).to_have_count(0)
    assert list(settings.work.iterdir()) == []
    screen.complaints.clear()
