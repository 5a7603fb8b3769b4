"""A song on its way down, in the hands of a real worker."""

from __future__ import annotations

import asyncio
import signal

import pytest

from sfa import media
from tests.conftest import until
from tests.downloads.origins import add_song, downloaders, is_there
from tests.fake_internet import world as ids
from tests.fake_internet.audio import heard
from tests.fake_internet.internet import YT_DLP_ARGS

STATE = "select state::text from runs where track_id = %(track)s and stage = %(stage)s"
MOVING = (
    "select exists (select from runs join progress p on p.run_id = id"
    " where stage = 'fetch' and p.done > 0.12)"
)


@pytest.mark.faults
async def test_a_worker_that_is_killed_takes_its_downloader_along_and_the_next_goes_on(
    net, downloader, worker, pool, account, settings
):
    env = net.env | {"SFA_YTDLP_ARGS": YT_DLP_ARGS}
    net.add_fault(host="*.googlevideo.com", rate=10_000)  # the first time it takes seven seconds
    track = await add_song(pool, account, net.world.track(ids.PLAIN))
    first = worker("download", env=env)
    await until(pool, MOVING, track=track)
    children = downloaders(first.process.pid)
    assert children
    first.end(signal.SIGKILL)
    async with asyncio.timeout(5):
        while any(map(is_there, children)):
            await asyncio.sleep(0.05)

    worker("download", env=env)
    await until(pool, STATE, "done", track=track, stage="decode")
    async with pool.connection() as conn:
        row = await (await conn.execute("select sha256 from tracks")).fetchone()
        known = await (await conn.execute("select array_agg(sha256) from blobs")).fetchone()
    assert heard(media.blob(settings, row[0])).is_(net.world.track(ids.PLAIN).sound)
    assert sorted(media.every_blob(settings)) == sorted(known[0])
    assert list(settings.work.iterdir()) == []
