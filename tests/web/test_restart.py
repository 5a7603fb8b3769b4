"""The page lives through what happens to the servers behind it."""

from __future__ import annotations

import asyncio
import signal
import time

import httpx
import psycopg
import pytest

from sfa.migrate import migrate
from sfa.pg import EmbeddedPostgres
from sfa.settings import Settings
from tests.web.conftest import answers, cursor_in, free_port, listening, served, start_web

pytestmark = pytest.mark.faults


@pytest.fixture
def own_server(tmp_path):
    """A PostgreSQL that only this test uses, and may stop."""
    server = EmbeddedPostgres(tmp_path / "data", durable=False)
    conninfo = server.start()
    migrate(conninfo)
    yield server, conninfo
    server.stop()


def add(conninfo: str, title: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as conn:
        conn.execute("select sfa.enqueue(%s)", [f"/music/{title}.flac"])


async def test_a_stream_goes_on_after_the_database_was_restarted(own_server, tmp_path):
    server, conninfo = own_server
    settings = Settings.from_env({"SFA_DATA": str(tmp_path / "data"), "DATABASE_URL": conninfo})
    async with served(settings) as (address, _), httpx.AsyncClient(base_url=address, timeout=30) as site:
        page = (await site.get("/")).text
        async with listening(site, cursor_in(page)) as stream:
            await asyncio.to_thread(add, conninfo, "before")
            await stream.until("before")
            await asyncio.to_thread(server.stop)
            await asyncio.sleep(1)
            assert await asyncio.to_thread(server.start) == conninfo
            await asyncio.to_thread(add, conninfo, "after")
            began = time.monotonic()
            await stream.until("after")
            assert time.monotonic() - began < 3
        assert "after" in (await site.get("/")).text


async def test_a_page_goes_on_where_it_was_after_the_web_process_was_killed(database, settings):
    port = free_port()
    web = start_web(database, settings.data, port)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as site:
            await answers(site)
            page = (await site.get("/")).text
            async with listening(site, cursor_in(page)) as stream:
                await asyncio.to_thread(add, database, "seen")
                await stream.until("seen")
                cursor = await stream.place()
            web.send_signal(signal.SIGKILL)
            web.wait()
            await asyncio.to_thread(add, database, "while it was down")
            web = start_web(database, settings.data, port)
            await answers(site)
            async with listening(site, cursor_in(page), last_event_id=cursor) as again:
                await again.until("while it was down")
                assert not [frame for frame in again.frames if "before" in frame]
    finally:
        web.kill()
        web.wait()
