"""What is done to tracks, playlists and crates says what it came to, and shows the way back."""

from __future__ import annotations

import html
import re
import uuid

import pytest

from sfa import db
from tests import make
from tests.web.test_library import SCRIPT, do, shown, songs, undo_in, value

__all__ = ["songs"]


async def throw_away(pool, track):
    async with db.transaction(pool) as conn:
        await conn.execute("update tracks set deleted_at = now() where id = %s", [track])


async def test_an_act_says_how_many_it_came_to_and_not_how_many_were_asked(site, pool, songs):
    await throw_away(pool, songs["C"])
    for what, fields, said in [
        ("tag", {"tag": "live"}, "Tagged 2 tracks #live"),
        ("untag", {"tag": "LIVE"}, "Took the tag #LIVE off 2 tracks"),
        ("playlist", {"name": "Set"}, "Put 2 tracks into a playlist"),
        ("trash", {}, "Deleted 2 tracks"),
        ("restore", {}, "Brought 3 tracks back"),
    ]:
        assert said in (await do(site, what, *songs.values(), **fields)).text


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("trash", {}),
        ("tag", {"tag": "x"}),
        ("untag", {"tag": "x"}),
        ("playlist", {"name": "Set"}),
        ("purge", {}),
        ("separate", {"model": "quick"}),
        *((what, {}) for what in ("retry", "cancel", "first", "later")),
    ],
)
async def test_what_comes_to_nothing_is_refused_and_leaves_no_act(site, pool, what, fields):
    answer = await do(site, what, uuid.uuid4(), **fields)
    assert answer.status_code == 422
    assert await value(pool, "select count(*) from acts") == 0
    assert await value(pool, "select count(*) from playlists") == 0


async def test_many_are_separated_again_with_the_model_that_was_chosen(site, pool, songs):
    assert (
        "3 tracks will be separated with quick."
        in (await do(site, "separate", *songs.values(), model="quick")).text
    )
    assert await value(pool, "select count(*) from separations where model = 'quick'") == 3


@pytest.mark.parametrize("model", ["x" * 10_000, "a\0b", "../weights", "", " "])
async def test_what_is_no_name_of_a_model_is_refused_in_words(site, songs, model):
    alone = await site.post(f"/tracks/{songs['A']}/separation", data={"model": model}, headers=SCRIPT)
    many = await do(site, "separate", songs["A"], model=model)
    for answer in (alone, many):
        assert answer.status_code == 422
        assert "model" in answer.text


async def test_a_tag_is_taken_off_on_the_page_of_its_track(site, pool, songs):
    await do(site, "tag", songs["A"], tag="late night")
    page = (await site.get(f"/tracks/{songs['A']}")).text
    form = re.search(r'<ul class="tags" aria-label="Tags">.*?</ul>', page, re.DOTALL)[0]
    fields = dict(re.findall(r'name="(\w+)"\s+value="([^"]*)"', form))
    answer = await site.post("/library/do", data=fields, headers=SCRIPT)
    assert "Took the tag #late night off 1 track" in answer.text
    assert 'aria-label="Tags"' not in (await site.get(f"/tracks/{songs['A']}")).text


async def test_work_is_not_driven_in_the_trash(site, pool, songs):
    await throw_away(pool, songs["A"])
    for what in ("retry", "cancel"):
        assert (await site.post(f"/tracks/{songs['A']}/{what}", headers=SCRIPT)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/library?year=99999",
        "/library?added=9999-12-31",
        "/library?len=inf-",
        "/library?len=1e999-",
        "/library?after=" + "W" * 2000,
    ],
)
async def test_an_address_that_cannot_be_is_answered_in_words(site, path):
    answer = await site.get(path)
    assert answer.status_code == 422
    assert "not your doing" not in answer.text
    assert (await site.get("/library?year=-1990")).status_code == 200


# ---- descriptions ----


async def described(site, address, **said):
    """The form as it is now, with other values for some fields."""
    page = (await site.get(address)).text
    was = dict(re.findall(r'name="(was_\w+)" value="([^"]*)"', page))
    return {field.removeprefix("was_"): text for field, text in was.items()} | was | said


async def test_two_tabs_that_edit_one_field_are_shown_both_and_either_can_be_taken(site, pool, songs):
    address = f"/tracks/{songs['A']}/description"
    mine = await described(site, address, title="Mine", genre="Dub")
    await site.post(address, data=await described(site, address, title="Theirs", album="Their album"))
    clash = await site.post(address, data=mine, headers=SCRIPT)
    assert clash.status_code == 409
    assert clash.headers["hx-retarget"] == "#notices"
    assert re.findall(r'<span dir="auto">(\w+)</span>', clash.text) == ["Mine", "Theirs"]
    row = "select (title, album, genre)::text from tracks where id = %s"
    assert await value(pool, row, songs["A"]) == '(Theirs,"Their album",)'
    for form, then in [(1, '(Theirs,"Their album",Dub)'), (0, '(Mine,"Their album",Dub)')]:
        fields = re.findall(r'name="(\w+)" value="([^"]*)"', clash.text.split("<form")[form + 1])
        answer = await site.post(address, data={name: html.unescape(text) for name, text in fields})
        assert answer.status_code == 303
        assert await value(pool, row, songs["A"]) == then


