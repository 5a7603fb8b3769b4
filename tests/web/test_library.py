"""The library over HTTP: what is found, what is done to many at once, playlists and crates."""

from __future__ import annotations

import re
import uuid

import psycopg
import pytest

from sfa import db
from tests import make
from tests.web.make import add_song, little_song

SCRIPT = {"HX-Request": "true"}


@pytest.fixture
async def songs(pool, account):
    """Three tracks by title."""
    async with db.transaction(pool) as conn:
        return {
            title: await make.add_track(conn, account_id=account, title=title) for title in ("A", "B", "C")
        }


async def shown(site, address="/library"):
    page = (await site.get(address)).text
    return re.findall(r'class="title"[^>]*>([^<]+)<', page)


async def do(site, what, *ids, script=True, **fields):
    data = {"what": what, "id": [str(one) for one in ids], **fields}
    return await site.post("/library/do", data=data, headers=SCRIPT if script else {})


async def value(pool, question, *params):
    async with pool.connection() as conn:
        return (await (await conn.execute(question, params)).fetchone())[0]


def undo_in(answer):
    return re.search(r'action="(/acts/\d+/undo)"', answer.text)[1]


async def test_what_is_thrown_away_can_be_brought_back_by_the_notice_that_told_of_it(site, songs):
    answer = await do(site, "trash", songs["A"], songs["B"])
    assert "Deleted 2 tracks" in answer.text
    assert await shown(site) == ["C"]
    assert sorted(await shown(site, "/library?trash=1")) == ["A", "B"]
    await site.post(undo_in(answer), headers=SCRIPT)
    assert sorted(await shown(site)) == ["A", "B", "C"]


async def test_everything_that_a_filter_lets_through_is_meant_by_all(site, pool, account):
    async with db.transaction(pool) as conn:
        for n in range(60):
            await make.add_track(conn, account_id=account, title=f"Take {n}")
        await make.add_track(conn, account_id=account, title="Other")
    answer = await do(site, "tag", all="1", filter="q=take", tag="#loud")
    assert "Tagged 60 tracks #loud" in answer.text
    assert await value(pool, "select count(*) from track_tags") == 60
    await site.post(undo_in(answer), headers=SCRIPT)
    assert await value(pool, "select count(*) from track_tags") == 0


async def test_a_form_without_script_does_the_same_and_leads_back(site, songs):
    answer = await do(site, "trash", songs["A"], script=False, filter="sort=title")
    assert (answer.status_code, answer.headers["location"]) == (303, "/library?sort=title&act=1")
    assert sorted(await shown(site)) == ["B", "C"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"what": "trash"}, "No track is selected."),
        ({"what": "explode", "id": str(uuid.UUID(int=1))}, "nothing that can be done"),
        ({"what": "trash", "id": "x"}, "One of these is no track."),
        ({"what": "tag", "id": str(uuid.UUID(int=1)), "tag": " # "}, "The tag is empty."),
        ({"what": "tag", "id": str(uuid.UUID(int=1)), "tag": "x" * 61}, "longer than 60 letters"),
        ({"what": "untag", "id": str(uuid.UUID(int=1)), "tag": "x"}, "None of these has the tag #x"),
        ({"what": "playlist", "id": str(uuid.UUID(int=1)), "playlist": ""}, "The name is empty."),
        ({"what": "trash", "all": "1", "filter": "bpm=fast"}, "“bpm” is"),
    ],
)
async def test_what_cannot_be_done_is_said(site, fields, sentence):
    answer = await site.post("/library/do", data=fields, headers=SCRIPT)
    assert answer.status_code == 422
    assert sentence in answer.text


async def test_a_failed_undo_of_a_playlist_names_what_is_missing(site):
    answer = await do(site, "playlist", uuid.uuid4(), playlist=str(uuid.uuid4()))
    assert answer.status_code == 404
    assert "There is no such playlist." in answer.text


async def test_work_is_driven_for_many_at_once(site, pool, songs):
    async with db.transaction(pool) as conn:
        for track in songs.values():
            await conn.execute("select sfa.forge_track(%s)", [track])
    assert "12 steps cancelled." in (await do(site, "cancel", *songs.values())).text
    assert await value(pool, "select count(*) from runs where state <> 'cancelled'") == 0
    assert "12 steps tried again." in (await do(site, "retry", *songs.values())).text
    assert "4 steps go first." in (await do(site, "first", songs["B"])).text
    assert await value(pool, "select priority from tracks where title = 'B'") == 10
    assert "4 steps take their ordinary turn." in (await do(site, "later", songs["B"])).text
    assert await value(pool, "select sum(priority) from procrastinate_jobs") == 0


