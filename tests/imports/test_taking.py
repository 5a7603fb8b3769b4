"""From what a link holds to tracks, runs and a playlist: rows only, nothing is fetched."""

from __future__ import annotations

from uuid import uuid4

import pytest

from sfa import accounts, imports
from sfa.errors import NotFound
from sfa.imports import store
from sfa.library.recognise import recognise_one
from tests import make

ALBUM = "https://open.spotify.com/album/" + "A" * 22


def song(n: int, **facts: object) -> dict[str, object]:
    return {
        "position": n,
        "source": "spotify",
        "ref_id": f"{n:022d}",
        "url": f"https://open.spotify.com/track/{n:022d}",
        "title": f"Song {n}",
        "artists": ["Mira Voss", "Ada"],
        "album": "Glass",
        "album_artist": "Mira Voss",
        "disc": 1,
        "number": n,
        "duration_ms": 180_000,
        "isrc": None,
        "cover_url": None,
        "released": "1999-05-01",
        "explicit": False,
        "skip_code": None,
        "skip_why": None,
    } | facts


async def job_of(conn, import_id) -> int:
    cur = await conn.execute("select job_id from imports where id = %s", [import_id])
    return (await cur.fetchone())[0]


async def asked(conn, account, *songs, link: str = ALBUM):
    """An import that a worker has looked at."""
    ref = recognise_one(link).ref
    import_id = await imports.ask(conn, account_id=account, ref=ref)
    facts = {
        "kind": ref.kind,
        "url": ref.url,
        "title": "Glass",
        "owner": "Mira Voss",
        "total": len(songs),
        "complete": True,
        "why_incomplete": None,
        "via": "embed",
    }
    job_id = await job_of(conn, import_id)
    assert await store.resolved(conn, import_id, job_id=job_id, facts=facts, songs=songs, picture=None)
    return import_id


async def taken(conn, account, import_id, *positions, step: bool = True) -> int:
    return await imports.take(conn, account_id=account, import_id=import_id, positions=positions, step=step)


async def rows(conn, statement, *params):
    return await (await conn.execute(statement, params)).fetchall()


async def in_playlist(conn, account, import_id) -> list[str]:
    found = await rows(
        conn,
        "select t.title from imports i join playlist_items p using (playlist_id)"
        " join tracks t on t.id = p.track_id where i.id = %s order by p.place, p.id",
        import_id,
    )
    return [title for (title,) in found]


@pytest.fixture
async def account(conn):
    return await accounts.owner_id(conn)


async def test_what_is_ticked_becomes_tracks_that_are_fetched_first(conn, account):
    import_id = await asked(conn, account, song(1), song(2), song(3))
    assert await taken(conn, account, import_id, 1, 3) == 2
    tracks = await rows(conn, "select title, artist, album, year, source, link from tracks order by title")
    assert tracks == [
        ("Song 1", "Mira Voss, Ada", "Glass", 1999, "spotify", f"https://open.spotify.com/track/{1:022d}"),
        ("Song 3", "Mira Voss, Ada", "Glass", 1999, "spotify", f"https://open.spotify.com/track/{3:022d}"),
    ]
    stages = await rows(
        conn,
        "select r.stage, r.state::text from runs r join tracks t on t.id = r.track_id"
        " join stages s using (stage) where t.title = 'Song 1' order by s.ord",
    )
    assert stages[:2] == [("fetch", "queued"), ("decode", "blocked")]
    assert await in_playlist(conn, account, import_id) == ["Song 1", "Song 3"]


async def test_the_same_song_of_two_links_is_one_track(conn, account):
    first = await asked(conn, account, song(1), song(2))
    await taken(conn, account, first, 1, 2)
    other = await asked(conn, account, song(2, position=1), song(9, position=2), link=ALBUM[:-1] + "B")
    known = await imports.entries(conn, account_id=account, import_id=other)
    assert [entry.is_new for entry in known] == [False, True]
    assert await taken(conn, account, other, 1, 2) == 1
    assert len(await rows(conn, "select from tracks")) == 3