async def test_without_scripts_the_clash_is_a_page_of_its_own(site, songs):
    address = f"/tracks/{songs['A']}/description"
    mine = await described(site, address, title="Mine")
    await site.post(address, data=await described(site, address, title="Theirs"))
    answer = await site.post(address, data=mine)
    assert answer.status_code == 409
    assert "<!doctype html>" in answer.text.lower()


async def test_a_form_that_changes_nothing_is_no_act(site, pool, songs):
    address = f"/tracks/{songs['A']}/description"
    answer = await site.post(address, data=await described(site, address), headers=SCRIPT)
    assert "Nothing was changed." in answer.text
    assert await value(pool, "select count(*) from acts") == 0


async def test_a_form_that_does_not_say_what_it_was_made_upon_is_refused(site, songs):
    answer = await site.post(f"/tracks/{songs['A']}/description", data={"title": "New"}, headers=SCRIPT)
    assert answer.status_code == 422
    assert "made upon" in answer.text


# ---- crates and playlists ----


async def test_a_filter_that_is_too_long_for_a_crate_is_refused_in_words(site, pool):
    crate = {"name": "Long", "filter": "q=" + "🎸" * 200}
    answer = await site.post("/crates", data=crate, headers=SCRIPT)
    assert answer.status_code == 422
    assert "longer than the 2,000 letters" in answer.text


async def test_a_crate_is_changed_under_its_name_and_changed_back(site, pool):
    await site.post("/crates", data={"name": "Fast", "filter": "bpm=160-"})
    changed = await site.post("/crates", data={"name": "fast", "filter": "bpm=170-"}, follow_redirects=True)
    assert "Changed what is in the crate “fast”" in changed.text
    assert await value(pool, "select string_agg(name || ' ' || filter, ',') from crates") == "Fast bpm=170-"
    await site.post(undo_in(changed), headers=SCRIPT)
    assert await value(pool, "select filter from crates") == "bpm=160-"


async def test_crates_and_playlists_can_be_named_in_a_list_that_a_script_has_drawn_anew(site, pool, songs):
    await site.post("/crates", data={"name": "Fast", "filter": "bpm=160-"})
    await site.post("/playlists", data={"name": "Tonight"})
    part = (await site.get("/library?q=a", headers=SCRIPT | {"HX-Target": "#found"})).text
    assert '<option value="Fast">' in part
    assert re.search(r'<option value="[0-9a-f-]{36}">Tonight</option>', part)


async def test_the_page_after_a_deletion_shows_the_way_back(site, pool, songs):
    made = await site.post("/playlists", data={"name": "Tonight"}, follow_redirects=True)
    assert "Made the playlist “Tonight”" in made.text
    await site.post("/crates", data={"name": "Fast", "filter": "bpm=160-"})
    crate = await value(pool, "select id from crates")
    for address, said in [
        (f"{made.url.path}/drop", "Deleted the playlist “Tonight”"),
        (f"/crates/{crate}/drop", "Deleted the crate “Fast”"),
    ]:
        page = await site.post(address, follow_redirects=True)
        notices = page.text.partition('id="notices"')[2]
        assert said in notices
        await site.post(re.search(r'action="(/acts/\d+/undo)"', notices)[1])
        assert said not in (await site.get(str(page.url))).text
    assert await value(pool, "select count(*) from playlists") == 1
    assert await value(pool, "select count(*) from crates") == 1


@pytest.mark.parametrize("act", ["", "x", "0", "999", "9" * 40, "-1"])
async def test_an_address_with_an_act_that_is_none_is_an_ordinary_page(site, act):
    page = await site.get(f"/library?act={act}")
    assert page.status_code == 200
    assert "data-act" not in page.text


async def test_what_is_out_of_a_playlist_already_is_said(site, pool, songs):
    await do(site, "playlist", *songs.values(), name="Set")
    playlist = await value(pool, "select id from playlists")
    items = [await value(pool, "select min(id) from playlist_items"), 999_999]
    for status in (200, 422):
        answer = await site.post(f"/playlists/{playlist}/out", data={"item": items}, headers=SCRIPT)
        assert answer.status_code == status
        assert ("Took 1 track out" if status == 200 else "not in the playlist any more") in answer.text


@pytest.mark.parametrize("filter", ["q=a\r\nX-Made: up", "q=é🎸", "//evil.example"])
async def test_a_form_leads_back_into_the_library_whatever_its_filter(site, songs, filter):
    answer = await do(site, "trash", songs["A"], script=False, filter=filter)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/library?")
    assert "x-made" not in answer.headers


async def test_tags_are_given_in_the_library_and_not_in_the_trash(site, pool, songs):
    await throw_away(pool, songs["A"])
    await do(site, "tag", *songs.values(), tag="x")
    assert await value(pool, "select count(*) from track_tags") == 2
    assert "A" not in await shown(site, "/library?q=x")


async def test_many_go_and_come_back(site, pool, account):
    async with db.transaction(pool) as conn:
        for n in range(60):
            await conn.execute("select sfa.forge_track(%s)", [await make.add_track(conn, title=f"Take {n}")])
    answer = await do(site, "trash", all="1", filter="q=take")
    assert await value(pool, "select count(*) from runs where state = 'cancelled'") == 240
    await site.post(undo_in(answer), headers=SCRIPT)
    assert await value(pool, "select count(*) from runs where state = 'queued'") == 60
