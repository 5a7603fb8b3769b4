"""Uploads over lines that are slow or break, and what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib

from playwright.async_api import Error

from tests.conftest import until

UPLOAD = ".upload"
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_500_000}
FAST = {**SLOW, "uploadThroughput": -1}
CUT = {**SLOW, "offline": True}
TRACKS = "select count(*) from tracks"
UPLOADS = "select count(*) from uploads"


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


async def hold_back(context, *, after: int = 1) -> asyncio.Event:
    """Of each file only the part before this byte gets through, until the event is set."""
    gate = asyncio.Event()

    async def pass_on(route) -> None:
        if route.request.method == "PATCH" and int(route.request.headers["upload-offset"]) >= after:
            await gate.wait()
        with contextlib.suppress(Error):  # whoever asked is gone
            await route.continue_()

    await context.route("**/uploads/*", pass_on)
    return gate


async def choose(page, *paths) -> None:
    """Choose files on the disk: Playwright would hand the browser a copy, which never changes."""
    wire = await page.context.new_cdp_session(page)
    document = await wire.send("DOM.getDocument")
    field = {"nodeId": document["root"]["nodeId"], "selector": "#files"}
    found = await wire.send("DOM.querySelector", field)
    files = [str(path) for path in paths]
    await wire.send("DOM.setFileInputFiles", {"nodeId": found["nodeId"], "files": files})


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


async def kept_in(page) -> list[str]:
    """The names of the files that the browser keeps, and of what is told of them: both or neither."""
    return await page.evaluate(
        """() => new Promise((resolve, reject) => {
            const opening = indexedDB.open("sfa.uploads", 1);
            opening.onerror = () => reject(opening.error);
            opening.onsuccess = () => {
                const work = opening.result.transaction(["records", "files"]);
                const [records, files] = ["records", "files"].map((name) => work.objectStore(name).getAll());
                work.oncomplete = () => {
                    opening.result.close();
                    resolve([...records.result, ...files.result].map(({ name }) => name).sort());
                };
            };
        })"""
    )
