"""The forms that correct, with scripts and without; two who correct at once."""

from __future__ import annotations

import asyncio
import html
import re

import pytest

from sfa import db
from sfa.cli.forge import result
from tests.conftest import until
from tests.web.conftest import Stream
from tests.web.make import add_song, little_song

SCRIPT = {"HX-Request": "true"}


@pytest.fixture
async def track(pool, settings, account):
    return await add_song(pool, settings, account, little_song())


async def correct(site, track, what, version=0, *, headers=SCRIPT, **form):
    data = {"version": str(version), **form}
    return await site.post(
        f"/tracks/{track}/corrections/{what}", data=data, headers=headers, follow_redirects=True
    )


async def test_page_offers_to_correct_and_says_what_was(site, track):
    page = (await site.get(f"/tracks/{track}")).text
    assert 'id="chips"' in page
    assert 'id="corrections"' in page
    assert "corrected</span>" not in page
    await correct(site, track, "tempo", do="double")
    page = (await site.get(f"/tracks/{track}")).text
    assert "240.0" in page
    assert "corrected</span>" in page
    assert "corrected by hand" in page


async def test_script_gets_what_changed_and_the_way_back(site, track, pool):
    answer = await correct(site, track, "key", tonic="F#", mode="minor")
    assert answer.status_code == 200
    assert "11A" in answer.text
    assert 'hx-target="#corrections"' in answer.text
    assert "Set the key of “song” to F# minor" in answer.text
    act = re.search(r'data-act="(\d+)"', answer.text)[1]
    await site.post(f"/acts/{act}/undo", headers=SCRIPT)
    await until(pool, "select camelot from sfa.effective_headlines", "8A")


async def test_without_scripts_the_form_ends_on_the_page_of_the_song(site, track, pool):
    answer = await correct(site, track, "metre", headers={}, beats_per_bar="3")
    assert answer.url.path == f"/tracks/{track}"
    assert answer.status_code == 200
    await until(pool, "select beats_per_bar::int from corrected_metres", 3)


async def test_open_pages_hear_of_a_correction(site, track):
    page = (await site.get(f"/tracks/{track}")).text
    address = html.unescape(re.search(r'"(/events[^"]+)"', page)[1])
    async with site.stream("GET", address) as answer:
        await correct(site, track, "tempo", bpm="101.5", steady="1")
        frame = await Stream(answer.aiter_lines()).until('id="chips"')
        assert "101.5" in frame


async def test_what_forge_tells_is_corrected_too(site, track, pool, account):
    await correct(site, track, "tempo", bpm="99")
    async with db.snapshot(pool) as conn:
        told = await result.read(conn, account_id=account, track_id=track, answer=None, wanted=None)
    assert told.readings.tempos[0].bpm == 99
    assert told.readings.by_name["tempo"].corrected


async def test_exports_are_corrected_too(site, track):
    await correct(site, track, "tempo", bpm="99")
    assert (await site.get(f"/tracks/{track}/readings.json")).json()["tempo"]["bpm"] == 99


async def test_second_writer_is_told_and_shown_both_and_may_take_either(site, track, pool):
    await correct(site, track, "key", tonic="C", mode="major")
    answer = await correct(site, track, "key", version=0, tonic="G", mode="minor")
    assert answer.status_code == 409
    assert answer.headers["hx-retarget"] == "#notices"
    assert "Somebody else changed this" in answer.text
    assert "G minor" in answer.text
    assert "C major" in answer.text
    await until(pool, "select tonic from corrected_keys", "C")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.text))
    mine = await correct(site, track, "key", **fields)
    assert mine.status_code == 200
    await until(pool, "select tonic || ' ' || mode from corrected_keys", "G minor")


