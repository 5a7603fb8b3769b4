"""A real Chromium, and the page as a person sees it."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import signal
import subprocess
import time

import pytest
from playwright.async_api import async_playwright, expect

from sfa import db
from tests import make
from tests.conftest import leave_out
from tests.web.conftest import served

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]

expect.set_options(timeout=20_000)

SONGS = [("Glass Harbour", "Mira Voss", 124), ("Night Bus", "The Halyards", 98), ("Río de Oro", None, 124.5)]


def found() -> str:
    """The Chromium of this machine."""
    names = ("chromium", "google-chrome")
    program = os.environ.get("SFA_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if program is None:
        leave_out("no Chromium: set SFA_TEST_CHROMIUM, or install the package chromium")
    return program


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """One Chromium for all tests, each of which opens a window of its own; where it listens."""
    program = found()
    profile = tmp_path_factory.mktemp("chromium")
    own = ["--headless", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen([program, *ARGS, *own], stderr=subprocess.DEVNULL, start_new_session=True)
    port = profile / "DevToolsActivePort"
    deadline = time.monotonic() + 60
    while not port.exists() or not port.read_text():
        assert process.poll() is None, "Chromium did not start"
        assert time.monotonic() < deadline, "Chromium does not listen"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port.read_text().splitlines()[0]}"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
async def browser(chromium):
    async with async_playwright() as playwright:
        yield await playwright.chromium.connect_over_cdp(chromium)


@pytest.fixture
async def address(settings):
    async with served(settings) as (address, _):
        yield address


class Screen:
    """A tab, and everything that it complained about."""

    def __init__(self, page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, said) -> None:
        # Reading pixels back is what these tests do, not what the pages do.
        if said.type in ("error", "warning") and "readback" not in said.text:
            self.complaints.append(said.text)

    async def open(self, path: str = "/") -> None:
        await self.page.goto(self.address + path)

    async def drop(self, *files: tuple[str, bytes]) -> None:
        """Files from a desktop, let go over the middle of the page."""
        payload = [{"name": name, "text": base64.b64encode(content).decode()} for name, content in files]
        await self.page.evaluate(
            """files => {
                const data = new DataTransfer();
                for (const { name, text } of files)
                    data.items.add(new File([Uint8Array.from(atob(text), c => c.charCodeAt(0))], name));
                for (const kind of ["dragenter", "dragover", "drop"])
                    document.body.dispatchEvent(
                        new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
            }""",
            payload,
        )

    async def until(self, expression: str, timeout_s: float = 20.0) -> None:
        """Wait for JavaScript to say yes. Playwright's own waiting needs eval, which our pages forbid."""
        async with asyncio.timeout(timeout_s):
            while not await self.page.evaluate(expression):
                await asyncio.sleep(0.03)

    async def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.fixture
async def screen(browser, address):
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    screen = Screen(await context.new_page(), address)
    yield screen
    await context.close()
    assert screen.complaints == []


@pytest.fixture
async def phone(browser, address):
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    screen = Screen(await context.new_page(), address)
    yield screen
    await context.close()
    assert screen.complaints == []


@pytest.fixture
async def library(pool):
    """Three songs, the last of them the newest; their ids by title."""
    ids = {}
    async with db.transaction(pool) as conn:
        for n, (title, artist, bpm) in enumerate(SONGS):
            ids[title] = await make.add_track(conn, title=title, artist=artist)
            await conn.execute("insert into tempos values (%s, 0, %s, 0.9)", [ids[title], bpm])
            await conn.execute(
                "update tracks set created_at = now() + %s * interval '1 s' where id = %s", [n, ids[title]]
            )
    return ids
