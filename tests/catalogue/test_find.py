"""What a filter lets through, in order, a page at a time, from a real database."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl

import pytest

from sfa import catalogue
from sfa.catalogue import store
from sfa.errors import Refused
from tests.make import add_account, add_track
from tests.runs.test_store import one


async def owner(conn):
    return await one(conn, "select id from accounts limit 1")


async def add(conn, title, *, bpm=None, camelot=None, lufs=None, **columns):
    track = await add_track(conn, title=title, **columns)
    if bpm:
        await conn.execute("insert into tempos values (%s, 0, %s, 0.9)", [track, bpm])
    if camelot:
        await conn.execute("insert into keys values (%s, 0, 'A', 'minor', %s, 0.9, null)", [track, camelot])
    if lufs:
        await conn.execute("insert into loudness (track_id, integrated_lufs) values (%s, %s)", [track, lufs])
    await conn.execute("select sfa.relist(array[%s::uuid])", [track])
    return track


async def titles(conn, address="", *, limit=50, account_id=None):
    """Of all pages, one after the other."""
    found, after = [], None
    while True:
        page = await catalogue.find(
            conn,
            account_id=account_id or await owner(conn),
            wanted=catalogue.parse(parse_qsl(address)),
            limit=limit,
            after=after,
        )
        found += [
            await one(conn, "select title from tracks where id = %s", one_id) for one_id in page.track_ids
        ]
        after = page.after
        if after is None:
            return found


async def test_words_are_found_wherever_they_stand_and_however_they_are_accented(conn):
    await add(conn, "Río de Oro", artist="Orquesta Sur")
    await add(conn, "Blue Train", album="Río nights")
    await add(conn, "Nothing")
    assert await titles(conn, "q=rio") == ["Río de Oro", "Blue Train"]
    assert await titles(conn, "q=SUR+oro") == ["Río de Oro"]
    assert await titles(conn, "q=sur+zzxyq") == []


async def test_a_word_that_is_misspelt_finds_what_is_similar_and_says_so(conn):
    await add(conn, "Harbour Lights")
    await add(conn, "Something Else")
    found = await catalogue.find(
        conn, account_id=await owner(conn), wanted=catalogue.parse([("q", "harbuor")]), limit=9
    )
    assert found.is_loose
    assert await titles(conn, "q=harbuor") == ["Harbour Lights"]


async def test_what_is_similar_is_shown_a_page_at_a_time_and_acted_upon_as_a_whole(conn):
    account = await owner(conn)
    similar = {await add(conn, f"Harbour Lights {n}") for n in range(5)}
    await add(conn, "Something Else")
    assert len(await titles(conn, "q=harbuor", limit=2)) == 5
    wanted = catalogue.parse([("q", "harbuor")])
    assert set(await catalogue.every_match(conn, account_id=account, wanted=wanted, at_most=9)) == similar


async def test_more_than_one_act_may_be_about_is_said(conn):
    account = await owner(conn)
    for n in range(4):
        await add(conn, f"Take {n}")
    every = {"account_id": account, "wanted": catalogue.parse([("q", "take")])}
    assert len(await catalogue.every_match(conn, **every, at_most=4)) == 4
    with pytest.raises(Refused, match="more than 3 tracks"):
        await catalogue.every_match(conn, **every, at_most=3)


async def test_years_are_found_up_to_one_and_from_one(conn):
    for year in (1970, 1990, 2010):
        await add(conn, str(year), year=year)
    assert await titles(conn, "year=-1990&sort=year") == ["1970", "1990"]
    assert await titles(conn, "year=1990-&sort=year") == ["1990", "2010"]


@pytest.mark.parametrize("letter", [*"%_'\"\\", "%%", "\\_", "'; drop table tracks; --"])
async def test_signs_that_mean_something_to_the_database_are_only_themselves(conn, letter):
    await add(conn, f"one {letter} two")
    await add(conn, "one two")
    assert await titles(conn, "q=" + "".join(f"%{ord(sign):02x}" for sign in letter)) == [f"one {letter} two"]


async def test_tempo_with_half_and_double(conn):
    for title, bpm in [("slow", 62), ("asked", 124), ("fast", 248), ("other", 100), ("unread", None)]:
        await add(conn, title, bpm=bpm)
    assert await titles(conn, "bpm=120-130&sort=bpm") == ["asked"]
    assert await titles(conn, "bpm=120-130&x2=1&sort=bpm") == ["slow", "asked", "fast"]


async def test_keys_that_go_together(conn):
    for camelot in ["7A", "8A", "9A", "8B", "10A", "9B"]:
        await add(conn, camelot, camelot=camelot)
    assert await titles(conn, "key=8A&sort=key") == ["8A"]
    assert await titles(conn, "key=8A~&sort=key") == ["7A", "8A", "8B", "9A"]


async def test_tags_are_all_asked_for_and_are_words_of_the_search_too(conn):
    account = await owner(conn)
    both, single = await add(conn, "both"), await add(conn, "single")
    await store.tag_tracks(conn, account_id=account, track_ids=[both, single], name="Live")
    await store.tag_tracks(conn, account_id=account, track_ids=[both], name="set")
    ids = {tag.name: tag.id for tag in await catalogue.tags(conn, account_id=account)}
    assert await titles(conn, f"tag={ids['Live']}&sort=title") == ["both", "single"]
    assert await titles(conn, f"tag={ids['Live']}&tag={ids['set']}") == ["both"]
    assert await titles(conn, "q=live&sort=title") == ["both", "single"]


async def test_a_tag_is_one_whatever_its_capitals(conn):
    account, track = await owner(conn), await add(conn, "song")
    for name in ("Live", "live", "LIVE"):
        await store.tag_tracks(conn, account_id=account, track_ids=[track], name=name)
    assert [(tag.name, tag.tracks) for tag in await catalogue.tags(conn, account_id=account)] == [("Live", 1)]


@pytest.mark.parametrize(
    "sort",
    ["title", "-title", "bpm", "-bpm", "artist", "-artist", "loudness", "-added", "year", "-key", "state"],
)
async def test_pages_follow_on_without_a_gap_or_a_repeat_whatever_the_order(conn, sort):
    for n in range(23):
        await add(
            conn,
            f"Song {n % 5}",
            bpm=100 + n % 4 if n % 3 else None,
            artist=f"A{n % 2}" if n % 4 else None,
            camelot=f"{1 + n % 3}A" if n % 5 else None,
        )
    pages = await titles(conn, f"sort={sort}", limit=4)
    assert len(pages) == 23
    assert pages == await titles(conn, f"sort={sort}", limit=100)


async def test_what_is_not_known_stands_last_in_either_direction(conn):
    await add(conn, "unread")
    await add(conn, "slow", bpm=80)
    await add(conn, "fast", bpm=160)
    assert await titles(conn, "sort=bpm") == ["slow", "fast", "unread"]
    assert await titles(conn, "sort=-bpm") == ["fast", "slow", "unread"]


async def test_numbers_in_titles_are_sorted_by_their_value(conn):
    for n in (10, 9, 2, 111):
        await add(conn, f"Take {n}")
    assert await titles(conn, "sort=title") == ["Take 2", "Take 9", "Take 10", "Take 111"]


async def test_a_list_follows_what_happens_to_its_tracks(conn):
    track = await add(conn, "song")
    assert await titles(conn, "state=done") == ["song"]
    await conn.execute("select sfa.forge_track(%s)", [track])
    assert await titles(conn, "state=moving") == ["song"]
    await conn.execute("select sfa.cancel(%s)", [track])
    assert await titles(conn, "state=cancelled") == ["song"]
    await conn.execute("update tracks set title = 'renamed' where id = %s", [track])
    assert await titles(conn, "q=renamed") == ["renamed"]


async def test_the_state_of_a_list_is_that_of_psql(conn):
    for stage in ("decode", "separation", "analysis"):
        track = await add(conn, stage)
        await conn.execute("select sfa.forge_track(%s)", [track])
        await conn.execute(
            """update runs
                  set state = 'failed', error = 'x', error_code = 'crashed', job_id = 1, attempts = 1,
                      started_at = now(), finished_at = now() where track_id = %s and stage = %s""",
            [track, stage],
        )
    cur = await conn.execute(
        "select count(*) from look.tracks v join listings l using (track_id) where v.state <> l.state"
    )
    assert await cur.fetchone() == (0,)


async def test_what_is_deleted_is_in_the_trash_and_nowhere_else_and_its_work_stops(conn):
    account, track = await owner(conn), await add(conn, "song")
    await conn.execute("select sfa.forge_track(%s)", [track])
    await store.trash(conn, account_id=account, track_ids=[track])
    assert await titles(conn) == []
    assert await titles(conn, "trash=1") == ["song"]
    assert await one(conn, "select string_agg(distinct state::text, ',') from runs") == "cancelled"
    await store.restore(conn, account_id=account, track_ids=[track])
    assert await titles(conn, "state=moving") == ["song"]


async def test_only_what_lies_in_the_trash_is_deleted_for_good(conn):
    account, track = await owner(conn), await add(conn, "song")
    assert await store.purge(conn, account_id=account, track_ids=[track]) == 0
    await store.trash(conn, account_id=account, track_ids=[track])
    assert await store.purge_expired(conn, days=14) == 0
    await conn.execute("update tracks set deleted_at = now() - interval '15 days'")
    assert await store.purge_expired(conn, days=14) == 1


async def test_nobody_touches_what_is_somebody_elses(conn):
    other = await add_account(conn)
    mine, theirs = await add(conn, "mine"), await add(conn, "theirs", account_id=other)
    account = await owner(conn)
    if account == other:
        account = await one(conn, "select account_id from tracks where id = %s", mine)
    assert await titles(conn, account_id=account) == ["mine"]
    await store.tag_tracks(conn, account_id=account, track_ids=[theirs], name="x")
    assert await store.trash(conn, account_id=account, track_ids=[theirs]) == 0
    assert await store.drive(conn, account_id=account, track_ids=[theirs], what="cancel") == 0
    assert await one(conn, "select count(*) from track_tags") == 0
    assert await titles(conn, account_id=other) == ["theirs"]


NO_TRACK = "00000000-0000-4000-8000-000000000000"


def place_of(*said):
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "place",
    [
        *("", "x", "W10", "WyJuYW4iXQ", "bnVsbA", "8J-YgA", "WyIxIiwgMSwgMV0"),
        place_of("1", "a\0b", NO_TRACK, False),
        place_of("1", "\ud800", NO_TRACK, False),
        place_of(10**400, "a", NO_TRACK, False),
        place_of("1", None, NO_TRACK),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
    ids=range(12),
)
async def test_a_place_that_is_none_is_refused(conn, place):
    with pytest.raises(Refused, match="no place in the list"):
        await catalogue.find(
            conn, account_id=await owner(conn), wanted=catalogue.Filter(), limit=5, after=place
        )
