"""Links on pages: asked, shown, chosen from, forgotten."""

from __future__ import annotations

import pytest

from sfa import db, imports
from tests.imports.test_taking import ALBUM, asked, song


@pytest.fixture
async def album(pool, account):
    """An album of three songs, one of which cannot be fetched."""
    gone = {"skip_code": "track_removed", "skip_why": "It was taken off Spotify."}
    async with db.transaction(pool) as conn:
        return await asked(conn, account, song(1, title="<b>One</b>"), song(2), song(3, **gone))


async def test_links_in_a_text_are_asked(site, pool, account):
    answer = await site.post("/imports", data={"text": f"listen: {ALBUM} and https://youtu.be/dQw4w9WgXcQ"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/imports")
    async with pool.connection() as conn:
        found = await imports.newest(conn, account_id=account)
    assert {(one.source, one.kind, one.state) for one in found} == {
        ("spotify", "album", "resolving"),
        ("youtube", "video", "resolving"),
    }
    page = (await site.get("/imports")).text
    assert "Being looked at" in page


async def test_one_link_leads_to_its_own_page(site):
    answer = await site.post("/imports", data={"text": ALBUM})
    page = (await site.get(answer.headers["location"])).text
    assert ALBUM in page
    assert "Asking what it holds" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no link at all", "There is no link in it"),
        ("x" * 50_001, "more text than the 50,000 letters"),
        (f"https://music.example/{'a' * 2100}.mp3", "more than 2,000 letters"),
    ],
)
async def test_what_is_no_link_is_refused_in_words(site, text, said):
    answer = await site.post("/imports", data={"text": text})
    assert answer.status_code == 422
    assert said in answer.text


async def test_what_a_link_holds_is_shown_with_what_cannot_be_had(site, album):
    page = (await site.get(f"/imports/{album}")).text
    assert "&lt;b&gt;One&lt;/b&gt;" in page
    assert "It was taken off Spotify." in page
    assert page.count('name="position"') == 2
    assert "2 new" in page


async def test_what_was_ticked_is_taken_and_shown_as_a_playlist(site, pool, account, album):
    answer = await site.post(f"/imports/{album}/take", data={"position": ["1", "2", "3"], "step": "1"})
    place = answer.headers["location"]
    assert place.startswith("/playlists/")
    page = (await site.get(place)).text
    assert "Song 2" in page
    assert 'data-state="queued"' in page
    again = (await site.get(f"/imports/{album}")).text
    assert 'name="position"' not in again


@pytest.mark.parametrize("position", ["-1", "1e3", "99999999", "x"])
async def test_an_entry_that_cannot_be_is_refused(site, album, position):
    answer = await site.post(f"/imports/{album}/take", data={"position": position})
    assert answer.status_code == 422


async def test_it_is_forgotten_and_its_tracks_stay(site, pool, account, album):
    await site.post(f"/imports/{album}/take", data={"position": "1"})
    assert (await site.post(f"/imports/{album}/forget")).status_code == 303
    assert (await site.get(f"/imports/{album}")).status_code == 404
    async with pool.connection() as conn:
        assert (await (await conn.execute("select count(*) from tracks")).fetchone())[0] == 1


async def test_it_can_be_asked_again(site, pool, account, album):
    await site.post(f"/imports/{album}/again")
    async with pool.connection() as conn:
        found = await imports.import_by_id(conn, account_id=account, import_id=album)
    assert found.state == "resolving"


async def test_an_import_of_somebody_else_is_not_there(site, pool):
    async with db.transaction(pool) as conn:
        cur = await conn.execute("insert into accounts (name) values ('other') returning id")
        theirs = await asked(conn, (await cur.fetchone())[0], song(1))
    for method, path in [("GET", ""), ("GET", "/cover"), ("POST", "/take"), ("POST", "/again")]:
        assert (await site.request(method, f"/imports/{theirs}{path}")).status_code == 404, path
    await site.post(f"/imports/{theirs}/forget")
    async with pool.connection() as conn:
        assert (await (await conn.execute("select count(*) from imports")).fetchone())[0] == 1
