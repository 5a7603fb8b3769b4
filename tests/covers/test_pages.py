"""Covers over HTTP: chosen, seen, removed, undone; and kept on the disk while anything needs them."""

from __future__ import annotations

import re

import pytest

from sfa import covers, db, media
from sfa.runs.sweep import sweep
from sfa.sound.pictures import redraw
from tests import make
from tests.conftest import until
from tests.covers.pictures import picture, song

SCRIPT = {"HX-Request": "true"}
DECODED = "select state = 'done' from runs where track_id = %(track)s and stage = 'decode'"


@pytest.fixture
async def track(pool, account):
    async with db.transaction(pool) as conn:
        return await make.add_track(conn, account_id=account, title="Glass Harbour")


async def sent(site, track, data, name="cover.jpg", script=True):
    return await site.post(
        f"/tracks/{track}/cover", files={"file": (name, data)}, headers=SCRIPT if script else {}
    )


async def shown(site, track):
    """The address of the cover as the row of the track has it, if there is one."""
    row = (await site.get(f"/tracks/{track}/row")).text
    found = re.search(r'src="(/tracks/[^"]+/cover[^"]+)"', row)
    return found[1].replace("&amp;", "&") if found else None


async def undo(site, answer):
    address = re.search(r'action="(/acts/\d+/undo)"', answer.text)[1]
    return await site.post(address, headers=SCRIPT, follow_redirects=True)


async def found_in_file(pool, settings, track, tmp_path, colour):
    """What the decode stage does with the picture of a file."""
    made = redraw(picture(tmp_path / f"{colour}.png", colour=colour), tmp_path)
    async with db.transaction(pool) as conn:
        told = covers.Made(made.path, made.bytes, made.sha256, made.width, made.height, made.small)
        await covers.put_found(conn, settings, track_id=track, made=told)
    return made.sha256


async def test_a_picture_that_was_sent_is_the_cover_until_it_is_undone(site, track, tmp_path):
    assert await shown(site, track) is None
    answer = await sent(site, track, picture(tmp_path / "a.png").read_bytes())
    assert "Chose a cover for “Glass Harbour”" in answer.text
    address = await shown(site, track)
    small = await site.get(address)
    large = await site.get(address.replace("&size=small", ""))
    for got in (small, large):
        assert (got.status_code, got.headers["content-type"]) == (200, "image/jpeg")
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert got.content.startswith(b"\xff\xd8\xff")
        again = await site.get(str(got.url), headers={"If-None-Match": got.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert small.headers["etag"] != large.headers["etag"]
    undone = await undo(site, answer)
    assert await shown(site, track) is None
    assert (await site.get(address)).status_code == 404
    await undo(site, undone)
    assert await shown(site, track) == address


async def test_an_address_of_another_picture_is_not_answered(site, track, tmp_path):
    await sent(site, track, picture(tmp_path / "a.png").read_bytes())
    plain = f"/tracks/{track}/cover"
    assert (await site.get(plain)).headers["cache-control"] == "private, no-cache"
    for odd in ("?v=0123456789abcdef", "?size=huge", "?v=0"):
        assert (await site.get(plain + odd)).status_code == 404


async def test_a_cover_is_removed_and_brought_back(site, pool, settings, track, tmp_path):
    await found_in_file(pool, settings, track, tmp_path, "blue")
    address = await shown(site, track)
    answer = await site.post(f"/tracks/{track}/cover/drop", headers=SCRIPT)
    assert "Removed the cover" in answer.text
    assert await shown(site, track) is None
    await found_in_file(pool, settings, track, tmp_path, "green")
    assert await shown(site, track) is None, "a person wants none"
    await undo(site, answer)
    assert await shown(site, track) == address


async def test_decoding_again_leaves_a_chosen_cover_alone_and_replaces_a_found_one(
    site, pool, settings, track, tmp_path
):
    first = await found_in_file(pool, settings, track, tmp_path, "blue")
    second = await found_in_file(pool, settings, track, tmp_path, "green")
    assert first != second
    assert f"v={second[:16]}" in await shown(site, track)
    await sent(site, track, picture(tmp_path / "a.png", colour="red").read_bytes())
    chosen = await shown(site, track)
    await found_in_file(pool, settings, track, tmp_path, "blue")
    assert await shown(site, track) == chosen


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg><script>alert(1)</script></svg>", "This is no picture"),
        (b"<!doctype html><script>alert(1)</script>", "This is no picture"),
        (b"\xff\xd8\xff\xe0 and no more", "The picture is damaged"),
        (b"", "empty"),
        (bytes(20_000_001), "larger than 20 MB"),
        (bytes(21_000_000), "larger than 20 MB"),
    ],
)
async def test_what_is_no_picture_is_refused_with_a_sentence_and_leaves_nothing(
    site, settings, track, content, sentence
):
    answer = await sent(site, track, content)
    assert answer.status_code in (400, 413, 422)
    assert sentence in answer.text
    assert await shown(site, track) is None
    assert media.scratch_folders(settings) == []


