"""Files on their way up over a line that breaks, many at once, and text that is pasted."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests import make
from tests.browser.conftest import Screen
from tests.browser.lines import (
    CUT,
    FAST,
    SLOW,
    TRACKS,
    UPLOAD,
    UPLOADS,
    choose,
    hold_back,
    kept_in,
    line_of,
    offsets_of,
    same_as,
    some_of_it,
)
from tests.conftest import until

pytestmark = pytest.mark.browser

LINK = "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"


@pytest.fixture
def song(tmp_path):
    """Three megabytes that are a file on a disk, as a person has them."""
    path = tmp_path / "Long Way.wav"
    path.write_bytes(make.wav(seconds=18))
    return path


async def test_an_upload_waits_while_the_network_is_away_and_goes_on_by_itself(screen, pool, song):
    await screen.open("/acts")
    line = await line_of(screen.page)
    offsets = offsets_of(screen.page)
    await line.be(SLOW)
    await choose(screen.page, song)
    await some_of_it(pool)
    await line.be(CUT)
    upload = screen.page.locator(UPLOAD)
    await expect(upload.locator(".said")).to_have_text("waiting for the network")
    async with pool.connection() as conn:
        kept = (await (await conn.execute("select received from uploads")).fetchone())[0]
    await line.be(FAST)
    await until(pool, TRACKS, 1)
    await expect(upload).to_have_count(0)
    assert await same_as(pool, song)
    assert kept > 0
    assert sorted(offsets) == offsets, "nothing that had come was sent again from the beginning"
    screen.complaints.clear()  # of Chromium, about requests that it could not send


async def test_a_file_that_changes_while_it_is_sent_is_told_and_forgotten(screen, pool, song):
    await screen.open("/acts")
    line = await line_of(screen.page)
    await line.be(SLOW)
    await choose(screen.page, song)
    await some_of_it(pool)
    with song.open("r+b") as file:
        file.write(b"changed meanwhile")
    await expect(screen.page.locator(UPLOAD)).to_contain_text(
        "Long Way.wav changed or went away while it was sent."
    )
    await until(pool, "select count(*) from uploads", 0)
    assert not await same_as(pool, song)
    screen.complaints.clear()


async def test_two_tabs_that_send_the_same_file_end_with_one_track(screen, pool, song):
    gate = await hold_back(screen.page.context)
    pages = [screen.page, await screen.page.context.new_page()]
    for page in pages:
        await page.goto(screen.address + "/acts")
    for page in pages:
        await choose(page, song)
        await expect(page.locator(f"{UPLOAD} .said")).to_contain_text("%")
    gate.set()
    await until(pool, TRACKS, 1)
    for page in pages:
        await expect(page.locator(f"{UPLOAD}:not([data-state=known])")).to_have_count(0)
        assert await page.locator(f"{UPLOAD}[data-state=failed]").count() == 0
    assert await same_as(pool, song)
    async with pool.connection() as conn:
        assert (await (await conn.execute(UPLOADS)).fetchone())[0] == 1
    assert await kept_in(screen.page) == []
    screen.complaints.clear()


MANY = """
count => {
    window.longest = 0;
    new PerformanceObserver(list => {
        for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
    }).observe({ type: "longtask" });
    const data = new DataTransfer();
    for (let n = 0; n < count; n += 1)
        data.items.add(new File([`song number ${n} `.repeat(20)], `Song ${n}.wav`, { lastModified: 1 }));
    const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data });
    document.body.dispatchEvent(drop);
}
"""


async def test_five_hundred_files_at_once_leave_the_page_usable(screen, pool):
    await screen.open("/acts")
    await screen.page.evaluate(MANY, 500)
    await expect(screen.page.locator("#uploads-more")).to_have_text("and 460 more")
    assert await screen.page.locator(UPLOAD).count() == 40
    await expect(screen.page.locator("#uploads-sum")).to_contain_text("files to go")
    await screen.page.keyboard.press("/")
    await expect(screen.page.locator("#words")).to_be_focused()
    await expect(screen.page.locator(".notice")).to_contain_text("500 files sent.", timeout=120_000)
    await until(pool, TRACKS, 500)
    await expect(screen.page.locator("#uploads-panel")).to_be_hidden()
    assert await kept_in(screen.page) == []
    assert await screen.page.evaluate("window.longest") < 500
    # The same again: asked for by their content, nothing is sent.
    offsets = offsets_of(screen.page)
    await screen.page.evaluate(MANY, 500)
    await expect(screen.page.locator("#uploads-sum")).to_have_text("500 in the library already")
    assert offsets == []
    await screen.page.get_by_role("button", name="Clear").click()
    await expect(screen.page.locator("#uploads-panel")).to_be_hidden()


async def test_the_focus_goes_on_to_the_next_line_and_what_failed_is_told(screen):
    await screen.open("/acts")
    aloud = screen.page.locator("#uploads-aloud")
    await screen.drop(("a.wav", b""))
    await expect(aloud).to_have_text("a.wav was not added. a.wav is empty: it has no bytes.")
    await screen.drop(("b.wav", b""), ("c.wav", b""))
    await expect(aloud).to_have_text("2 files were not added.")
    lines = screen.page.locator(UPLOAD)
    await lines.nth(1).get_by_role("button", name="Dismiss").press("Enter")
    await expect(lines).to_have_count(2)
    await expect(lines.nth(1)).to_be_focused()
    await lines.nth(1).get_by_role("button", name="Dismiss").press("Enter")
    await expect(lines.nth(0)).to_be_focused()
    await screen.page.get_by_role("button", name="Clear").press("Enter")
    await expect(screen.page.locator("#main")).to_be_focused()


async def test_cancel_all_leaves_nothing_behind(screen, pool, settings, tmp_path):
    await screen.open("/acts")
    line = await line_of(screen.page)
    await line.be({**SLOW, "uploadThroughput": 50_000})
    files = [tmp_path / f"{n}.wav" for n in range(6)]
    for n, path in enumerate(files):
        path.write_bytes(make.wav(seconds=2, hz=200 + n))
    await choose(screen.page, *files)
    await until(pool, UPLOADS, 3)
    await screen.page.get_by_role("button", name="Cancel all").click()
    await expect(screen.page.locator("#uploads-panel")).to_be_hidden()
    await until(pool, UPLOADS, 0)
    async with asyncio.timeout(10):
        while settings.work.exists() and any(settings.work.iterdir()):
            await asyncio.sleep(0.05)
    assert await kept_in(screen.page) == []
    await line.be(FAST)
    await choose(screen.page, files[0])  # nothing of the others stands in its way
    await until(pool, TRACKS, 1)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("nothing.wav", b"", "nothing.wav is empty: it has no bytes."),
        ('<img src=x onerror="window.broken=1">.wav', b"", "is empty"),
        ("🎸" * 120 + ".wav", b"", "…"),
    ],
)
async def test_what_cannot_be_sent_has_its_sentence_and_its_name_does_nothing(screen, name, content, says):
    await screen.open("/acts")
    await screen.drop((name, content))
    await expect(screen.page.locator(UPLOAD)).to_contain_text(says)
    assert await screen.page.evaluate("window.broken") is None
    assert await screen.overflow() <= 0


async def test_a_file_over_the_limit_is_refused_before_a_byte_is_sent(screen):
    await screen.open("/acts")
    offsets = offsets_of(screen.page)
    await screen.page.evaluate(
        """() => {
            const file = new File(["x"], "Live set.wav");
            Object.defineProperty(file, "size", { value: 5 * 2 ** 30 });
            const input = document.getElementById("files");
            Object.defineProperty(input, "files", { value: [file], configurable: true });
            input.dispatchEvent(new Event("change"));
        }"""
    )
    await expect(screen.page.locator(UPLOAD)).to_contain_text(
        "Live set.wav has 5 GB. It is larger than 2 GB, the most this studio takes."
    )
    assert offsets == []


async def paste(screen: Screen, selector: str, text: str) -> None:
    await screen.page.locator(selector).evaluate(
        """(element, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            element.focus();
            const options = { bubbles: true, cancelable: true, clipboardData };
            element.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        text,
    )


