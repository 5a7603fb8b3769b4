from __future__ import annotations

import asyncio
import dataclasses
import hashlib

import httpx
import pytest

from sfa import media
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
    digest = hashlib.sha256(sound).hexdigest()
    assert await one(pool, "select sha256 from tracks") == digest
    assert media.blob(settings, digest).read_bytes() == sound
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


def raw_form(*files: tuple[bytes, bytes]) -> bytes:
    """A form as no browser writes it: with these very bytes for names."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n%s\r\n'
    return b"".join(head % file for file in files) + b"--x--\r\n"


async def sent(site, body: bytes, kind: str = "multipart/form-data; boundary=x") -> httpx.Response:
    return await site.post("/tracks", content=body, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"x" * 5000 + b".wav", "x" * 255),
        (b"a\0b.wav", "a b.wav"),
        (b"a\nb.wav", "a b.wav"),
        (b"a\rb.wav", "a b.wav"),
        (b"a%0Ab.wav", "a b.wav"),  # as browsers write a newline
        ("Motörhead.wav".encode(), "Motörhead.wav"),
        ("Motörhead.wav".encode("latin-1"), "Motörhead.wav"),
        ("a\u202evaw.3pm\u2069.wav".encode(), "avaw.3pm.wav"),
    ],
    ids=["long", "nul", "newline", "return", "percent", "utf-8", "latin-1", "bidi"],
)
async def test_a_file_of_any_name_is_taken_and_shown_as_one_line(site, pool, name, shown):
    answer = await sent(site, raw_form((name, make.wav(seconds=0.3))))
    assert answer.status_code == 303
    assert await one(pool, "select file_name from tracks") == shown


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (raw_form((b"x" * 100_000, b"sound")), "The name of the file is longer than 64 KB."),
        (raw_form((b"a\r\nb.wav", b"sound")), "The name of the file has a line break in it"),
        (raw_form((b"", b"sound")), "The file in the request came without a name."),
        (raw_form((b"a.wav", b"sound")).replace(b'; filename="a.wav"', b""), "came without a name."),
        (raw_form((b"a.wav", b"sound")).replace(b"form-data", b"thing"), "not put together as a form is"),
        (raw_form((b"", b"")), "There was no file in the request."),
        (raw_form(*[(b"", b"")] * 1001), "more than 1,000 parts"),
        (raw_form((b"a.wav", b"sound"))[:-8], "The upload broke off before its end."),
    ],
    ids=["long", "newline", "no name", "no file name", "no form", "nothing", "many", "cut off"],
)
async def test_a_form_that_cannot_be_read_is_told_what_is_wrong_with_it(site, pool, settings, body, says):
    answer = await sent(site, body)
    assert answer.status_code == 422
    assert says in answer.text
    assert await one(pool, "select count(*) from tracks") == 0
    assert left_in(settings) == []


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary="])
async def test_a_form_without_a_boundary_is_told_so(site, kind):
    answer = await sent(site, raw_form((b"a.wav", b"sound")), kind)
    assert answer.status_code == 422
    assert "(no boundary)" in answer.text
    assert "curl -F file=@song.wav" in answer.text


async def test_an_empty_file_among_others_is_named_and_the_others_are_kept(site, pool, settings):
    first, last = make.wav(hz=200), make.wav(hz=300)
    answer = await sent(site, raw_form((b"a.wav", first), (b"b.wav", b""), (b"c.wav", last)))
    assert answer.status_code == 422
    assert "b.wav is empty: it has no bytes. 2 of the files sent are in the library." in answer.text
    assert (
        await one(pool, "select string_agg(file_name, ' ' order by file_name) from tracks") == "a.wav c.wav"
    )
    assert left_in(settings) == []


async def test_what_came_whole_before_an_upload_broke_off_is_said_to_be_kept(site, pool):
    body = raw_form((b"a.wav", make.wav(hz=200)), (b"b.wav", make.wav(hz=300)))
    answer = await sent(site, body[:-5000])
    assert answer.status_code == 422
    assert "The upload broke off before its end. 1 of the files sent is in the library." in answer.text
    assert await one(pool, "select file_name from tracks") == "a.wav"


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