async def test_of_two_who_write_at_the_same_moment_one_is_asked(site, track, pool):
    answers = await asyncio.gather(
        *(correct(site, track, "key", tonic=tonic, mode="major") for tonic in ("C", "D", "E"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    await until(pool, "select count(*) from acts", 1)


async def test_clash_is_a_page_of_its_own_without_scripts(site, track):
    await correct(site, track, "tempo", bpm="100")
    answer = await correct(site, track, "tempo", headers={}, bpm="110")
    assert answer.status_code == 409
    assert "<!doctype html>" in answer.text.lower()
    assert f'action="/tracks/{track}"' in answer.text


async def test_clash_of_lists_is_told_row_by_row(site, track):
    for labels, status in [(["Am", "G"], 200), (["Am", "C"], 409)]:
        answer = await correct(site, track, "chords", start=["0", "2"], label=labels, end="4")
        assert answer.status_code == status
    assert "0:02.000 C" in answer.text
    assert "0:02.000 G" in answer.text
    assert "0:00.000 Am" not in answer.text
    assert f'hx-get="/tracks/{track}/corrections/chords/edit"' in answer.text


@pytest.mark.parametrize("version", [3, 99])
async def test_a_version_that_never_was_is_refused_in_words(site, track, pool, version):
    answer = await correct(site, track, "key", version=version, tonic="C", mode="major")
    assert answer.status_code == 422
    assert "has no such version" in answer.text
    await until(pool, "select count(*) from corrected_keys", 0)


async def test_a_draft_does_not_grow_beyond_what_can_be_saved(site, track):
    rows = {"start": [f"{n / 5000:.4f}" for n in range(5000)], "label": ["C"] * 5000, "end": "4"}
    form = {"version": "0", "do": "split:4999", **rows}
    answer = await site.post(f"/tracks/{track}/corrections/chords/draft", data=form, headers=SCRIPT)
    assert answer.status_code == 422
    assert "5,000 are the most" in answer.text


@pytest.mark.parametrize("what", ["chords", "sections"])
async def test_list_is_edited_row_by_row_and_saved(site, track, pool, what):
    editor = (await site.get(f"/tracks/{track}/corrections/{what}/edit", headers=SCRIPT)).text
    assert editor.count('name="start"') == 2
    form = {
        "version": "0",
        "start": ["0:00.000", "0:02.000"],
        "label": ["C", "G"],
        "end": "0:04.000",
        "do": "split:1",
    }
    draft = await site.post(f"/tracks/{track}/corrections/{what}/draft", data=form, headers=SCRIPT)
    assert draft.text.count('name="start"') == 3
    assert 'value="0:03.000"' in draft.text
    await until(pool, f"select count(*) from corrected_{what}", 0)
    form |= {"start": ["0", "2.1", "3"], "label": ["C", "G", "C"], "snap": "1"}
    saved = await correct(site, track, what, **form)
    assert "Saved." in saved.text
    await until(pool, f"select array_agg(start_s order by n) = '{{0,2,3}}' from corrected_{what}")


async def test_editor_is_a_page_of_its_own_without_scripts(site, track):
    answer = await site.get(f"/tracks/{track}/corrections/chords/edit")
    assert "<!doctype html>" in answer.text.lower()
    assert 'formaction="' in answer.text


@pytest.mark.parametrize("do", ["merge:0", "delete:1", "delete:0"])
async def test_rows_of_a_draft_become_fewer(site, track, do):
    form = {"version": "0", "start": ["0", "2"], "label": ["C", "G"], "end": "4", "do": do}
    draft = await site.post(f"/tracks/{track}/corrections/chords/draft", data=form, headers=SCRIPT)
    assert draft.text.count('name="start"') == 1


async def test_name_of_a_section_is_text_and_nothing_else(site, track):
    await correct(site, track, "sections", start=["0"], label=["<script>alert(1)</script>"], end="4")
    for address in (f"/tracks/{track}", f"/tracks/{track}/corrections/sections/edit"):
        page = (await site.get(address)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    ("what", "form", "status", "sentence"),
    [
        ("tempo", {"bpm": "fast"}, 422, "is not a number"),
        ("tempo", {"bpm": "100", "version": "x"}, 422, "Load the page again"),
        ("tempo", {"bpm": "100", "version": "9" * 40}, 422, "Load the page again"),
        ("nothing", {}, 404, "is nothing that can be corrected"),
        ("chords/draft", {"do": "split:7", "start": ["0"], "label": ["C"], "end": "4"}, 422, "no such row"),
        ("chords/draft", {"do": "split:x", "start": ["0"], "label": ["C"], "end": "4"}, 422, "no such row"),
        ("tempo/draft", {}, 404, "nothing like that to edit"),
        ("chords", {"start": ["0", "9"], "label": ["C", "G"], "end": "4"}, 422, "Row 2"),
    ],
)
async def test_what_cannot_be_is_a_notice(site, track, what, form, status, sentence):
    answer = await correct(site, track, what, **form)
    assert answer.status_code == status
    assert sentence in answer.text
    assert answer.headers["hx-retarget"] == "#notices"


async def test_empty_form_and_foreign_form_are_answered_in_words(site, track):
    for body in ({"content": b""}, {"content": b"\xff\xfe%%%=&&", "headers": {"content-type": "text/plain"}}):
        answer = await site.post(f"/tracks/{track}/corrections/tempo", **body)
        assert answer.status_code in (400, 422)
        assert "<!doctype html>" in answer.text.lower()


async def test_track_that_is_not_there_is_not_found(site, track):
    nowhere = "00000000-0000-4000-8000-000000000000"
    assert (await correct(site, nowhere, "tempo", bpm="100")).status_code == 404
    assert (await site.get(f"/tracks/{nowhere}/corrections")).status_code == 404
