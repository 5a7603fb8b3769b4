"""A real server on a real socket for every test of a page, and eyes for its event stream."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import re
import socket
import subprocess
import sys

import httpx
import pytest

import web
from tests.conftest import ROOT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def served(settings):
    """The application of `web.py`, in this process; its address."""
    settings = dataclasses.replace(settings, port=free_port())
    server = web.Server(web.make_app(settings), settings)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not serving.done(), serving.exception()
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{settings.port}", server
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def address(settings):
    async with served(settings) as (address, _):
        yield address


@pytest.fixture
async def site(address):
    """A client of the site that follows no redirects."""
    async with httpx.AsyncClient(base_url=address, timeout=20) as client:
        yield client


def start_web(conninfo: str, data, port: int) -> subprocess.Popen:
    env = {**os.environ, "DATABASE_URL": conninfo, "SFA_DATA": str(data), "SFA_PORT": str(port)}
    return subprocess.Popen([sys.executable, str(ROOT / "web.py")], env=env, stderr=subprocess.DEVNULL)


async def answers(site: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await site.get("/healthz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)


class Stream:
    """The event stream of a page, as a browser reads it."""

    def __init__(self, lines) -> None:
        self._lines = lines
        self.cursor = ""
        self.frames: list[str] = []

    async def until(self, wanted: str, timeout_s: float = 10.0) -> str:
        """Read on until a frame holds `wanted`; the frame."""
        async with asyncio.timeout(timeout_s):
            data: list[str] = []
            async for line in self._lines:
                if line.startswith("id: "):
                    self.cursor = line[4:]
                elif line.startswith("data: "):
                    data.append(line[6:])
                elif not line and data:
                    frame, data = "\n".join(data), []
                    self.frames.append(frame)
                    if wanted in frame:
                        return frame
        raise AssertionError(f"the stream ended without {wanted!r}")

    async def place(self) -> str:
        """The cursor that follows what was read."""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("id: "):
                    self.cursor = line[4:]
                    return self.cursor
        raise AssertionError("the stream ended without a cursor")


@contextlib.asynccontextmanager
async def listening(site: httpx.AsyncClient, after: str, *, track=None, last_event_id: str | None = None):
    params = {"after": after, **({"track": str(track)} if track else {})}
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    async with site.stream("GET", "/events", params=params, headers=headers) as answer:
        assert answer.status_code == 200
        yield Stream(answer.aiter_lines())


def cursor_in(page: str) -> str:
    """Where the stream of a rendered page begins."""
    return re.search(r"/events\?after=(\d+-\d+)", page)[1]
