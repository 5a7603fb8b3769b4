"""Every page in every state that it has: how to get there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

from playwright.async_api import expect

Go = Callable[..., Awaitable[None]]  # a screen and a studio, to a state of a page


def opened(path: str, press: str | None = None) -> Go:
    """A page; with something on it clicked, where that is said."""

    async def go(screen, studio) -> None:
        await arrive(screen, path.format(studio=studio))
        if press is not None:
            await screen.page.locator(press).first.click()

    return go


async def arrive(screen, path: str) -> None:
    """Until nothing moves any more: fonts are there, and the stream of the page is open."""
    await screen.open(path)
    await screen.until(
        """document.fonts.status == 'loaded'
           && (!document.getElementById('live') || document.getElementById('live').dataset.link == 'open')"""
    )


async def _keys(screen, studio) -> None:
    await arrive(screen, f"/tracks/{studio.done}")
    await screen.page.keyboard.press("?")
    await expect(screen.page.locator("#keys-sheet")).to_be_visible()


async def _editor(screen, studio) -> None:
    await arrive(screen, f"/tracks/{studio.done}")
    await screen.page.get_by_role("button", name="Edit", exact=True).click()
    await expect(screen.page.locator("#editor input[name=title]")).to_be_visible()


async def _bulk(screen, studio) -> None:
    await arrive(screen, "/library")
    await screen.page.locator("#tracks .pick input").first.check()
    await expect(screen.page.locator("#bulk-bar")).to_be_visible()


async def _corrections(screen, studio) -> None:
    await arrive(screen, f"/tracks/{studio.done}")
    await screen.page.get_by_text("Correct the readings").click()
    await screen.page.locator("#chip-tempo summary").click()


async def _toast(screen, studio) -> None:
    """What was done a moment ago, with its way back; it is taken at once."""
    await arrive(screen, "/library?sort=title")
    await screen.page.locator("#tracks .pick input").first.check()
    await screen.page.keyboard.press("Delete")
    await expect(screen.page.locator("#notices .toast")).to_be_visible()
    await screen.page.keyboard.press("Control+z")
    await expect(screen.page.locator("#notices")).to_contain_text("Undone")


async def _uploads(screen, studio) -> None:
    await arrive(screen, "/")
    await screen.drop(("empty.wav", b""), ("also nothing, with a name that is rather long.wav", b""))
    await expect(screen.page.locator(".upload")).to_have_count(2)


async def _recognised(screen, studio) -> None:
    await arrive(screen, "/")
    await screen.page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "https://youtu.be/dQw4w9WgXcQ\\n/music/song.flac\\nLead to Gold");
            document.body.dispatchEvent(
                new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data }));
        }"""
    )
    await expect(screen.page.locator("#recognised")).to_be_visible()


async def _news(screen, studio) -> None:
    await arrive(screen, "/library")
    await screen.page.locator("#bell summary").click()
    await asyncio.sleep(0.1)


EMPTY: dict[str, Go] = {"desk-empty": opened("/"), "library-empty": opened("/library")}
FULL: dict[str, Go] = {
    "desk": opened("/"),
    "desk-uploads": _uploads,
    "desk-recognised": _recognised,
    "library": opened("/library"),
    "library-grid": opened("/library?view=grid"),
    "library-filters": opened("/library?bpm=60-200", "#open-filters"),
    "library-nothing": opened("/library?q=zzxyq"),
    "library-bulk": _bulk,
    "library-news": _news,
    "trash": opened("/library?trash=1"),
    "playlist": opened("/playlists/{studio.playlist}"),
    "playlist-empty": opened("/playlists/{studio.empty_playlist}"),
    "track": opened("/tracks/{studio.done}"),
    "track-keys": _keys,
    "track-editor": _editor,
    "track-corrections": _corrections,
    "track-exports": opened("/tracks/{studio.done}", "#exports summary"),
    "track-several": opened("/tracks/{studio.several}"),
    "track-unread": opened("/tracks/{studio.unread}"),
    "track-moving": opened("/tracks/{studio.moving}"),
    "track-failed": opened("/tracks/{studio.failed}"),
    "chords": opened("/tracks/{studio.done}/corrections/chords/edit"),
    "sections": opened("/tracks/{studio.done}/corrections/sections/edit"),
    "mix": opened("/tracks/{studio.done}/mix"),
    "acts": opened("/acts"),
    "imports": opened("/imports"),
    "import": opened("/imports/{studio.album}"),
    "import-in-step": opened("/imports/{studio.taken}"),
}
# While others look at the library, nobody may change it.
CHANGED: dict[str, Go] = {"library-toast": _toast}
# Their statuses are told by the browser itself, on the console.
REFUSED: dict[str, Go] = {
    "error-nowhere": opened("/nowhere"),
    "error-no-track": opened(f"/tracks/{uuid4()}"),
    "error-filter": opened("/library?bpm=fast"),
}
