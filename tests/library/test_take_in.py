"""A file becomes a track: bytes, rows and job together, or none of them."""

from __future__ import annotations

import hashlib
import io

import psycopg
import pytest

from sfa import db, library, media
from sfa.errors import NotFound, Refused
from sfa.library.take_in import title_of
from tests.make import add_account, take_in, wav


async def count(pool, table):
    async with pool.connection() as conn:
        return (await (await conn.execute(f"select count(*) from {table}")).fetchone())[0]


async def test_rows_job_and_file_are_there_together(pool, settings, account):
    taken = await take_in(pool, settings, account, wav(), "Blue_Train.wav", model="quick")
    async with pool.connection() as conn:
        track = await library.track_by_id(conn, account_id=account, track_id=taken.track_id)
    assert (track.title, track.file_name) == ("Blue Train", "Blue_Train.wav")
    assert media.blob(settings, track.sha256).read_bytes() == wav()
    assert [await count(pool, t) for t in ("runs", "procrastinate_jobs", "separations")] == [4, 1, 1]
    assert list(settings.work.iterdir()) == []


async def test_rollback_takes_the_job_along(pool, settings, account):
    with media.arriving(settings) as folder:
        file = media.copy_in(io.BytesIO(wav()), folder, limit=1 << 20, name="song.wav")
        with pytest.raises(psycopg.errors.DivisionByZero):  # noqa: PT012 - the block is the transaction
            async with db.transaction(pool) as conn:
                await library.take_in(conn, settings, account_id=account, file=file, file_name="song.wav")
                await conn.execute("select 1 / 0")
    assert [await count(pool, t) for t in ("tracks", "runs", "procrastinate_jobs")] == [0, 0, 0]


async def test_same_bytes_under_another_name_are_the_same_track(pool, settings, account):
    first = await take_in(pool, settings, account, wav(), "a.wav")
    second = await take_in(pool, settings, account, wav(), "b.wav")
    assert (second.track_id, second.is_new) == (first.track_id, False)
    assert await count(pool, "runs") == 4


async def test_adding_a_song_again_brings_its_lost_file_back(pool, settings, account):
    first = await take_in(pool, settings, account, wav())
    file = media.blob(settings, hashlib.sha256(wav()).hexdigest())
    file.unlink()
    assert await take_in(pool, settings, account, wav()) == library.TakenIn(first.track_id, is_new=False)
    assert file.read_bytes() == wav()


async def test_adding_a_song_again_mends_a_file_that_was_cut_off(pool, settings, account):
    await take_in(pool, settings, account, wav())
    file = media.blob(settings, hashlib.sha256(wav()).hexdigest())
    file.chmod(0o644)
    file.write_bytes(wav()[:100])
    await take_in(pool, settings, account, wav())
    assert file.read_bytes() == wav()


async def test_another_account_has_its_own_track_of_the_same_file(pool, settings, account):
    async with db.transaction(pool) as conn:
        other = await add_account(conn)
    first = await take_in(pool, settings, account, wav())
    second = await take_in(pool, settings, other, wav())
    assert second.is_new
    assert second.track_id != first.track_id
    assert media.every_blob(settings) == [hashlib.sha256(wav()).hexdigest()]
    async with pool.connection() as conn:
        with pytest.raises(NotFound):
            await library.track_by_id(conn, account_id=other, track_id=first.track_id)
        assert await library.count_tracks(conn, account_id=other) == 1


async def test_file_without_bytes_is_refused(settings):
    with media.arriving(settings) as folder, pytest.raises(Refused, match=r"empty\.wav is empty") as caught:
        media.copy_in(io.BytesIO(b""), folder, limit=100, name="empty.wav")
    assert caught.value.code == "empty_file"


async def test_file_beyond_the_limit_is_refused_and_nothing_stays(settings):
    with media.arriving(settings) as folder, pytest.raises(Refused, match="larger than") as caught:
        media.copy_in(io.BytesIO(bytes(3 << 20)), folder, limit=1 << 20, name="long.wav")
    assert caught.value.code == "too_large"
    assert list(settings.work.iterdir()) == []


@pytest.mark.parametrize(
    "given, kept",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Music\\song.wav", "song.wav"),
        ("two\nlines\t.wav", "two lines .wav"),
        ("🎸 söng.wav", "🎸 söng.wav"),
        ("", "unnamed"),
        ("/", "unnamed"),
        ("bad\udcff.wav", "bad .wav"),
        ("nul\0.wav", "nul .wav"),
    ],
)
async def test_names_become_one_line_that_is_never_a_path(given, kept):
    assert library.shown_file_name(given) == kept


async def test_hostile_name_decides_nothing_on_disk(pool, settings, account):
    await take_in(pool, settings, account, wav(), "x" * 300 + "/../../evil.wav\n.sh")
    (file,) = (f for f in settings.data.rglob("*") if f.is_file())
    assert file == media.blob(settings, hashlib.sha256(wav()).hexdigest())


@pytest.mark.parametrize(
    "name, title",
    [
        ("Blue_Train.flac", "Blue Train"),
        (".flac", ".flac"),
        ("song", "song"),
        ("song\u200b.wav", "song"),
        ("_\u00ad_song_.wav", "song"),
        ("\u200b.wav", "\u200b.wav"),
    ],
)
async def test_title_comes_from_the_name(name, title):
    assert title_of(name) == title
