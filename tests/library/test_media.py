"""The sweeper removes what no row speaks for, and nothing else."""

from __future__ import annotations

import os

import pytest

from sfa import db, media
from sfa.runs.sweep import sweep
from tests.make import add_track, take_in, wav
from tests.runs.test_store import begun, one


def made(folder, *, old=False):
    folder.mkdir(parents=True)
    (folder / "file").write_bytes(b"x")
    if old:
        os.utime(folder, (0, 0))
    return folder


async def test_scratch_of_a_dead_start_goes_and_of_a_running_one_stays(pool, settings):
    async with db.transaction(pool) as conn:
        track = await add_track(conn)
        await conn.execute("select sfa.forge_track(%s)", [track])
        start = await begun(conn, await one(conn, "select id from runs where stage = 'decode'"))
    live = made(settings.work / f"{start.id}-{start.fence}")
    dead = made(settings.work / f"{start.id}-{start.fence - 1}")
    assert await sweep(settings, pool) == [f"work/{dead.name}"]
    assert live.exists()


async def test_stems_that_no_row_speaks_for_go(pool, settings, account):
    taken = await take_in(pool, settings, account, wav())
    stray = made(settings.media / str(taken.track_id) / "separation-3-1")
    await sweep(settings, pool)
    assert not stray.exists()
    assert (settings.media / str(taken.track_id) / "source.wav").exists()


async def test_file_on_its_way_in_is_left_alone_until_it_is_abandoned(pool, settings):
    fresh = made(settings.work / "incoming-abc")
    old = made(settings.work / "incoming-old", old=True)
    forgotten = made(settings.media / "00000000-0000-0000-0000-000000000000", old=True)
    await sweep(settings, pool)
    assert (fresh.exists(), old.exists(), forgotten.exists()) == (True, False, False)


async def test_published_folder_is_there_whole(tmp_path):
    folder = made(tmp_path / "out")
    media.publish(folder, tmp_path / "media" / "a" / "b")
    assert (tmp_path / "media" / "a" / "b" / "file").read_bytes() == b"x"
    assert not folder.exists()


@pytest.mark.parametrize("name", ["song.WAV", "song.tar.gz", "song", "song.w/v", "song.verylongending"])
async def test_stored_name_is_ours(name):
    assert media.source_name(name) in {"source.wav", "source.gz", "source"}
