"""What a person writes about a track stays, whoever else writes at the same time: a worker, another tab."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from sfa import acts, catalogue
from sfa.catalogue import store
from sfa.errors import NotFound
from sfa.library import store as library
from tests.make import add_account, add_track
from tests.runs.test_store import one
from tests.web.make import facts, little_song

TAGS = {"title": "From the tag", "artist": "Tagged", "album": "Tags", "year": 2001, "genre": "Dub"}


async def owner(conn, track):
    return await one(conn, "select account_id from tracks where id = %s", track)


async def opened(conn, track):
    """What a form shows that is opened now."""
    found = await catalogue.description(conn, account_id=await owner(conn, track), track_id=track)
    return {field: found.said(field) for field in asdict(found)}


async def write(conn, track, seen, **said):
    whose = {"account_id": await owner(conn, track), "track_id": track}
    then, changed = await store.revised(conn, **whose, seen=seen, said={**seen, **said})
    await store.describe(conn, **whose, said=then, by_hand=changed)
    return changed


async def decode(conn, track):
    await library.decoded(conn, track, facts(little_song(0.5)) | TAGS)


async def test_tags_of_the_file_do_not_take_the_place_of_what_was_written_while_it_waited(conn):
    track = await add_track(conn, title="take 1")
    await write(conn, track, await opened(conn, track), title="Mine")
    await decode(conn, track)
    assert await opened(conn, track) == {**TAGS, "title": "Mine", "year": "2001", "comment": None}


async def test_what_was_emptied_stays_empty(conn):
    track = await add_track(conn)
    await write(conn, track, await opened(conn, track), artist="Somebody", genre="House")
    await write(conn, track, await opened(conn, track), artist=None)
    await decode(conn, track)
    found = await opened(conn, track)
    assert (found["title"], found["artist"], found["genre"]) == ("From the tag", None, "House")


async def test_two_tabs_that_write_different_fields_both_have_their_way(conn):
    track = await add_track(conn, title="Song")
    first = second = await opened(conn, track)
    assert await write(conn, track, first, title="New") == ["title"]
    assert await write(conn, track, second, artist="Somebody", year=1999) == ["artist", "year"]
    found = await opened(conn, track)
    assert (found["title"], found["artist"], found["year"]) == ("New", "Somebody", "1999")


async def test_of_two_who_write_one_field_the_second_is_shown_both(conn):
    track = await add_track(conn, title="Song")
    seen = await opened(conn, track)
    await write(conn, track, seen, title="Theirs", album="Theirs too")
    with pytest.raises(catalogue.DescriptionClash) as clash:
        await write(conn, track, seen, title="Mine", genre="Dub")
    assert clash.value.fields == ["title"]
    assert (clash.value.mine.title, clash.value.theirs.title) == ("Mine", "Theirs")
    assert (clash.value.mine.album, clash.value.mine.genre) == ("Theirs too", "Dub")
    assert await write(conn, track, seen, title="Theirs") == []


async def test_undo_of_one_edit_leaves_another_one_be(conn):
    track = await add_track(conn, title="Song")
    account = await owner(conn, track)
    act = await acts.begin(conn, account_id=account, said="Edited")
    await write(conn, track, await opened(conn, track), title="New")
    await conn.execute("select set_config('sfa.act', '', true)")
    await write(conn, track, await opened(conn, track), artist="Somebody")
    await acts.undo(conn, account_id=account, act_id=act)
    found = await opened(conn, track)
    assert (found["title"], found["artist"]) == ("Song", "Somebody")


async def test_nobody_describes_what_is_somebody_elses(conn):
    track = await add_track(conn, title="Song")
    with pytest.raises(NotFound):
        await store.revised(conn, account_id=await add_account(conn), track_id=track, seen={}, said={})
