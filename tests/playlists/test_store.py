"""Tracks in an order of one's own, and filters with a name."""

from __future__ import annotations

import random

import pytest

from sfa import acts, playlists
from sfa.errors import NotFound
from sfa.playlists import store
from tests.make import add_account, add_track
from tests.runs.test_store import one


async def owner(conn):
    return await one(conn, "select id from accounts limit 1")


async def filled(conn, *titles):
    account = await owner(conn)
    playlist = await playlists.make(conn, account_id=account, name="Set")
    tracks = [await add_track(conn, title=title) for title in titles]
    await store.append(conn, account_id=account, playlist_id=playlist, track_ids=tracks)
    return account, playlist


async def order(conn, account, playlist):
    found = await playlists.items(conn, account_id=account, playlist_id=playlist)
    return "".join(
        [await one(conn, "select title from tracks where id = %s", item.track_id) for item in found]
    )


async def item_of(conn, account, playlist, place):
    return (await playlists.items(conn, account_id=account, playlist_id=playlist))[place].id


async def test_tracks_stand_in_the_order_in_which_they_were_put(conn):
    account, playlist = await filled(conn, *"cab")
    assert await order(conn, account, playlist) == "cab"
    (shown,) = await playlists.playlists(conn, account_id=account)
    assert (shown.name, shown.tracks) == ("Set", 3)


async def test_a_track_may_stand_in_it_twice(conn):
    account, playlist = await filled(conn, *"ab")
    track = (await playlists.items(conn, account_id=account, playlist_id=playlist))[0].track_id
    await store.append(conn, account_id=account, playlist_id=playlist, track_ids=[track])
    assert await order(conn, account, playlist) == "aba"


@pytest.mark.parametrize(
    ("moved", "before", "order_then"),
    [(0, 2, "bacd"), (3, 0, "dabc"), (0, None, "bcda"), (2, 1, "acbd"), (1, 1, "abcd"), (1, 2, "abcd")],
)
async def test_an_item_is_moved_before_another_or_to_the_end(conn, moved, before, order_then):
    account, playlist = await filled(conn, *"abcd")
    await store.move(
        conn,
        account_id=account,
        playlist_id=playlist,
        item_id=await item_of(conn, account, playlist, moved),
        before=None if before is None else await item_of(conn, account, playlist, before),
    )
    assert await order(conn, account, playlist) == order_then


async def test_hundreds_of_moves_into_one_gap_keep_the_order(conn):
    account, playlist = await filled(conn, *"abcdef")
    expected = list("abcdef")
    dice = random.Random(1)
    for _ in range(200):
        source = dice.randrange(2, 6)
        item = await item_of(conn, account, playlist, source)
        before = await item_of(conn, account, playlist, 1)
        await store.move(conn, account_id=account, playlist_id=playlist, item_id=item, before=before)
        expected.insert(1, expected.pop(source))
    assert await order(conn, account, playlist) == "".join(expected)


async def test_what_lies_in_the_trash_is_not_in_it_and_comes_back_to_its_place(conn):
    account, playlist = await filled(conn, *"abc")
    await conn.execute("update tracks set deleted_at = now() where title = 'b'")
    assert await order(conn, account, playlist) == "ac"
    await conn.execute("update tracks set deleted_at = null where title = 'b'")
    assert await order(conn, account, playlist) == "abc"


async def test_every_change_can_be_undone(conn):
    account, playlist = await filled(conn, *"abc")
    steps = [
        lambda: store.rename(conn, account_id=account, playlist_id=playlist, name="Other"),
        lambda: store.drop(conn, account_id=account, playlist_id=playlist),
    ]
    for step in steps:
        act = await acts.begin(conn, account_id=account, said="Did something")
        await step()
        await acts.undo(conn, account_id=account, act_id=act)
        assert (await playlists.playlist(conn, account_id=account, playlist_id=playlist)).name == "Set"
        assert await order(conn, account, playlist) == "abc"
    act = await acts.begin(conn, account_id=account, said="Took one out")
    gone = await item_of(conn, account, playlist, 1)
    await store.take_out(conn, account_id=account, playlist_id=playlist, item_ids=[gone])
    assert await order(conn, account, playlist) == "ac"
    await acts.undo(conn, account_id=account, act_id=act)
    assert await order(conn, account, playlist) == "abc"


async def test_what_is_somebody_elses_is_not_there(conn):
    account, playlist = await filled(conn, "a")
    other = await add_account(conn)
    item = await item_of(conn, account, playlist, 0)
    for attempt in (
        playlists.playlist(conn, account_id=other, playlist_id=playlist),
        store.rename(conn, account_id=other, playlist_id=playlist, name="x"),
        store.drop(conn, account_id=other, playlist_id=playlist),
        store.append(conn, account_id=other, playlist_id=playlist, track_ids=[]),
        store.take_out(conn, account_id=other, playlist_id=playlist, item_ids=[item]),
        store.move(conn, account_id=other, playlist_id=playlist, item_id=item, before=None),
    ):
        with pytest.raises(NotFound):
            await attempt
    mine = await playlists.make(conn, account_id=other, name="Mine")
    track = await one(conn, "select id from tracks limit 1")
    await store.append(conn, account_id=other, playlist_id=mine, track_ids=[track])
    assert await playlists.items(conn, account_id=other, playlist_id=mine) == []


async def test_a_crate_is_kept_changed_and_dropped(conn):
    account, other = await owner(conn), await add_account(conn)
    assert await store.keep_crate(conn, account_id=other, name="fast", filter="bpm=150-")
    assert await store.keep_crate(conn, account_id=account, name="Fast", filter="bpm=160-")
    assert not await store.keep_crate(conn, account_id=account, name="fast", filter="bpm=170-")
    (crate,) = await playlists.crates(conn, account_id=account)
    assert (crate.name, crate.filter) == ("Fast", "bpm=170-")
    await store.drop_crate(conn, account_id=account, crate_id=crate.id)
    assert await playlists.crates(conn, account_id=account) == []
    assert await one(conn, "select filter from crates") == "bpm=150-"