async def test_a_song_that_stands_twice_in_a_list_is_one_track_in_two_places(conn, account):
    import_id = await asked(conn, account, song(1), song(2), song(1, position=3))
    assert await taken(conn, account, import_id, 1, 2, 3) == 2
    assert await in_playlist(conn, account, import_id) == ["Song 1", "Song 2", "Song 1"]


async def test_a_second_look_finds_what_is_new_and_what_is_gone(conn, account):
    import_id = await asked(conn, account, song(1), song(2))
    await taken(conn, account, import_id, 1, 2)
    mine = await make.add_track(conn, account_id=account, title="My own")
    await conn.execute(
        "insert into playlist_items (playlist_id, track_id, place) select playlist_id, %s, 1.5 from imports",
        [mine],
    )
    assert await asked(conn, account, song(3, position=1), song(2)) == import_id
    found = await imports.entries(conn, account_id=account, import_id=import_id)
    assert [(entry.title, entry.is_new, entry.gone) for entry in found] == [
        ("Song 3", True, False),
        ("Song 2", False, False),
        ("Song 1", False, True),
    ]
    assert await taken(conn, account, import_id, 1) == 1
    assert await in_playlist(conn, account, import_id) == ["Song 3", "Song 2", "My own"]
    assert (
        len(await rows(conn, "select from tracks where title = 'Song 1'")) == 1
    )  # of the library nothing goes


async def test_without_being_brought_in_step_a_playlist_only_grows(conn, account):
    import_id = await asked(conn, account, song(1), song(2))
    await taken(conn, account, import_id, 1, 2)
    await asked(conn, account, song(3, position=1), song(2))
    await taken(conn, account, import_id, 1, step=False)
    assert await in_playlist(conn, account, import_id) == ["Song 1", "Song 2", "Song 3"]


async def test_what_cannot_be_fetched_is_shown_and_never_taken(conn, account):
    gap = song(
        2,
        ref_id=None,
        url=None,
        title="Demo tape",
        skip_code="local_file",
        skip_why="A file on somebody's disk.",
    )
    import_id = await asked(conn, account, song(1), gap)
    assert await taken(conn, account, import_id, 1, 2) == 1
    found = await imports.entries(conn, account_id=account, import_id=import_id)
    assert (found[1].skip_why, found[1].can_be_taken) == ("A file on somebody's disk.", False)


async def test_a_track_in_the_trash_comes_back(conn, account):
    import_id = await asked(conn, account, song(1))
    await taken(conn, account, import_id, 1)
    await conn.execute("update tracks set deleted_at = now()")
    assert (await imports.entries(conn, account_id=account, import_id=import_id))[0].can_be_taken
    assert await taken(conn, account, import_id, 1) == 0
    assert await rows(conn, "select deleted_at from tracks") == [(None,)]


async def test_what_another_account_asked_is_theirs(conn, account):
    theirs = await make.add_account(conn, "somebody else")
    import_id = await asked(conn, theirs, song(1))
    with pytest.raises(NotFound):
        await imports.import_by_id(conn, account_id=account, import_id=import_id)
    assert await imports.entries(conn, account_id=account, import_id=import_id) == []
    assert await asked(conn, account, song(1)) != import_id


async def test_an_answer_that_nobody_waits_for_changes_nothing(conn, account):
    import_id = await asked(conn, account, song(1))
    assert not await store.resolved(
        conn,
        import_id,
        job_id=await job_of(conn, import_id),
        facts=dict.fromkeys(("kind", "url", "title", "owner", "total", "complete", "why_incomplete", "via")),
        songs=[],
        picture=None,
    )
    assert len(await imports.entries(conn, account_id=account, import_id=import_id)) == 1
    assert await store.asked(conn, uuid4(), job_id=1) is None


async def test_an_import_whose_job_was_lost_is_asked_again(conn, account):
    import_id = await imports.ask(conn, account_id=account, ref=recognise_one(ALBUM).ref)
    before = await job_of(conn, import_id)
    assert await rows(conn, "select * from sfa.rejoin_imports()") == []
    await conn.execute("delete from procrastinate_jobs where id = %s", [before])
    assert len(await rows(conn, "select * from sfa.rejoin_imports()")) == 1
    assert await job_of(conn, import_id) != before
