"""The segments of all stems over HTTP: those that were asked for, to their owner, once."""

from __future__ import annotations

import pytest

from sfa import media
from tests.web.make import add_song, little_song

SECONDS = 9.0  # 25 segments


@pytest.fixture
async def pack(pool, settings, account):
    """Where the pack of a track is to be had, its bytes, where each segment begins."""
    track = await add_song(pool, settings, account, little_song(SECONDS), "Song.flac")
    async with pool.connection() as conn:
        row = await conn.execute("select run_id, sha256, offsets from packs where track_id = %s", [track])
        run, sha256, offsets = await row.fetchone()
    return f"/separations/{run}/pack/{sha256[:16]}", media.blob(settings, sha256), offsets


async def test_a_span_is_those_bytes_and_no_others(site, pack):
    url, file, offsets = pack
    content = file.read_bytes()
    for first, last in [(0, 0), (0, 1), (7, 7), (4, 7), (0, 15), (24, 24)]:
        answer = await site.get(f"{url}/{first}-{last}")
        assert (answer.status_code, answer.content) == (200, content[offsets[first] : offsets[last + 1]])
        assert answer.headers["content-length"] == str(len(answer.content))


async def test_a_span_over_the_end_brings_what_there_is(site, pack):
    url, file, offsets = pack
    assert len(offsets) == 26
    answer = await site.get(f"{url}/16-31")
    assert answer.content == file.read_bytes()[offsets[16] :]


async def test_a_span_is_kept_for_ever_and_asked_for_again_in_a_word(site, pack):
    answer = await site.get(f"{pack[0]}/2-3")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    tag = answer.headers["etag"]
    assert tag != (await site.get(f"{pack[0]}/2-2")).headers["etag"]
    assert (await site.get(f"{pack[0]}/2-3", headers={"If-None-Match": tag})).status_code == 304


@pytest.mark.parametrize("span", ["1-2", "0-2", "0-31", "3-2", "2", "00-0", "-1-0", "a-b", "0-0-0", "٠-٠"])
async def test_spans_of_another_kind_are_refused_in_words(site, pack, span):
    answer = await site.get(f"{pack[0]}/{span}")
    assert (answer.status_code, answer.headers["cache-control"]) == (416, "no-store")
    assert answer.text == "Segments are sent in spans like 0-0, 2-3 or 16-31."


async def test_a_span_behind_the_end_is_answered_with_the_last_one(site, pack):
    answer = await site.get(f"{pack[0]}/25-25")
    assert (answer.status_code, answer.text) == (416, "The last segment is number 24.")
    assert answer.headers["content-range"] == "segments */25"


@pytest.mark.parametrize("run", [0, 10**30])
async def test_a_separation_that_is_not_there_is_not_found(site, pack, run):
    rev = pack[0].rpartition("/")[2]
    assert (await site.get(f"/separations/{run}/pack/{rev}/0-0")).status_code == 404


async def test_another_content_under_the_same_run_is_not_found(site, pack):
    folder = pack[0].rpartition("/")[0]
    for rev in ["0" * 16, pack[0][-16:-1], pack[0][-16:] + "0"]:
        answer = await site.get(f"{folder}/{rev}/0-0")
        assert answer.status_code == 404
        assert "These stems are not there any more." in answer.text


async def test_a_pack_of_another_account_is_not_there(site, pack, pool):
    async with pool.connection() as conn:
        await conn.execute("insert into accounts (name) values ('somebody else')")
        await conn.execute(
            "update tracks set account_id = (select id from accounts where name = 'somebody else')"
        )
    assert (await site.get(f"{pack[0]}/0-0")).status_code == 404


@pytest.mark.parametrize("harm", ["gone", "cut"])
async def test_a_pack_whose_file_is_gone_or_cut_says_so(site, pack, harm):
    url, file, _ = pack
    file.chmod(0o644)
    file.unlink() if harm == "gone" else file.write_bytes(file.read_bytes()[:-1])
    answer = await site.get(f"{url}/0-0")
    assert answer.status_code == 404
    assert "The stems of Song are not whole in the media folder any more." in answer.text
    assert "no-store" in answer.headers["cache-control"]
