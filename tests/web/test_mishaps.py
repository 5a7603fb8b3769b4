"""What the database could not do is told for what it is: it is away, somebody was first, a fault of ours."""

from __future__ import annotations

import httpx
import pytest

from sfa import db
from tests import make
from tests.web.conftest import served


@pytest.fixture
async def held(pool, account):
    """A track that somebody is changing and does not let go of."""
    async with db.transaction(pool) as conn:
        track = await make.add_track(conn, account_id=account, title="Song")
    async with db.transaction(pool) as conn:
        await conn.execute("select from tracks where id = %s for update", [track])
        yield track


async def impatient(pool, limit):
    """From now on, connections wait for nothing longer than a moment."""
    async with pool.connection() as conn:
        await conn.execute(f"do $$ begin execute format('alter database %I set {limit} = ''150ms''',"
                           " current_database()); end $$")  # fmt: skip


async def trash(settings, track):
    async with served(settings) as (address, _), httpx.AsyncClient(base_url=address, timeout=20) as site:
        return await site.post("/library/do", data={"what": "trash", "id": str(track)})


async def test_what_somebody_else_holds_is_told_so(settings, pool, held):
    await impatient(pool, "lock_timeout")
    answer = await trash(settings, held)
    assert answer.status_code == 409
    assert "Something else was changing the same things" in answer.text


async def test_what_breaks_in_the_database_is_no_database_that_is_away(settings, pool, held):
    await impatient(pool, "statement_timeout")
    answer = await trash(settings, held)
    assert answer.status_code == 500
    assert "does not answer" not in answer.text
