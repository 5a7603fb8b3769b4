"""Plots over HTTP: what is drawn, what is absent and why, whose it is, and what a browser may keep."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from html import unescape

import pytest

from sfa import corrections, db
from sfa.plots import likeness, loudness, pages, tempo, timbre, tonality
from tests import make
from tests.plots.paper import brightness
from tests.web.make import add_song, little_song

NAMES = ("tempo", "chroma", "likeness", "loudness", "timbre", "bands")
PICTURES = ("chroma", "likeness", "mel", "mfcc")


@pytest.fixture
async def track(pool, settings, account):
    return await add_song(pool, settings, account, little_song(12.0), "Song.flac")


async def text_of(site, track, name):
    answer = await site.get(f"/tracks/{track}/plots/{name}")
    assert answer.status_code == 200, answer.text
    return answer.text


def finding_in(page):
    return re.search(r'<p class="finding[^"]*">(.*?)</p>', page, re.DOTALL)[1].strip()


@pytest.mark.parametrize("name", NAMES)
async def test_every_plot_says_what_it_found_how_to_read_it_and_hands_out_its_numbers(site, track, name):
    page = await text_of(site, track, name)
    said = finding_in(page)
    assert len(said) > 20
    assert f"{said}" in re.search(r'role="img"\s+aria-label="([^"]*)"', page)[1]
    assert "How to read this" in page
    assert f'href="/tracks/{track}/plots/{name}/table"' in page
    assert " style=" not in page


async def test_findings_are_those_of_the_song(site, track):
    assert finding_in(await text_of(site, track, "tempo")).startswith("Steady to a click: at 120.0 BPM")
    assert finding_in(await text_of(site, track, "chroma")).startswith("A minor fits best")
    assert finding_in(await text_of(site, track, "loudness")).startswith(
        "−11.3 LUFS: streaming turns it down"
    )
    assert finding_in(await text_of(site, track, "likeness")).startswith("The form is A B.")
    assert finding_in(await text_of(site, track, "bands")).startswith("Vocals and other meet most")


@pytest.mark.parametrize(
    ("path", "room", "work"),
    [
        ("tempo", tempo, "pulse_of"),
        ("chroma", tonality, "stays"),
        ("likeness", likeness, "finding"),
        ("loudness", loudness, "panel"),
        ("timbre", timbre, "panels"),
        ("timbre/table", timbre, "table"),
        ("chroma/picture", pages, "series_of"),
    ],
)
async def test_while_a_plot_is_computed_other_pages_are_answered(site, track, monkeypatch, path, room, work):
    does, where = getattr(room, work), []
    monkeypatch.setattr(
        room, work, lambda *given, **how: where.append(threading.get_ident()) or does(*given, **how)
    )
    assert (await site.get(f"/tracks/{track}/plots/{path}")).status_code == 200
    assert where
    assert threading.get_ident() not in where  # the site runs in this thread


async def test_every_curve_that_a_plot_tells_the_values_of_can_be_had(site, track):
    for name in NAMES:
        page = await text_of(site, track, name)
        for facts in re.findall(r'data-reads="([^"]+)"', page):
            for read in json.loads(unescape(facts)):
                if "curve" in read:
                    answer = await site.get(f"/tracks/{track}/curves/{read['curve']}")
                    assert answer.status_code == 200
                else:
                    numbers = await site.get(f"/tracks/{track}/plots/{name}/table")
                    assert read["column"] in numbers.text.splitlines()[0].split(",")
        assert ('class="probe"' in page) == ("data-reads" in page) == (name != "bands")


@pytest.mark.parametrize("name", PICTURES)
async def test_pictures_are_png_for_dark_and_for_light_ground(site, track, name):
    pictures = {}
    for ground in ("dark", "light"):
        answer = await site.get(f"/tracks/{track}/plots/{name}/picture", params={"ground": ground})
        assert answer.headers["content-type"] == "image/png"
        pictures[ground] = brightness(answer.content)
    assert pictures["dark"] != pictures["light"]


async def test_the_picture_of_the_notes_has_the_chord_that_sounds(site, track):
    answer = await site.get(f"/tracks/{track}/plots/chroma/picture", params={"lowest": 9})
    seen = brightness(answer.content)
    assert seen[-1][5] > 0.8  # A at the bottom, while Am sounds
    assert seen[-1][-5] > seen[-3][-5]  # and as the third of F, while B is silent


async def test_a_picture_is_kept_by_its_owner_until_the_track_is_read_again(site, pool, track):
    address = f"/tracks/{track}/plots/chroma/picture"
    first = await site.get(address)
    assert first.headers["cache-control"] == "private, max-age=86400"
    same = await site.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    other = await site.get(address, params={"ground": "light"})
    assert other.headers["etag"] != first.headers["etag"]
    async with db.transaction(pool) as conn:
        await conn.execute(
            "update runs set fence = fence + 1 where track_id = %s and stage = 'analysis'", [track]
        )
    again = await site.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("name", NAMES)
async def test_the_numbers_are_csv_that_reads_back(site, track, name):
    answer = await site.get(f"/tracks/{track}/plots/{name}/table")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="{name}.csv"' in answer.headers["content-disposition"]
    header, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert len(rows) >= 20
    assert {len(row) for row in rows} == {len(header)}


async def test_a_track_that_was_not_read_has_places_that_say_when_they_fill(site, pool, settings, account):
    taken = await make.take_in(pool, settings, account, make.wav(), "a.wav")
    for name in NAMES:
        assert "It appears once" in finding_in(await text_of(site, taken.track_id, name))
        assert (await site.get(f"/tracks/{taken.track_id}/plots/{name}/table")).status_code == 404
    for name in PICTURES:
        assert (await site.get(f"/tracks/{taken.track_id}/plots/{name}/picture")).status_code == 404
    assert 'id="plots"' not in (await site.get(f"/tracks/{taken.track_id}")).text


async def test_a_reading_that_could_not_be_taken_gives_its_reason(site, pool, track):
    async with db.transaction(pool) as conn:
        await conn.execute(
            """update readings set method = null, confidence = null, absent = 'There is no steady pulse.'
                where track_id = %s and name = 'beats'""",
            [track],
        )
    page = await text_of(site, track, "tempo")
    assert finding_in(page) == "There is no steady pulse."
    assert "svg" not in page


async def test_a_track_that_was_read_before_this_says_what_to_do(site, pool, track):
    async with db.transaction(pool) as conn:
        await conn.execute("delete from curves where track_id = %s and name = 'likeness'", [track])
        await conn.execute("delete from key_evidence where track_id = %s", [track])
    assert "Analyse it again" in finding_in(await text_of(site, track, "likeness"))
    page = await text_of(site, track, "chroma")
    assert finding_in(page).startswith("The key is A minor.")
    assert 'class="profile"' not in page


async def test_a_corrected_grid_and_key_are_what_is_drawn(site, pool, account, track):
    async with db.transaction(pool) as conn:
        for what, form in (
            ("tempo", {"bpm": ["90"], "steady": ["1"]}),
            ("key", {"tonic": ["D"], "mode": ["major"]}),
        ):
            await corrections.correct(conn, account_id=account, track_id=track, what=what, seen=0, form=form)
    assert "90.0 BPM" in finding_in(await text_of(site, track, "tempo"))
    page = await text_of(site, track, "chroma")
    assert finding_in(page).startswith("D major was set by hand; the notes fit")
    assert "lowest=5" in page  # three fifths below D


async def test_plots_of_somebody_else_do_not_exist(site, pool, track):
    async with db.transaction(pool) as conn:
        stranger = await make.add_account(conn)
        await conn.execute("update tracks set account_id = %s where id = %s", [stranger, track])
    for path in [*NAMES, *(f"{name}/picture" for name in PICTURES), *(f"{name}/table" for name in NAMES)]:
        assert (await site.get(f"/tracks/{track}/plots/{path}")).status_code == 404, path


@pytest.mark.parametrize("path", ["nothing", "nothing/picture", "tempo/picture", "nothing/table"])
async def test_a_plot_that_is_none_is_not_found(site, track, path):
    assert (await site.get(f"/tracks/{track}/plots/{path}")).status_code == 404


@pytest.mark.parametrize("query", ["ground=pink", "lowest=12", "lowest=-1", "lowest=x", "ground=../dark"])
async def test_a_picture_that_cannot_be_asked_for_is_refused(site, track, query):
    assert (await site.get(f"/tracks/{track}/plots/chroma/picture?{query}")).status_code in {400, 404}


async def test_a_name_of_a_section_is_text_and_nothing_else(site, pool, track):
    async with db.transaction(pool) as conn:
        await conn.execute("update sections set label = '<script>x</script>' where track_id = %s", [track])
    for name in ("tempo", "likeness", "timbre"):
        assert "<script>x" not in await text_of(site, track, name)


async def test_the_page_of_the_track_waits_with_its_plots_until_they_are_seen(site, track):
    page = (await site.get(f"/tracks/{track}")).text
    places = re.findall(r'hx-get="/tracks/[\w-]+/plots/(\w+)"\s+hx-trigger="intersect once"', page)
    assert sorted(places) == sorted(NAMES)
    assert page.count("plots.js") == 1


async def test_a_correction_makes_new_places(site, pool, account, track):
    def places(page):
        return re.findall(r'id="(plot-[\w-]+)"', page)

    before = places((await site.get(f"/tracks/{track}")).text)
    async with db.transaction(pool) as conn:
        await corrections.correct(
            conn,
            account_id=account,
            track_id=track,
            what="tempo",
            seen=0,
            form={"bpm": ["90"], "steady": ["1"]},
        )
    after = places((await site.get(f"/tracks/{track}")).text)
    assert len(after) == len(before) == len(NAMES)
    assert not set(after) & set(before)