@pytest.mark.parametrize("place", ["body", "#words", "#pasted"])
async def test_a_pasted_link_is_shown_for_what_it_is_and_nothing_is_queued(screen, pool, place):
    await screen.open()
    await paste(screen, place, LINK)
    sheet = screen.page.locator("#recognised")
    await expect(sheet).to_be_visible()
    await expect(sheet).to_contain_text("A track on Spotify.")
    await until(pool, "select count(*) from procrastinate_jobs", 0)
    assert await screen.page.locator("#words").input_value() == ""
    await screen.page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()


async def test_words_pasted_into_the_search_are_searched_for(screen):
    await screen.open()
    asked: list[str] = []
    screen.page.on("request", lambda request: "/recognise" in request.url and asked.append(request.post_data))
    await paste(screen, "#words", "Lead to Gold")
    await paste(screen, "#words", LINK)  # only this is asked about
    await expect(screen.page.locator("#recognised")).to_be_visible()
    assert len(asked) == 1


async def test_a_browser_that_cannot_hash_sends_all_and_hears_afterwards(screen, pool):
    await screen.page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    await screen.open("/acts")
    sound = make.wav(seconds=1)
    await screen.drop(("a.wav", sound))
    await until(pool, TRACKS, 1)
    await screen.drop(("b.wav", sound))
    await expect(screen.page.locator(UPLOAD)).to_contain_text("in the library already")


async def test_a_link_that_is_dropped_is_recognised_too(screen):
    await screen.open("/acts")
    await screen.page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.setData("text/uri-list", "https://example.org/song.mp3");
            const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer });
            document.getElementById("main").dispatchEvent(drop);
        }"""
    )
    await expect(screen.page.locator("#recognised")).to_contain_text("A sound file at example.org.")


async def test_a_pasted_picture_is_not_sent_unless_it_is_meant(screen, pool):
    await screen.open("/acts")
    await screen.page.evaluate(
        """() => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File(["not a picture"], "image.png", { type: "image/png" }));
            window.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
        }"""
    )
    await expect(screen.page.locator(UPLOAD)).to_contain_text("What was pasted is no sound")
    await screen.page.get_by_role("button", name="Add anyway").click()
    await until(pool, TRACKS, 1)


async def test_the_panel_fits_a_phone(phone):
    await phone.open("/acts")
    await phone.drop(*((f"{'very long name ' * 20}{n}.wav", b"") for n in range(60)))
    await expect(phone.page.locator("#uploads-more")).to_have_text("and 20 more")
    assert await phone.overflow() <= 0