async def test_a_playlist_is_made_filled_renamed_and_dropped(site, pool, songs):
    made = await site.post("/playlists", data={"name": "  Tonight "}, follow_redirects=False)
    address = made.headers["location"].partition("?")[0]
    playlist = address.rsplit("/", 1)[-1]
    await do(site, "playlist", songs["B"], songs["A"], playlist=playlist)
    assert await shown(site, address) == ["B", "A"]
    await site.post(f"{address}/name", data={"name": "Tomorrow"})
    assert re.search("<h1[^>]*>Tomorrow</h1>", (await site.get(address)).text)
    items = re.findall(r'data-item="(\d+)"', (await site.get(address)).text)
    moved = await site.post(f"{address}/move", data={"item": items[1], "before": items[0]}, headers=SCRIPT)
    assert await shown(site, address) == ["A", "B"]
    await site.post(undo_in(moved), headers=SCRIPT)
    assert await shown(site, address) == ["B", "A"]
    await site.post(f"{address}/out", data={"item": items[0]}, headers=SCRIPT)
    assert await shown(site, address) == ["A"]
    await site.post(f"{address}/drop")
    assert (await site.get(address)).status_code == 404


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "\u202e"])
async def test_a_playlist_needs_a_name_that_can_be_read(site, name):
    assert (await site.post("/playlists", data={"name": name}, headers=SCRIPT)).status_code == 422


async def test_a_crate_keeps_the_shortest_address_of_its_filter(site, pool):
    await site.post("/crates", data={"name": "Fast", "filter": "sort=-added&bpm=160-&tag="})
    assert await value(pool, "select filter from crates") == "bpm=160-"
    page = (await site.get("/library?bpm=160-")).text
    assert re.search(r'href="/library\?bpm=160-"\s+aria-current="page"', page)


async def test_a_track_is_described_and_the_description_undone(site, pool, songs):
    address = f"/tracks/{songs['A']}/description"
    assert 'value="A"' in (await site.get(address)).text
    was = {"was_title": "A"} | dict.fromkeys(
        ("was_artist", "was_album", "was_year", "was_genre", "was_comment"), ""
    )
    said = was | {
        "title": "New",
        "artist": "Somebody",
        "album": "",
        "year": "1999",
        "genre": "Dub",
        "comment": "loud",
    }
    answer = await site.post(address, data=said, headers=SCRIPT)
    row = "select (title, artist, album, year, genre, comment)::text from tracks where id = %s"
    assert await value(pool, row, songs["A"]) == "(New,Somebody,,1999,Dub,loud)"
    await site.post(undo_in(answer), headers=SCRIPT)
    assert await value(pool, row, songs["A"]) == "(A,,,,,)"


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("title", " ", "A track without a title"),
        ("title", "x" * 501, "longer than 500"),
        ("year", "MCM", "MCM is no year"),
        ("year", "0999", "is no year"),
        ("comment", "x" * 4001, "longer than 4000"),
    ],
)
async def test_a_description_that_cannot_be_is_refused_and_nothing_is_written(
    site, pool, songs, field, text, sentence
):
    answer = await site.post(
        f"/tracks/{songs['A']}/description", data={"title": "A", field: text}, headers=SCRIPT
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await value(pool, "select title from tracks where id = %s", songs["A"]) == "A"


async def test_other_stems_are_chosen_and_the_first_come_back_by_undo(site, pool, settings, account):
    track = await add_song(pool, settings, account, little_song(1.0), "Song.flac")
    first = await value(pool, "select run_id from separations")
    async with db.transaction(pool) as conn:
        await conn.execute("select sfa.forge_track(%s, 'quick', null, false)", [track])
        await conn.execute(
            """update separations set engine = 'quick', ran = 'quick', device = 'cpu' where model = 'quick'"""
        )
    second = await value(pool, "select run_id from separations where model = 'quick'")
    chosen = "select run_id from separations where chosen"
    answer = await site.post(f"/separations/{second}/choose", headers=SCRIPT)
    assert await value(pool, chosen) == second
    await site.post(undo_in(answer), headers=SCRIPT)
    assert await value(pool, chosen) == first
    assert (await site.post("/separations/999999/choose", headers=SCRIPT)).status_code == 404
    heard = (await site.get(f"/tracks/{track}/player?run={second}")).text
    assert heard.count('aria-current="true"') == 1


@pytest.fixture
def statements(monkeypatch):
    """Every statement that this process sends, as it is sent."""
    sent = []
    execute = psycopg.AsyncCursor.execute

    async def spy(self, query, *args, **kwargs):
        sent.append(str(query))
        return await execute(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", spy)
    return sent


@pytest.mark.parametrize("path", ["/library", "/", "/library?q=song&sort=bpm", "/library?trash=1"])
async def test_a_page_asks_the_database_the_same_few_times_however_much_it_shows(
    site, pool, settings, account, statements, path
):
    async def asked():
        statements.clear()
        await site.get(path)
        return len(statements)

    for n in range(2):
        await add_song(pool, settings, account, little_song(0.5), f"song {n}.flac")
        async with db.transaction(pool) as conn:
            await make.add_track(conn, title=f"song gone {n}", deleted_at="now")
    few = await asked()
    async with db.transaction(pool) as conn:
        for n in range(40):
            await make.add_track(conn, account_id=account, title=f"song {n} more")
            await make.add_track(conn, account_id=account, title=f"song {n} gone", deleted_at="now")
    assert await asked() <= few < 40
