"""Files on their way up over a line that breaks, many at once, and text that is pasted."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from playwright.async_api import expect

from tests import make
from tests.browser.conftest import Screen
from tests.conftest import until

pytestmark = pytest.mark.browser

UPLOAD = ".upload"
LINK = "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_500_000}
FAST = {**SLOW, "uploadThroughput": -1}
CUT = {**SLOW, "offline": True}
TRACKS = "select count(*) from tracks"


class Line:
    """The network of one tab."""

    def __init__(self, wire) -> None:
        self._wire = wire

    async def be(self, conditions) -> None:
        await self._wire.send("Network.emulateNetworkConditions", conditions)


async def line_of(page) -> Line:
    wire = await page.context.new_cdp_session(page)
    await wire.send("Network.enable")
    return Line(wire)


@pytest.fixture
def song(tmp_path):
    """Nine megabytes that are a file on a disk, as a person has them."""
    path = tmp_path / "Long Way.wav"
    path.write_bytes(make.wav(seconds=50))
    return path


async def choose(page, path) -> None:
    """Choose a file on the disk: Playwright would hand the browser a copy, which never changes."""
    wire = await page.context.new_cdp_session(page)
    document = await wire.send("DOM.getDocument")
    field = {"nodeId": document["root"]["nodeId"], "selector": "#files"}
    found = await wire.send("DOM.querySelector", field)
    await wire.send("DOM.setFileInputFiles", {"nodeId": found["nodeId"], "files": [str(path)]})


def offsets_of(page) -> list[int]:
    """Where each part that the page sends from now on begins."""
    seen: list[int] = []

    def hear(request) -> None:
        if request.method == "PATCH":
            seen.append(int(request.headers["upload-offset"]))

    page.on("request", hear)
    return seen


async def same_as(pool, song) -> bool:
    async with pool.connection() as conn:
        rows = await (await conn.execute("select sha256 from tracks")).fetchall()
    return rows == [(hashlib.sha256(song.read_bytes()).hexdigest(),)]


async def some_of_it(pool) -> None:
    await until(pool, "select coalesce(max(received), 0) > 0 from uploads")


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


async def test_after_a_reload_the_same_file_goes_on_where_it_stopped(screen, pool, song):
    await screen.open("/acts")
    line = await line_of(screen.page)
    await line.be(SLOW)
    await choose(screen.page, song)
    await some_of_it(pool)
    await screen.open("/acts")
    unfinished = screen.page.locator(f"{UPLOAD}[data-state=unfinished]")
    await expect(unfinished).to_contain_text("Long Way.wav")
    await expect(unfinished).to_contain_text("This upload was interrupted.")
    offsets = offsets_of(screen.page)
    await line.be(FAST)
    await choose(screen.page, song)
    await expect(unfinished).to_have_count(0)
    await until(pool, TRACKS, 1)
    assert offsets[0] > 0
    assert await same_as(pool, song)
    await expect(screen.page.locator(UPLOAD)).to_have_count(0)
    screen.complaints.clear()  # of Chromium, about leaving while something is on its way


async def test_what_was_interrupted_can_be_discarded(screen, pool, song, settings):
    await screen.open("/acts")
    line = await line_of(screen.page)
    await line.be(SLOW)
    await choose(screen.page, song)
    await some_of_it(pool)
    await screen.open("/acts")
    await line.be(FAST)
    await screen.page.get_by_role("button", name="Discard").click()
    await until(pool, "select count(*) from uploads", 0)
    await expect(screen.page.locator(UPLOAD)).to_have_count(0)
    assert list(settings.work.iterdir()) == []
    screen.complaints.clear()


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
    other = await screen.page.context.new_page()
    await screen.open("/acts")
    await other.goto(screen.address + "/acts")
    for page in (screen.page, other):
        await (await line_of(page)).be(SLOW)
    for page in (screen.page, other):
        await choose(page, song)
    await until(pool, TRACKS, 1)
    for page in (screen.page, other):
        await expect(page.locator(f"{UPLOAD}:not([data-state=known])")).to_have_count(0)
        assert await page.locator(f"{UPLOAD}[data-state=failed]").count() == 0
    assert await same_as(pool, song)
    async with pool.connection() as conn:
        assert (await (await conn.execute("select count(*) from uploads")).fetchone())[0] == 1
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
    await until(pool, TRACKS, 500, timeout_s=120)
    await expect(screen.page.locator("#uploads-panel")).to_be_hidden()
    await expect(screen.page.locator(".notice")).to_contain_text("500 files sent.")
    assert await screen.page.evaluate("window.longest") < 500
    # The same again: asked for by their content, nothing is sent.
    offsets = offsets_of(screen.page)
    await screen.page.evaluate(MANY, 500)
    await expect(screen.page.locator("#uploads-sum")).to_have_text("500 in the library already")
    assert offsets == []
    await screen.page.get_by_role("button", name="Clear").click()
    await expect(screen.page.locator("#uploads-panel")).to_be_hidden()


async def test_cancel_all_leaves_nothing_behind(screen, pool, settings):
    await screen.open("/acts")
    await (await line_of(screen.page)).be({**SLOW, "uploadThroughput": 200_000})
    files = [(f"{n}.wav", make.wav(seconds=8, hz=200 + n)) for n in range(6)]
    await screen.drop(*files)
    await until(pool, "select count(*) from uploads", 3)
    await screen.page.get_by_role("button", name="Cancel all").click()
    await expect(screen.page.locator("#uploads-panel")).to_be_hidden()
    await until(pool, "select count(*) from uploads", 0)
    async with asyncio.timeout(10):
        while settings.work.exists() and any(settings.work.iterdir()):
            await asyncio.sleep(0.05)


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
    await expect(sheet).to_contain_text("nothing was queued")
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
