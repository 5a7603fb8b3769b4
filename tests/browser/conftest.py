"""A real Chromium, and the page as a person sees it."""

from __future__ import annotations

import asyncio
import os
import shutil

import pytest
from playwright.async_api import async_playwright, expect

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


def chromium() -> str | None:
    return os.environ.get("SFA_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture
async def browser():
    program = chromium()
    if program is None:
        pytest.skip("no Chromium: set SFA_TEST_CHROMIUM, or install the package chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGS)
        yield browser
        await browser.close()


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
        payload = [{"name": name, "bytes": list(content)} for name, content in files]
        await self.page.evaluate(
            """files => {
                const data = new DataTransfer();
                for (const { name, bytes } of files) data.items.add(new File([new Uint8Array(bytes)], name));
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
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    screen = Screen(page, address)
    yield screen
    await page.close()
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
