from __future__ import annotations

import asyncio
import dataclasses
import hashlib

import httpx
import pytest

from sfa.web.templates import make_environment
from tests import make
from tests.web.conftest import served

SCRIPT = {"HX-Request": "true"}
BEGIN = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.wav"\r\n\r\n'


async def one(pool, question: str, *params: object):
    async with pool.connection() as conn:
        return (await (await conn.execute(question, params)).fetchone())[0]


def form(*files: tuple[str, bytes]):
    return [("file", (name, content, "audio/wav")) for name, content in files]


def left_in(settings) -> list[str]:
    return [path.name for path in settings.work.iterdir()] if settings.work.exists() else []


async def test_a_dropped_file_becomes_a_row_with_its_jobs(site, pool, settings):
    sound = make.wav(seconds=0.5)
    answer = await site.post(
        "/tracks", files=form(("Song.wav", sound)), headers=SCRIPT, follow_redirects=True
    )
    assert answer.status_code == 200
    assert answer.headers["x-known"] == "0"
    assert 'data-state="queued"' in answer.text
    assert ">Song<" in answer.text
    path, digest = (
        await one(pool, "select (source_path, sha256)::text::text from tracks"),
        hashlib.sha256(sound),
    )
    assert digest.hexdigest() in path
    assert [file.read_bytes() for file in settings.media.rglob("source.wav")] == [sound]
    assert await one(pool, "select count(*) from runs") == 4
    assert await one(pool, "select count(*) from procrastinate_jobs where status = 'todo'") == 1
    assert left_in(settings) == []


async def test_a_large_file_arrives_bit_by_bit_and_whole(site, pool, settings):
    content = (
        b"".join(hashlib.sha256(bytes([n])).digest() for n in range(256)) * 1000
    )  # 8 MB that repeat nowhere near

    async def body():
        yield BEGIN
        for start in range(0, len(content), 70_001):
            yield content[start : start + 70_001]
            await asyncio.sleep(0)
        yield b"\r\n--x--\r\n"

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await site.post("/tracks", content=body(), headers=SCRIPT | kind)
    assert answer.status_code == 303
    assert await one(pool, "select sha256 from tracks") == hashlib.sha256(content).hexdigest()


async def test_the_same_file_again_leads_to_the_same_track_and_says_so(site, pool):
    files = form(("Song.wav", make.wav(seconds=0.5)))
    first = await site.post("/tracks", files=files, headers=SCRIPT)
    second = await site.post("/tracks", files=form(("other name.wav", make.wav(seconds=0.5))), headers=SCRIPT)
    assert second.headers["location"] == first.headers["location"].replace("known=0", "known=1")
    assert await one(pool, "select count(*) from tracks") == 1


async def test_a_plain_form_with_two_files_brings_both_and_leads_back(site, pool):
    answer = await site.post("/tracks", files=form(("a.wav", make.wav(hz=200)), ("b.wav", make.wav(hz=300))))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/#track-")
    assert await one(pool, "select count(*) from tracks") == 2


async def test_an_empty_file_is_refused_by_its_name(site, pool, settings):
    answer = await site.post("/tracks", files=form(("nothing.wav", b"")), headers=SCRIPT)
    assert answer.status_code == 422
    assert answer.headers["hx-retarget"] == "#notices"
    assert "nothing.wav is empty: it has no bytes." in answer.text
    assert await one(pool, "select count(*) from tracks") == 0
    assert left_in(settings) == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x", "text/plain"),
        (b"", "multipart/form-data; boundary=x"),
        (BEGIN.replace(b"big.wav", b"") + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (BEGIN + b"half", "multipart/form-data; boundary=x"),
        (b"no boundary anywhere", "multipart/form-data; boundary=x"),
    ],
)
async def test_a_form_without_a_whole_file_is_refused_in_words(site, pool, settings, body, kind):
    answer = await site.post("/tracks", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert "no file in the request" in answer.text or "broke off" in answer.text
    assert await one(pool, "select count(*) from tracks") == 0
    assert left_in(settings) == []


async def test_more_than_the_limit_is_refused_before_and_while_it_arrives(settings, pool):
    small = dataclasses.replace(settings, max_upload_bytes=1 << 20)

    async def unannounced():
        yield BEGIN
        for _ in range(40):
            yield bytes(100_000)
        yield b"\r\n--x--\r\n"

    async with served(small) as (address, _), httpx.AsyncClient(base_url=address, timeout=20) as site:
        announced = await site.post("/tracks", files=form(("big.wav", bytes(4 << 20))))
        assert announced.status_code == 413
        assert "larger than 1 MB" in announced.text
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await site.post("/tracks", content=unannounced(), headers=kind)
        assert answer.status_code == 413
        assert "big.wav is larger than 1 MB" in answer.text
    assert await one(pool, "select count(*) from tracks") == 0
    assert left_in(settings) == []


async def test_an_upload_that_breaks_off_leaves_nothing(address, settings, pool):
    host, port = address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /tracks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + bytes(500_000)
    )
    await writer.drain()
    for _ in range(200):
        await asyncio.sleep(0.02)
        if left_in(settings):
            break
    assert left_in(settings)
    writer.close()
    for _ in range(200):
        await asyncio.sleep(0.02)
        if not left_in(settings):
            break
    assert left_in(settings) == []
    assert await one(pool, "select count(*) from tracks") == 0


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "<script>alert(1)</script>.wav", "a\"b'c.wav", "é\u202e✨.wav", "x" * 300 + ".wav"],
)
async def test_no_name_does_anything_but_be_shown(site, settings, name):
    answer = await site.post(
        "/tracks", files=form((name, make.wav(seconds=0.5))), headers=SCRIPT, follow_redirects=True
    )
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    stored = [path for path in settings.data.rglob("*") if path.is_file()]
    assert [path.parent.parent for path in stored] == [settings.media]


async def test_the_demo_song_is_played_once_and_found_the_second_time(site, pool):
    first = await site.post("/demo", headers=SCRIPT, timeout=120)
    assert first.status_code == 303
    again = await site.post("/demo", headers=SCRIPT, timeout=120)
    assert again.headers["location"].endswith("known=1")
    assert await one(pool, "select count(*) from tracks") == 1


def test_the_page_names_the_limit(settings):
    html = make_environment().get_template("studio/_empty.html").render(limit=settings.max_upload_bytes)
    assert "up to 2 GB each" in html