async def test_covers_of_others_are_neither_shown_nor_changed(site, pool, settings, tmp_path):
    async with db.transaction(pool) as conn:
        other = await make.add_track(conn, account_id=await make.add_account(conn))
    await found_in_file(pool, settings, other, tmp_path, "blue")
    assert (await site.get(f"/tracks/{other}/cover")).status_code == 404
    assert (await site.get(f"/tracks/{other}/cover?size=small")).status_code == 404
    assert (await site.post(f"/tracks/{other}/cover/drop")).status_code == 404
    assert (await sent(site, other, picture(tmp_path / "a.png").read_bytes())).status_code == 404
    async with pool.connection() as conn:
        rows = await (await conn.execute("select by_hand from covers")).fetchall()
    assert rows == [(False,)]


async def test_the_sweeper_keeps_a_picture_while_a_row_or_an_undo_needs_it(
    site, pool, settings, track, tmp_path
):
    sha256 = await found_in_file(pool, settings, track, tmp_path, "blue")
    file = media.blob(settings, sha256)
    assert sha256 not in (await sweep(settings, pool, older_than_s=0)).deleted
    answer = await site.post(f"/tracks/{track}/cover/drop", headers=SCRIPT)
    assert sha256 not in (await sweep(settings, pool, older_than_s=0)).deleted
    await undo(site, answer)
    assert (await site.get(f"/tracks/{track}/cover")).content == file.read_bytes()
    await site.post(f"/tracks/{track}/cover/drop", headers=SCRIPT)
    async with db.transaction(pool) as conn:
        await conn.execute("delete from acts")
        unused = await (await conn.execute("select unused from look.disk")).fetchone()
    assert unused[0] >= 1
    assert sha256 in (await sweep(settings, pool, older_than_s=0)).deleted
    assert not file.exists()


async def test_the_picture_of_a_file_is_there_once_it_is_decoded(
    site, pool, settings, account, worker, tmp_path
):
    worker("download")
    file = song(tmp_path / "a.mp3", picture(tmp_path / "c.jpg"), genre="Dub", date="1997", title="Quay")
    taken = await make.take_in(pool, settings, account, file, "a.mp3")
    await until(pool, DECODED, track=taken.track_id)
    assert (await site.get(await shown(site, taken.track_id))).status_code == 200
    async with pool.connection() as conn:
        row = await (
            await conn.execute("select title, year, genre from tracks where id = %s", [taken.track_id])
        ).fetchone()
    assert row == ("Quay", 1997, "Dub")


async def test_a_form_without_script_leads_back_to_the_track(site, track, tmp_path):
    answer = await sent(site, track, picture(tmp_path / "a.webp").read_bytes(), script=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/tracks/{track}?act=")
    editor = (await site.get(f"/tracks/{track}/description")).text
    assert f'action="/tracks/{track}/cover/drop"' in editor
    assert 'alt=""' in (await site.get(f"/tracks/{track}")).text
