from __future__ import annotations

import html
import re
import uuid

import pytest

from sfa import db, runs
from tests import make
from tests.web.make import add_song, fail, little_song, progress, set_runs

HOSTILE = """<img src=x onerror="alert(1)">'"&{{ 7*7 }}"""


async def test_an_empty_library_offers_two_ways_to_begin(site):
    page = (await site.get("/")).text
    assert "Choose files" in page
    assert "Forge the demo song" in page
    assert '<li id="track-' not in page


async def test_the_newest_track_stands_first_and_fifty_make_a_page(site, pool, account):
    async with db.transaction(pool) as conn:
        for n in range(53):
            await make.add_track(conn, account_id=account, title=f"Song {n:02}")
            await conn.execute(
                "update tracks set created_at = now() + %s * interval '1 s' where title = %s",
                [n, f"Song {n:02}"],
            )
    page = (await site.get("/library")).text
    titles = re.findall(r'class="title"[^>]*>([^<]+)<', page)
    assert titles == [f"Song {n:02}" for n in range(52, 2, -1)]
    address = html.unescape(re.search(r'hx-get="(/library/more\?[^"]+)"', page)[1])
    rest = (await site.get(address)).text
    assert re.findall(r'class="title"[^>]*>([^<]+)<', rest) == ["Song 02", "Song 01", "Song 00"]
    assert "Load more" not in rest
    assert "53" in page


async def test_a_finished_track_shows_what_was_read(site, pool, settings, account):
    track = await add_song(pool, settings, account, little_song())
    row = (await site.get(f"/tracks/{track}/row")).text
    assert 'data-state="done"' in row
    for fact in ["120.0", "8A", "−11.3", "0:04", 'data-stem="bass"', "<path d="]:
        assert fact in row
    page = (await site.get(f"/tracks/{track}")).text
    for fact in [
        "60.0",
        "A is tuned to 440.0 Hz",
        "−9.6",
        "64 %",
        "Too few attacks stand out.",
        "1834",
        "htdemucs, on cpu",
    ]:
        assert fact in page
    assert len(re.findall(r'class="row voice"', page)) == 5
    assert 'data-beats="0.000:1 0.500:2' in page


async def test_the_time_that_runs_is_not_read_out(site, pool, settings, account):
    track = await add_song(pool, settings, account, little_song())
    page = (await site.get(f"/tracks/{track}")).text
    assert '<span id="time"' in page
    assert "<output" not in page


async def test_stems_of_the_quick_engine_are_called_rough_wherever_they_show(site, pool, settings, account):
    why, fix = "The weights could not be fetched: the machine is offline.", "Run ./sfa models get htdemucs."
    track = await add_song(
        pool, settings, account, little_song(), engine="quick", ran="quick", why=why, fix=fix
    )
    assert "quick, rough" in (await site.get("/")).text
    page = (await site.get(f"/tracks/{track}")).text
    assert "Quick, rough stems." in page
    assert why in page
    assert fix in page


async def test_a_running_track_says_how_far_it_is_and_what_it_does(site, pool, account):
    async with db.transaction(pool) as conn:
        track = await queued(conn, account)
        await set_runs(conn, track, "done", stage="decode")
        await progress(conn, track, "separation", 0.61, "Separating with htdemucs: part 31 of 42.")
    row = (await site.get(f"/tracks/{track}/row")).text
    assert 'data-state="running"' in row
    assert "61 %" in row
    assert "part 31 of 42" in row
    assert "Cancel" in row
    assert "left" not in re.sub(r"<[^>]+>", "", row)  # nothing has been learned to forecast from


async def test_a_forecast_is_given_once_it_is_known(site, pool, account):
    async with db.transaction(pool) as conn:
        track = await queued(conn, account)
        await conn.execute("update tracks set duration_s = 100, frames = 1, sample_rate = 1, channels = 1")
        await conn.execute("insert into paces select stage, '', 1.2, 3 from stages")
        await set_runs(conn, track, "done", stage="decode")
        await set_runs(conn, track, "done", stage="analysis")
    row = (await site.get(f"/tracks/{track}/row")).text
    assert "about 4 min left" in row


async def test_a_failed_track_gives_the_sentence_and_the_way_out(site, pool, account):
    async with db.transaction(pool) as conn:
        track = await queued(conn, account)
        await fail(conn, track, error="“song.wav” is no sound.", fix="Export it again.")
    for page in ["/", f"/tracks/{track}"]:
        text = (await site.get(page)).text
        assert "“song.wav” is no sound." in text
        assert "Export it again." in text
        assert "/retry" in text
        assert "/cancel" not in text


async def test_another_model_that_failed_is_told_on_the_page_of_its_track_alone(
    site, pool, settings, account
):
    track = await add_song(pool, settings, account, little_song())
    async with db.transaction(pool) as conn:
        await conn.execute("select sfa.forge_track(%s, 'htdemucs_ft', null, false)", [track])
        await conn.execute(
            "update runs set state = 'failed', error_code = 'crashed', error = 'The hub is away.',"
            " fix = 'Go online.', finished_at = now() where variant = 'htdemucs_ft' and stage = 'separation'"
        )
    row = (await site.get(f"/tracks/{track}/row")).text
    assert 'data-state="done"' in row
    assert "The hub is away." not in row
    stages = (await site.get(f"/tracks/{track}/stages")).text
    for fact in ['data-state="done"', "The hub is away.", "Go online.", "Retry"]:
        assert fact in stages
    assert 'class="bars"' not in stages


