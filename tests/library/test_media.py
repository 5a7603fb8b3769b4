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
        os.utime(folder / "file", (0, 0))
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


async def test_file_on_its_way_in_is_left_alone_until_it_is_abandoned(pool, settings, account):
    await take_in(pool, settings, account, wav())
    fresh = made(settings.work / "incoming-abc")
    old = made(settings.work / "incoming-old", old=True)
    forgotten = made(settings.media / "00000000-0000-0000-0000-000000000000", old=True)
    await sweep(settings, pool)
    assert (fresh.exists(), old.exists(), forgotten.exists()) == (True, False, False)


async def test_long_upload_is_not_abandoned_while_it_grows(pool, settings):
    slow = made(settings.work / "incoming-slow", old=True)
    (slow / "file").write_bytes(b"more")
    os.utime(slow, (0, 0))
    assert await sweep(settings, pool) == []


async def test_library_of_another_database_is_left_alone(pool, settings, account):
    taken = await take_in(pool, settings, account, wav())
    stems = made(settings.media / str(taken.track_id) / "separation-3-1", old=True)
    os.utime(settings.media / str(taken.track_id), (0, 0))
    async with db.transaction(pool) as conn:
        await conn.execute("delete from tracks")
    assert await sweep(settings, pool, older_than_s=0) == []
    assert stems.exists()


async def test_published_folder_is_there_whole(tmp_path):
    folder = made(tmp_path / "out")
    media.publish(folder, tmp_path / "media" / "a" / "b")
    assert (tmp_path / "media" / "a" / "b" / "file").read_bytes() == b"x"
    assert not folder.exists()


@pytest.mark.parametrize("name", ["song.WAV", "song.tar.gz", "song", "song.w/v", "song.verylongending"])
async def test_stored_name_is_ours(name):
    assert media.source_name(name) in {"source.wav", "source.gz", "source"}
