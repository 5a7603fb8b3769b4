"""From a pasted link to stems, on pages that are never loaded again by hand; the far side is simulated."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.fake_internet import world as ids
from tests.fake_internet.internet import YT_DLP_ARGS

pytestmark = pytest.mark.browser


async def paste(screen, text: str) -> None:
    await screen.page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.body.dispatchEvent(
                new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data }));
        }""",
        text,
    )


@pytest.mark.usefixtures("downloader")
async def test_a_pasted_album_ends_as_stems(net, screen, worker):
    worker(env=net.env | {"SFA_YTDLP_ARGS": YT_DLP_ARGS, "HF_HUB_OFFLINE": "1"})
    album = net.world.album(ids.SHORT_ALBUM)
    await screen.open()
    await paste(screen, f"https://open.spotify.com/album/{album.id}")
    await screen.page.get_by_role("button", name="Look at what it holds").click()
    await expect(screen.page.get_by_role("heading", name=album.name)).to_be_visible()
    await expect(screen.page.locator(".held .cover")).to_have_js_property("complete", True)
    picks = screen.page.locator(".entries input")
    await expect(picks).to_have_count(len(album.tracks))
    for other in range(1, len(album.tracks)):
        await picks.nth(other).uncheck()
    await screen.page.get_by_role("button", name="Import what is ticked").click()
    row = screen.page.locator("li.track")
    await expect(row.locator(".title")).to_have_text(album.tracks[0].name)
    await expect(row).to_have_attribute("data-state", "done", timeout=120_000)
    await row.locator(".name").click()
    await expect(screen.page.locator(".voice")).to_have_count(5)
    await screen.page.locator("#places summary").click()
    await expect(screen.page.locator("#places [data-taken]")).to_have_count(1)


@pytest.mark.usefixtures("downloader")
async def test_a_doubtful_find_waits_for_a_person_who_chooses(net, screen, worker):
    worker("download", env=net.env | {"SFA_YTDLP_ARGS": YT_DLP_ARGS})
    await screen.open("/imports")
    await screen.page.get_by_label("Links, one or many").fill(
        f"https://open.spotify.com/track/{ids.WRONG_LENGTH}"
    )
    await screen.page.get_by_role("button", name="Look at it").click()
    await screen.page.get_by_role("button", name="Import what is ticked").click()
    places = screen.page.locator("#places")
    await expect(screen.page.locator("#stages")).to_have_attribute("data-state", "failed", timeout=60_000)
    await expect(screen.page.locator("#stages")).to_contain_text("Best found")
    await places.get_by_role("button", name="Use").first.click()
    await expect(places.locator("[data-taken]")).to_have_count(1, timeout=60_000)
