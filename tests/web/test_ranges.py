from __future__ import annotations

import hashlib

import pytest

from sfa import media
from sfa.web.ranges import Unsatisfiable, disposition, span_of
from tests.web.make import add_song, little_song


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-99", (0, 99)),
        ("bytes=500-", (500, 999)),
        ("bytes=-100", (900, 999)),
        ("bytes=-5000", (0, 999)),
        ("bytes=990-2000", (990, 999)),
        ("bytes=0-0,5-6", None),
        ("bytes=9-3", None),
        ("bytes=-", None),
        ("pages=1-2", None),
        ("bytes=" + "9" * 5000 + "-", None),
        (None, None),
    ],
)
def test_a_range_is_read_as_http_says(header, span):
    assert span_of(header, 1000) == span


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=4000-5000", "bytes=-0"])
def test_a_range_behind_the_end_cannot_be_satisfied(header):
    with pytest.raises(Unsatisfiable):
        span_of(header, 1000)


def test_a_name_in_any_script_survives_the_header():
    assert disposition("attachment", 'Süß/"x"\n.flac') == (
        "attachment; filename=\"S____x__.flac\"; filename*=UTF-8''S%C3%BC%C3%9F%2F%22x%22%0A.flac"
    )


@pytest.fixture
async def stem(pool, settings, account):
    """The address of a stem, and its bytes."""
    track = await add_song(pool, settings, account, little_song(1.0), "Mein Lied.flac")
    async with pool.connection() as conn:
        row = await conn.execute(
            "select id, sha256 from stems where track_id = %s and name = 'vocals'", [track]
        )
        stem_id, sha256 = await row.fetchone()
    return f"/stems/{stem_id}/audio", media.blob(settings, sha256).read_bytes()


async def test_a_whole_stem_comes_with_its_length_and_name(site, stem):
    url, content = stem
    answer = await site.get(url, params={"download": "true"})
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "audio/flac"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(len(content))
    assert "filename*=UTF-8''Mein%20Lied%20-%20vocals.flac" in answer.headers["content-disposition"]


async def test_a_part_of_a_stem_is_those_bytes_and_no_others(site, stem):
    url, content = stem
    for header, part in [
        ("bytes=0-9", content[:10]),
        ("bytes=100-299", content[100:300]),
        ("bytes=-50", content[-50:]),
    ]:
        answer = await site.get(url, headers={"Range": header})
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["content-range"].endswith(f"/{len(content)}")


async def test_a_range_behind_the_end_is_answered_with_the_size(site, stem):
    url, content = stem
    answer = await site.get(url, headers={"Range": f"bytes={len(content)}-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(content)}")


async def test_a_range_of_another_version_brings_the_whole_file(site, stem):
    url, content = stem
    answer = await site.get(url, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (answer.status_code, answer.content) == (200, content)
    tag = answer.headers["etag"]
    answer = await site.get(url, headers={"Range": "bytes=0-9", "If-Range": tag})
    assert answer.status_code == 206
    assert (await site.get(url, headers={"If-None-Match": tag})).status_code == 304


async def test_the_source_is_sent_as_sound_or_as_bytes_never_as_a_page(site, pool, settings, account):
    track = await add_song(pool, settings, account, little_song(1.0), "evil.html")
    answer = await site.get(f"/tracks/{track}/source")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_stem_whose_file_is_gone_says_so(site, stem, settings):
    media.blob(settings, hashlib.sha256(stem[1]).hexdigest()).unlink()
    answer = await site.get(stem[0])
    assert answer.status_code == 404
    assert "is not in the media folder any more" in answer.text


async def test_a_stem_of_another_account_is_not_there(site, stem, pool):
    async with pool.connection() as conn:
        await conn.execute("insert into accounts (name) values ('somebody else')")
        await conn.execute(
            "update tracks set account_id = (select id from accounts where name = 'somebody else')"
        )
    assert (await site.get(stem[0])).status_code == 404
