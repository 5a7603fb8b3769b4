"""From a dropped file to stems that sound, with every process that a real studio has."""

from __future__ import annotations

import asyncio
import signal
import time

import httpx
import pytest
from playwright.async_api import expect

from sfa import db
from tests import make
from tests.browser.conftest import Screen
from tests.web.conftest import answers, free_port, start_web
from tests.web.make import little_song, progress

pytestmark = pytest.mark.browser


async def test_a_dropped_song_ends_as_stems_that_sound(screen, worker):
    worker(env={"HF_HUB_OFFLINE": "1"})
    await screen.open()
    await screen.drop(("Pulse.flac", little_song(8.0).file()))
    row = screen.page.locator("li.track")
    await expect(row.locator(".title")).to_have_text("Pulse")
    await expect(row).to_have_attribute("data-state", "done", timeout=120_000)
    await expect(row.locator(".long")).to_contain_text("0:08")
    await expect(row).to_contain_text("quick, rough")
    await row.locator(".name").click()
    await expect(screen.page.locator(".stand-in")).to_contain_text("Quick, rough stems.")
    await expect(screen.page.locator(".voice")).to_have_count(5)
    await screen.page.get_by_role("button", name="Play").click()
    await screen.until("parseFloat(document.getElementById('time').textContent.split(':')[1]) > 0.5")


@pytest.mark.faults
async def test_a_page_comes_back_by_itself_after_the_web_process_was_killed(browser, pool, settings):
    port = free_port()
    web = start_web(settings.database_url, settings.data, port)
    page = await browser.new_page()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as site:
            await answers(site)
            async with db.transaction(pool) as conn:
                track = await make.add_track(conn, title="Song")
                await conn.execute("select sfa.forge_track(%s)", [track])
            screen = Screen(page, f"http://127.0.0.1:{port}")
            await screen.open()
            await screen.until("document.getElementById('live').dataset.link == 'open'")
            web.send_signal(signal.SIGKILL)
            await asyncio.to_thread(web.wait)
            async with db.transaction(pool) as conn:
                await progress(conn, track, "decode", 0.5, "while nobody served")
            await expect(page.locator("#link")).to_be_visible()
            web = start_web(settings.database_url, settings.data, port)
            await answers(site)
            began = time.monotonic()
            await expect(page.locator("li.track")).to_contain_text("while nobody served", ignore_case=True)
            await expect(page.locator("#link")).to_be_hidden()
            assert time.monotonic() - began < 6
    finally:
        await page.close()
        web.kill()
        web.wait()