async def test_retry_and_cancel_answer_with_the_row_that_changed(site, pool, account):
    async with db.transaction(pool) as conn:
        track = await queued(conn, account)
        await fail(conn, track)
    script = {"HX-Request": "true"}
    answer = await site.post(f"/tracks/{track}/retry?view=row", headers=script, follow_redirects=True)
    assert 'data-state="queued"' in answer.text
    answer = await site.post(f"/tracks/{track}/cancel?view=stages", headers=script, follow_redirects=True)
    assert 'id="stages"' in answer.text
    assert 'data-state="cancelled"' in answer.text
    plain = await site.post(f"/tracks/{track}/retry?view=stages")
    assert (plain.status_code, plain.headers["location"]) == (303, f"/tracks/{track}")
    async with pool.connection() as conn:
        found = await runs.of_tracks(conn, [track])
    assert found[track][0].state == "queued"


async def test_the_real_model_can_be_asked_for_where_the_quick_one_stood_in(site, pool, settings, account):
    song = little_song()
    track = await add_song(
        pool, settings, account, song, engine="quick", ran="quick", why="Offline.", fix="Go online."
    )
    assert "Separate with htdemucs" in (await site.get(f"/tracks/{track}")).text
    form, script = {"model": "htdemucs"}, {"HX-Request": "true"}
    answer = await site.post(f"/tracks/{track}/separation", data=form, headers=script, follow_redirects=True)
    assert 'data-state="queued"' in answer.text
    async with pool.connection() as conn:
        asked = await conn.execute("select model, fallback from separations where engine is null")
        assert await asked.fetchall() == [("htdemucs", False)]
    assert "Separate with htdemucs" not in (await site.get(f"/tracks/{track}")).text


@pytest.mark.parametrize("path", ["/", "/tracks/{}", "/tracks/{}/row", "/tracks/{}/stages"])
async def test_hostile_words_are_only_words(site, pool, account, path):
    async with db.transaction(pool) as conn:
        track = await queued(conn, account, title=HOSTILE, artist=HOSTILE, album=HOSTILE, file_name=HOSTILE)
        await fail(conn, track, error=HOSTILE, fix=HOSTILE)
    page = (await site.get(path.format(track))).text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;" in page


@pytest.mark.parametrize(
    "path",
    [
        "/tracks/{}",
        "/tracks/{}/row",
        "/tracks/{}/source",
        "/tracks/{}/peaks",
        "/stems/{}/audio",
        "/tracks/{}/curves/chroma",
        "/tracks/no-id",
        "/nowhere",
    ],
)
async def test_what_is_not_there_is_a_page_with_a_way_back(site, path):
    answer = await site.get(path.format(uuid.uuid4()))
    assert answer.status_code == 404
    assert 'href="/"' in answer.text
    assert "Traceback" not in answer.text


async def test_tracks_of_another_account_are_not_there(site, pool):
    async with db.transaction(pool) as conn:
        other = await make.add_account(conn)
        track = await make.add_track(conn, account_id=other, title="Private")
    assert "Private" not in (await site.get("/")).text
    assert (await site.get(f"/tracks/{track}")).status_code == 404
    assert (await site.post(f"/tracks/{track}/cancel")).status_code == 404


async def test_a_fault_of_ours_shows_an_id_and_no_traceback(site, pool):
    async with pool.connection() as conn:
        await conn.execute("drop view look.queues")
    answer = await site.get("/")
    assert answer.status_code == 500
    assert re.search(r"under [0-9a-f]{8}\.", answer.text)
    assert "look.queues" not in answer.text


async def test_curves_and_peaks_come_as_the_arrays_they_are(site, pool, settings, account):
    track = await add_song(pool, settings, account, little_song())
    chroma = await site.get(f"/tracks/{track}/curves/chroma")
    assert chroma.headers["x-type"] == "float16"
    assert chroma.headers["x-shape"] == "12,40"
    assert len(chroma.content) == 2 * 12 * 40
    peaks = await site.get(f"/tracks/{track}/peaks")
    assert peaks.headers["x-frames-per-peak"] == "256"
    assert len(peaks.content) == -(-4 * 44_100 // 256)
    again = await site.get(f"/tracks/{track}/peaks", headers={"If-None-Match": peaks.headers["etag"]})
    assert again.status_code == 304


async def test_a_get_cannot_write(site, pool, account):
    async with db.snapshot(pool) as conn:
        with pytest.raises(Exception, match="read-only transaction"):
            await make.add_track(conn, account_id=account)


async def queued(conn, account, **columns):
    track = await make.add_track(conn, account_id=account, **columns)
    await conn.execute("select sfa.forge_track(%s)", [track])
    return track
