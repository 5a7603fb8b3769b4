"""Files in parts, by real HTTP: what is counted is on the disk, and nothing is sent or stored twice."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import os

import httpx
import pytest

from sfa import db, media
from sfa.runs.sweep import sweep
from sfa.uploads.receive import MOST_OPEN
from tests import make
from tests.web.conftest import served
from tests.web.test_upload import left_in, one

TUS = {"Tus-Resumable": "1.0.0"}
PART = TUS | {"Content-Type": "application/offset+octet-stream"}
SONG = make.wav(seconds=2)


def coded(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


async def begun(site, content: bytes | int = SONG, name="Song.wav", **told: str) -> httpx.Response:
    length = content if isinstance(content, int) else len(content)
    words = ",".join(f"{word} {coded(value)}" for word, value in {"filename": name, **told}.items() if value)
    return await site.post("/uploads", headers=TUS | {"Upload-Length": str(length), "Upload-Metadata": words})


async def sent(site, place: str, part: bytes, at: int, **headers: str) -> httpx.Response:
    return await site.patch(place, content=part, headers=PART | {"Upload-Offset": str(at)} | headers)


async def opened(site, content: bytes = SONG, **told: str) -> str:
    answer = await begun(site, content, **told)
    assert answer.status_code == 201
    return answer.headers["location"]


async def test_a_file_in_parts_becomes_the_track_that_it_would_have_been_whole(site, pool, settings):
    place = await opened(site)
    half = len(SONG) // 2
    first = await sent(site, place, SONG[:half], 0)
    assert (first.status_code, first.headers["upload-offset"]) == (204, str(half))
    assert "x-track" not in first.headers
    last = await sent(site, place, SONG[half:], half)
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(SONG)))
    assert last.headers["x-track"] == str(await one(pool, "select id from tracks"))
    assert last.headers["x-known"] == "0"
    assert last.headers["tus-resumable"] == "1.0.0"
    digest = hashlib.sha256(SONG).hexdigest()
    assert await one(pool, "select sha256 from tracks") == digest
    assert media.blob(settings, digest).read_bytes() == SONG
    assert await one(pool, "select title from tracks") == "Song"
    assert await one(pool, "select count(*) from procrastinate_jobs where status = 'todo'") == 1
    assert left_in(settings) == []


async def test_a_last_part_whose_answer_was_lost_finds_the_track_when_it_is_said_again(site, pool):
    place = await opened(site)
    first = await sent(site, place, SONG, 0)
    again = await sent(site, place, SONG, 0)
    asked = await site.head(place, headers=TUS)
    assert again.status_code == 204
    assert {answer.headers["x-track"] for answer in (first, again, asked)} == {first.headers["x-track"]}
    assert await one(pool, "select count(*) from tracks") == 1


async def test_where_it_stopped_is_told_and_the_next_part_goes_there_only(site):
    place = await opened(site)
    await sent(site, place, SONG[:1000], 0)
    asked = await site.head(place, headers=TUS)
    assert asked.status_code == 200
    assert (asked.headers["upload-offset"], asked.headers["upload-length"]) == ("1000", str(len(SONG)))
    assert asked.headers["cache-control"] == "no-store"
    for wrong in (0, 999, 1001, len(SONG)):
        answer = await sent(site, place, SONG[wrong : wrong + 10], wrong)
        assert (answer.status_code, answer.headers["upload-offset"]) == (409, "1000")


async def test_a_file_that_is_chosen_again_goes_on_where_it_stopped(site, pool):
    place = await opened(site, fingerprint="abc")
    await sent(site, place, SONG[:1000], 0)
    again = await begun(site, fingerprint="abc")
    assert (again.headers["location"], again.headers["upload-offset"]) == (place, "1000")
    assert (await begun(site, SONG + b"x", fingerprint="abc")).headers["location"] != place
    assert (await begun(site, fingerprint="other")).headers["location"] != place
    assert (await sent(site, place, SONG[1000:], 1000)).headers["x-known"] == "0"
    # It has ended, so a third time it is a new one, and the library says that it knows it.
    third = await begun(site, fingerprint="abc")
    assert third.headers["upload-offset"] == "0"
    assert (await sent(site, third.headers["location"], SONG, 0)).headers["x-known"] == "1"
    assert await one(pool, "select count(*) from tracks") == 1


async def test_what_had_come_before_a_line_broke_is_kept(address, site):
    content = make.wav(seconds=40)
    most = 6 << 20
    place = await opened(site, content)
    host, port = address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    lines = [f"PATCH {place} HTTP/1.1", "Host: localhost", f"Content-Type: {PART['Content-Type']}"]
    lines += ["Upload-Offset: 0", f"Content-Length: {len(content)}", "", ""]
    writer.write("\r\n".join(lines).encode() + content[:most])
    await writer.drain()
    at = await beyond(site, place, 0)
    writer.close()
    at = await beyond(site, place, at)
    assert at <= most
    assert (await sent(site, place, content[at:], at)).headers["x-known"] == "0"


async def beyond(site, place: str, at: int) -> int:
    """Wait until more of an upload is safe; how much."""
    async with asyncio.timeout(10):
        while (now := int((await site.head(place)).headers["upload-offset"])) <= at:
            await asyncio.sleep(0.02)
    return now


async def test_of_two_who_send_the_same_part_at_once_one_is_told_to_look_again(site, pool):
    content = make.wav(seconds=20)
    place = await opened(site, content)
    answers = await asyncio.gather(*(sent(site, place, content, 0) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {204, 409, 423}
    assert 204 in {answer.status_code for answer in answers}
    assert await one(pool, "select count(*) from tracks") == 1
    assert await one(pool, "select sha256 from tracks") == hashlib.sha256(content).hexdigest()


async def test_while_one_writes_the_other_is_turned_away_at_once(site, pool):
    place = await opened(site)
    async with db.transaction(pool) as conn:
        await conn.execute("select from uploads for update")
        answer = await sent(site, place, SONG[:1000], 0)
    assert answer.status_code == 423
    assert "Another page is sending a part of the same file" in answer.text
    assert (await sent(site, place, SONG[:1000], 0)).status_code == 204


async def test_a_part_that_arrived_otherwise_than_it_was_sent_is_not_kept(site, settings):
    place = await opened(site)
    right = f"sha256 {coded(hashlib.sha256(SONG[:1000]).digest())}"
    wrong = await sent(site, place, SONG[:999] + b"?", 0, **{"Upload-Checksum": right})
    assert wrong.status_code == 460
    assert (await site.head(place)).headers["upload-offset"] == "0"
    assert (await sent(site, place, SONG[:1000], 0, **{"Upload-Checksum": right})).status_code == 204
    for nonsense in ("md5 abc", "sha256", "sha256 !!", f"sha256 {coded('short')}"):
        assert (await sent(site, place, b"", 1000, **{"Upload-Checksum": nonsense})).status_code == 400


async def test_a_file_that_changed_while_it_was_sent_is_refused_and_forgotten(site, pool, settings):
    place = await opened(site, sha256=hashlib.sha256(b"as it was").hexdigest())
    answer = await sent(site, place, SONG, 0)
    assert answer.status_code == 422
    assert "Song.wav changed while it was sent, so nothing of it was kept." in answer.text
    assert (await site.head(place)).status_code == 404
    assert await one(pool, "select count(*) from tracks") == 0
    assert left_in(settings) == []


async def test_more_than_was_announced_is_refused(site):
    place = await opened(site)
    answer = await sent(site, place, SONG + b"more", 0)
    assert answer.status_code == 422
    assert "More bytes came than the" in answer.text


async def test_cancelling_forgets_row_and_bytes_at_once(site, pool, settings):
    place = await opened(site)
    await sent(site, place, SONG[:1000], 0)
    assert left_in(settings) == [f"upload-{place.rsplit('/', 1)[1]}"]
    assert (await site.delete(place, headers=TUS)).status_code == 204
    assert left_in(settings) == []
    assert await one(pool, "select count(*) from uploads") == 0
    assert (await sent(site, place, SONG[1000:], 1000)).status_code == 404
    assert (await site.delete(place)).status_code == 404


async def test_an_upload_that_has_become_a_track_can_be_forgotten_without_it(site, pool):
    place = await opened(site)
    await sent(site, place, SONG, 0)
    assert (await site.delete(place)).status_code == 204
    assert await one(pool, "select count(*) from tracks") == 1


async def test_bytes_that_went_missing_on_the_disk_are_asked_for_again(site, pool, settings):
    place = await opened(site)
    await sent(site, place, SONG[:1000], 0)
    (file,) = settings.work.glob("upload-*/file")
    os.truncate(file, 400)
    assert (await site.head(place)).headers["upload-offset"] == "400"
    assert (await sent(site, place, SONG[400:], 400)).headers["x-known"] == "0"
    assert await one(pool, "select sha256 from tracks") == hashlib.sha256(SONG).hexdigest()


async def test_a_file_that_is_whole_but_not_yet_a_track_becomes_one_without_a_byte(site, pool, settings):
    """The process may have died between the last part and the track."""
    place = await opened(site)
    await sent(site, place, SONG[:-1], 0)
    (file,) = settings.work.glob("upload-*/file")
    file.write_bytes(SONG)
    async with db.transaction(pool) as conn:
        await conn.execute("update uploads set received = bytes")
    assert (await sent(site, place, b"", len(SONG))).headers["x-known"] == "0"
    assert await one(pool, "select sha256 from tracks") == hashlib.sha256(SONG).hexdigest()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("<script>alert(1)</script>.wav", "script>.wav"),
        ("🎸" * 300 + ".wav", "🎸" * 255),
        ("", "unnamed"),
        ("a\0b\u202e.wav", "a b.wav"),
    ],
)
async def test_no_name_does_anything_but_be_shown(site, pool, settings, name, shown):
    place = await opened(site, name=name)
    assert (await sent(site, place, SONG, 0)).status_code == 204
    assert await one(pool, "select file_name from tracks") == shown
    assert left_in(settings) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "１"}, 400),
        ({"Upload-Length": "9" * 30}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "filename ?"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": f"sha256 {coded('abc')}"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": f"fingerprint {coded('a b')}"}, 400),
        ({"Upload-Length": "5", "Tus-Resumable": "0.2.0"}, 412),
    ],
)
async def test_headers_that_say_nothing_are_answered_in_words(site, pool, headers, status):
    raw = {name: value.encode() for name, value in headers.items()}
    answer = await site.post("/uploads", headers=raw)
    assert answer.status_code == status
    assert "tus 1.0" in answer.text
    assert await one(pool, "select count(*) from uploads") == 0


async def test_a_part_says_what_it_is_and_where_it_goes(site):
    place = await opened(site)
    assert (await site.patch(place, content=b"x", headers={"Upload-Offset": "0"})).status_code == 415
    assert (await site.patch(place, content=b"x", headers=PART)).status_code == 400
    nowhere = "/uploads/00000000-0000-4000-8000-000000000000"
    assert (await sent(site, nowhere, b"x", 0)).status_code == 404


async def test_an_empty_file_and_one_over_the_limit_are_refused_before_they_are_sent(settings, pool):
    small = dataclasses.replace(settings, max_upload_bytes=1 << 20)
    async with served(small) as (address, _), httpx.AsyncClient(base_url=address, timeout=20) as site:
        empty = await begun(site, 0, name="nothing.wav")
        assert (empty.status_code, "nothing.wav is empty: it has no bytes." in empty.text) == (422, True)
        large = await begun(site, 5 << 30, name="set.wav")
        assert large.status_code == 413
        assert "set.wav has 5 GB, and 1.0 MB is the most this studio takes." in large.text
    assert await one(pool, "select count(*) from uploads") == 0


async def test_a_file_for_which_the_disk_has_no_room_is_told_so_in_numbers(settings, pool):
    roomy = dataclasses.replace(settings, max_upload_bytes=1 << 55)
    async with served(roomy) as (address, _), httpx.AsyncClient(base_url=address, timeout=20) as site:
        answer = await begun(site, 1 << 50)
        assert answer.status_code == 507
        assert "Song.wav has 1048576 GB, and there is room for" in answer.text


async def test_a_disk_that_is_full_in_the_middle_is_told_and_the_rest_can_come_later(site, settings):
    place = await opened(site)
    await sent(site, place, SONG[:1000], 0)
    folder = settings.work / f"upload-{place.rsplit('/', 1)[1]}"
    # A device that is always full stands where the file is.
    (folder / "file").rename(folder / "kept")
    (folder / "file").symlink_to("/dev/full")
    answer = await sent(site, place, SONG[1000:2000], 0)
    assert answer.status_code == 507
    assert "Song.wav could not be stored" in answer.text
    (folder / "file").unlink()
    (folder / "kept").rename(folder / "file")
    assert (await sent(site, place, SONG[1000:], 1000)).headers["x-known"] == "0"


async def test_so_many_uploads_may_be_open_and_those_of_others_do_not_count(site, pool, account):
    add = (
        "insert into uploads (account_id, file_name, bytes) select %s, 'a.wav', 9 from generate_series(1, %s)"
    )
    async with db.transaction(pool) as conn:
        await conn.execute(add, [await make.add_account(conn), MOST_OPEN])
        await conn.execute(add, [account, MOST_OPEN - 1])
    place = await opened(site, fingerprint="mine")
    answer = await begun(site)
    assert answer.status_code == 503
    assert f"{MOST_OPEN} uploads are unfinished" in answer.text
    assert "retry-after" not in answer.headers
    assert (await begun(site, fingerprint="mine")).headers["location"] == place


async def test_an_upload_of_somebody_else_is_not_there(site, pool):
    async with db.transaction(pool) as conn:
        cursor = await conn.execute(
            "insert into uploads (account_id, file_name, bytes) values (%s, 'a.wav', 9) returning id",
            [await make.add_account(conn)],
        )
        place = f"/uploads/{(await cursor.fetchone())[0]}"
    assert (await site.head(place)).status_code == 404
    assert (await sent(site, place, b"123456789", 0)).status_code == 404
    assert (await site.delete(place)).status_code == 404
    assert (await site.get("/uploads")).json() == []


async def test_what_was_interrupted_is_listed_until_it_ends(site):
    place = await opened(site, name="a <b>.wav")
    await sent(site, place, SONG[:1000], 0)
    (listed,) = (await site.get("/uploads")).json()
    assert listed["id"] == place.rsplit("/", 1)[1]
    assert (listed["name"], listed["bytes"], listed["received"]) == ("a <b>.wav", len(SONG), 1000)
    await sent(site, place, SONG[1000:], 1000)
    assert (await site.get("/uploads")).json() == []


async def test_many_files_are_asked_for_by_one_request(site, pool, settings):
    await site.post("/tracks", files={"file": ("Song.wav", SONG)})
    here, elsewhere = hashlib.sha256(SONG).hexdigest(), hashlib.sha256(b"else").hexdigest()
    answer = await site.post("/uploads/known", content=f"{here}\n{elsewhere}")
    assert answer.json() == {here: {"id": str(await one(pool, "select id from tracks")), "title": "Song"}}
    media.blob(settings, here).unlink()
    assert (await site.post("/uploads/known", content=here)).json() == {}, (
        "its file is gone: it is to be sent"
    )
    for wrong in (b"abc", b"\xff", "\n".join([here] * 1001)):
        assert (await site.post("/uploads/known", content=wrong)).status_code == 422
    assert (await site.post("/uploads/known", content=b"")).json() == {}


async def test_a_thrown_away_track_counts_as_not_there_and_comes_back_with_its_file(site, pool):
    await site.post("/tracks", files={"file": ("Song.wav", SONG)})
    async with db.transaction(pool) as conn:
        await conn.execute("update tracks set deleted_at = now()")
    digest = hashlib.sha256(SONG).hexdigest()
    assert (await site.post("/uploads/known", content=digest)).json() == {}
    await sent(site, await opened(site), SONG, 0)
    assert await one(pool, "select deleted_at is null from tracks")


async def test_the_sweeper_waits_a_day_for_the_next_part(site, pool, settings):
    place = await opened(site)
    await sent(site, place, SONG[:1000], 0)
    await sent(site, await opened(site, name="b.wav"), SONG, 0)
    old = settings.work / f"upload-{place.rsplit('/', 1)[1]}"
    for path in (old / "file", old):
        os.utime(path, (0, 0))
    async with db.transaction(pool) as conn:
        await conn.execute("update uploads set touched_at = now() - interval '23 hours'")
    assert (await sweep(settings, pool)).scratch == []
    async with db.transaction(pool) as conn:
        await conn.execute("update uploads set touched_at = now() - interval '25 hours'")
    assert (await sweep(settings, pool)).scratch == [old.name]
    assert await one(pool, "select count(*) from uploads") == 0
    assert (await site.head(place)).status_code == 404


async def test_a_program_that_speaks_tus_is_told_what_it_may_do(site, settings):
    answer = await site.options("/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,termination,checksum"
    assert answer.headers["tus-max-size"] == str(settings.max_upload_bytes)


async def test_another_site_cannot_begin_or_cancel_an_upload(site, pool):
    place = await opened(site)
    foreign = {"Origin": "http://evil.example"}
    assert (await site.post("/uploads", headers=foreign | {"Upload-Length": "5"})).status_code == 403
    assert (await site.delete(place, headers=foreign)).status_code == 403
    assert await one(pool, "select count(*) from uploads") == 1
