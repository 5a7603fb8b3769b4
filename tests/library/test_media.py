"""The sweeper removes what nobody needs, puts aside what nobody knows, and touches nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import os

import psycopg
import pytest

from sfa import db, media
from sfa.runs import store
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


def content(settings, data=b"sound"):
    """A file in the media folder, without a row."""
    sha256 = hashlib.sha256(data).hexdigest()
    settings.work.mkdir(parents=True, exist_ok=True)
    file = settings.work / "made"
    file.write_bytes(data)
    media.keep(settings, file, sha256=sha256, bytes=len(data))
    return sha256


async def forget(pool, what="tracks"):
    async with db.transaction(pool) as conn:
        await conn.execute(f"delete from {what}")


async def test_scratch_of_a_dead_start_goes_and_of_a_running_one_stays(pool, settings):
    async with db.transaction(pool) as conn:
        track = await add_track(conn)
        await conn.execute("select sfa.forge_track(%s)", [track])
        start = await begun(conn, await one(conn, "select id from runs where stage = 'decode'"))
    live = made(settings.work / f"{start.id}-{start.fence}")
    dead = made(settings.work / f"{start.id}-{start.fence - 1}")
    assert (await sweep(settings, pool)).scratch == [dead.name]
    assert live.exists()


async def test_file_on_its_way_in_is_left_alone_until_it_is_abandoned(pool, settings, account):
    await take_in(pool, settings, account, wav())
    fresh = made(settings.work / "incoming-abc")
    old = made(settings.work / "incoming-old", old=True)
    await sweep(settings, pool)
    assert (fresh.exists(), old.exists()) == (True, False)


async def test_long_upload_is_not_abandoned_while_it_grows(pool, settings):
    slow = made(settings.work / "incoming-slow", old=True)
    (slow / "file").write_bytes(b"more")
    os.utime(slow, (0, 0))
    assert (await sweep(settings, pool)).scratch == []


async def test_content_that_nothing_refers_to_any_more_goes_with_its_row(pool, settings, account):
    await take_in(pool, settings, account, wav(seconds=1))
    gone = await take_in(pool, settings, account, wav(seconds=2))
    async with db.transaction(pool) as conn:
        sha256 = await one(conn, "select sha256 from tracks where id = %s", gone.track_id)
    await forget(pool, f"tracks where id = '{gone.track_id}'")
    assert (await sweep(settings, pool)).deleted == [sha256]
    assert media.every_blob(settings) == [hashlib.sha256(wav(seconds=1)).hexdigest()]
    assert (await sweep(settings, pool)).deleted == []


async def test_content_that_two_tracks_share_stays_until_the_last_is_gone(pool, settings, account):
    await take_in(pool, settings, account, wav())
    async with db.transaction(pool) as conn:
        await conn.execute("insert into accounts (name) values ('somebody else')")
        other = await one(conn, "select id from accounts where name = 'somebody else'")
    await take_in(pool, settings, other, wav())
    await forget(pool, f"tracks where account_id = '{account}'")
    assert (await sweep(settings, pool)).deleted == []
    await forget(pool)
    assert len((await sweep(settings, pool)).deleted) == 1


async def test_content_that_no_row_knows_is_put_aside_and_comes_back_with_its_row(pool, settings, account):
    """As after a restored backup that is older than the media folder, and then the right one."""
    await take_in(pool, settings, account, wav())
    unknown = content(settings)
    assert (await sweep(settings, pool)).put_aside == []  # it may have its row in a moment
    assert (await sweep(settings, pool, older_than_s=0)).put_aside == [unknown]
    assert (settings.lost / unknown).read_bytes() == b"sound"
    async with db.transaction(pool) as conn:
        await add_track(conn, sha256=unknown, bytes=5)
    assert (await sweep(settings, pool)).taken_back == [unknown]
    assert media.blob(settings, unknown).read_bytes() == b"sound"


async def test_library_of_another_database_is_left_alone(pool, settings, account):
    await take_in(pool, settings, account, wav())
    await forget(pool)
    await forget(pool, "blobs")
    swept = await sweep(settings, pool, older_than_s=0)
    assert (swept.deleted, swept.put_aside) == ([], [])
    assert len(media.every_blob(settings)) == 1


async def test_content_that_comes_again_while_it_is_swept_is_there_in_the_end(pool, settings, account):
    """Whoever brings it waits for the sweeper, and then finds neither row nor file."""
    await take_in(pool, settings, account, wav())
    await forget(pool)
    async with db.transaction(pool) as sweeper:
        (sha256,) = await store.drop_unspoken_blobs(sweeper)
        coming = asyncio.create_task(take_in(pool, settings, account, wav()))
        await asyncio.sleep(0.3)
        assert not coming.done()
        media.delete(settings, [sha256])
    await coming
    assert media.blob(settings, sha256).read_bytes() == wav()
    assert (await sweep(settings, pool, older_than_s=0)).deleted == []


async def test_content_that_is_being_referred_to_is_not_swept(pool, settings, account):
    await take_in(pool, settings, account, wav())
    await forget(pool)
    sha256 = hashlib.sha256(wav()).hexdigest()
    async with db.transaction(pool) as conn:
        await add_track(conn, sha256=sha256, bytes=len(wav()))
        assert (await sweep(settings, pool, older_than_s=0)).deleted == []
    assert (await sweep(settings, pool, older_than_s=0)).deleted == []
    assert media.blob(settings, sha256).exists()


async def test_no_row_can_name_content_that_the_ledger_does_not_know(pool, settings, account):
    await take_in(pool, settings, account, wav())
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await forget(pool, "blobs")


async def test_kept_file_lies_under_its_content_and_cannot_be_written(settings):
    sha256 = content(settings)
    place = media.blob(settings, sha256)
    assert place.read_bytes() == b"sound"
    assert place.stat().st_mode & 0o777 == 0o444


async def test_keeping_what_is_nowhere_is_an_error(settings):
    with pytest.raises(FileNotFoundError):
        media.keep(settings, settings.work / "nothing", sha256="0" * 64, bytes=1)
