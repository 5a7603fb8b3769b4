"""One song through a studio, as `./sfa forge` puts it there, and what the rows say of its way."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from bench import commands
from sfa import accounts, db, library, media
from sfa.settings import Settings
from sfa.sql import Conn

_LOOK_S = 0.05


class ForgeFailed(Exception):
    """A run of the song failed; its sentence."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a song. Times are seconds since the command began."""

    stage: str
    queued_s: float
    started_s: float
    finished_s: float
    seconds: dict[str, float]  # as its task and its child told


@dataclass(slots=True)
class Forged:
    """From the moment the file is named until the last row is committed."""

    wall_s: float
    steps: list[Step] = field(default_factory=list)
    engine: str = ""


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Conn]:
    assert settings.database_url is not None
    async with await db.connect(settings.database_url, name="sfa bench") as conn:
        yield conn


async def take_in(conn: Conn, settings: Settings, song: Path, model: str) -> UUID:
    """Bytes, rows and the first job; nothing may stand in for the model that is asked for."""
    account = await accounts.owner_id(conn)
    with media.arriving(settings) as folder, song.open("rb") as source:
        file = media.copy_in(source, folder, limit=1 << 34, name=song.name)
        async with conn.transaction():
            taken = await library.take_in(
                conn,
                settings,
                account_id=account,
                file=file,
                file_name=song.name,
                wish=library.Wish(model=model),
            )
    return taken.track_id


async def forge(settings: Settings, song: Path, model: str) -> Forged:
    """Take a song in and wait until everything about it is done.

    Raises
    ------
    ForgeFailed
        When a stage of it failed.
    """
    began, clock = time.time(), time.perf_counter()
    async with connected(settings) as conn:
        track = await take_in(conn, settings, song, model)
        async with asyncio.timeout(commands.PATIENCE_S):
            while not await _is_done(conn, track):
                await asyncio.sleep(_LOOK_S)
        return await _told(conn, track, began, time.perf_counter() - clock)


async def forge_by_command(settings: Settings, env: dict[str, str], song: Path, model: str) -> Forged:
    """`./sfa forge SONG` as a process, from its start to its end.

    Raises
    ------
    CommandFailed
        With what it said.
    """
    argv = [sys.executable, "-P", "-m", "sfa", "forge", "--json", "--model", model, str(song)]
    began = time.time()
    ran = await asyncio.to_thread(commands.run, argv, env)
    async with connected(settings) as conn:
        row = await (await conn.execute(_NEWEST, [song.name])).fetchone()
        assert row is not None
        return await _told(conn, row[0], began, ran.wall_s)


async def _told(conn: Conn, track: UUID, began: float, wall_s: float) -> Forged:
    forged = Forged(wall_s)
    for stage, queued, started, finished, seconds in await _all(conn, _STEPS, track):
        forged.steps.append(Step(stage, queued - began, started - began, finished - began, seconds or {}))
    (ran,) = await _all(conn, "select engine from separations where track_id = %s", track)
    forged.engine = str(ran[0])
    return forged


async def _is_done(conn: Conn, track: UUID) -> bool:
    states = await _all(conn, "select stage, state::text, error from runs where track_id = %s", track)
    for stage, state, error in states:
        if state in ("failed", "cancelled"):
            raise ForgeFailed(f"{stage} {state}: {error}")
    return all(state == "done" for _, state, _ in states)


_NEWEST = "select id from tracks where file_name = %s order by created_at desc limit 1"
_STEPS = """
select r.stage, extract(epoch from r.queued_at)::float8, extract(epoch from r.started_at)::float8,
       extract(epoch from r.finished_at)::float8, r.seconds
  from runs r join stages s using (stage)
 where r.track_id = %s order by r.started_at, s.ord
"""


async def _all(conn: Conn, question: str, track: UUID) -> list[Any]:
    return await (await conn.execute(question.encode(), [track])).fetchall()
