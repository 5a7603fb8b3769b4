"""Where a track stands as a whole: as psql reads it in look.tracks, and as the cards of the pages say it."""

from __future__ import annotations

import pytest

from sfa.runs import store
from sfa.studio.cards import Card
from tests.runs.test_store import ENGINE_FAILED, begun, forged, one, rows


async def stands(conn, track):
    """What psql says of the track; the card of a page says the same."""
    of_track = (await store.of_tracks(conn, [track]))[track]
    said = await one(conn, "select state from look.tracks where track_id = %s", track)
    assert Card(None, of_track, None, None, None).state == said
    return said


async def card(conn, track):
    return Card(None, (await store.of_tracks(conn, [track]))[track], None, None, None)


async def run_of(conn, track, stage, model):
    """The newest run of a stage with a model."""
    found = await rows(
        conn,
        "select id from runs where track_id = %s and stage = %s and variant = %s order by id desc limit 1",
        track,
        stage,
        model,
    )
    return found[0][0]


async def done(conn, run_id):
    assert await store.finish(conn, await begun(conn, run_id), {})


async def failed(conn, run_id):
    await store.fail(conn, await begun(conn, run_id), **ENGINE_FAILED)


async def separated(conn, track, model):
    """A separation that ends well; its stems are those in use if they are the first."""
    run_id = await run_of(conn, track, "separation", model)
    await conn.execute(
        "update separations set engine = 'demucs', ran = model, device = 'cpu',"
        " chosen = not exists (select from separations where track_id = %s and chosen) where run_id = %s",
        [track, run_id],
    )
    await done(conn, run_id)


@pytest.fixture
async def track(conn):
    """One whose mix has been read, and whose separation with htdemucs waits for a worker."""
    track, run = await forged(conn)
    await done(conn, run["decode"])
    await done(conn, run["analysis"])
    return track


async def asked(conn, track, model):
    """Another model is asked for, as a page does it."""
    await conn.execute("select sfa.forge_track(%s, %s, null, false)", [track, model])


async def test_failure_is_what_a_person_reads_first(conn, track):
    await failed(conn, await run_of(conn, track, "separation", "htdemucs"))
    assert await stands(conn, track) == "failed"
    assert await one(conn, "select error, fix from look.tracks where track_id = %s", track) == (
        "It broke.",
        "Retry.",
    )


async def test_failed_separation_is_forgotten_once_one_that_was_asked_for_later_is_done(conn, track):
    old = await run_of(conn, track, "separation", "htdemucs")
    await asked(conn, track, "quick")
    await failed(conn, old)
    assert await stands(conn, track) == "failed"
    await separated(conn, track, "quick")
    assert await stands(conn, track) == "queued"  # its stems are still to be read
    await done(conn, await run_of(conn, track, "stem_analysis", "quick"))
    assert await stands(conn, track) == "done"
    assert await one(conn, "select error, progress from look.tracks where track_id = %s", track) == (None, 1)
    found = await card(conn, track)
    assert (found.failed, found.failed_aside, found.can_retry, found.wait_s) == ([], [], False, None)


async def test_another_model_that_fails_leaves_a_track_done_whose_stems_are_in_use(conn, track):
    await separated(conn, track, "htdemucs")
    await done(conn, await run_of(conn, track, "stem_analysis", "htdemucs"))
    await asked(conn, track, "htdemucs_ft")
    assert await stands(conn, track) == "queued"
    await failed(conn, await run_of(conn, track, "separation", "htdemucs_ft"))
    assert await stands(conn, track) == "done"
    found = await card(conn, track)
    assert found.failed == []
    assert [run.variant for run in found.failed_aside] == ["htdemucs_ft"]  # for the page of the track


async def test_stricter_request_that_fails_leaves_the_stand_in_in_use(conn, track):
    await separated(conn, track, "htdemucs")
    await done(conn, await run_of(conn, track, "stem_analysis", "htdemucs"))
    await conn.execute(
        "update separations set ran = 'quick', why = 'No weights.' where track_id = %s", [track]
    )
    await asked(conn, track, "htdemucs")
    await failed(conn, await run_of(conn, track, "separation", "htdemucs"))
    assert await stands(conn, track) == "done"


async def test_another_model_that_is_cancelled_leaves_a_track_done(conn, track):
    await separated(conn, track, "htdemucs")
    await done(conn, await run_of(conn, track, "stem_analysis", "htdemucs"))
    await asked(conn, track, "htdemucs_ft")
    await conn.execute("select sfa.cancel(%s)", [track])
    assert await stands(conn, track) == "done"


async def test_stems_that_could_not_be_read_count_while_they_are_in_use(conn, track):
    await asked(conn, track, "quick")
    await separated(conn, track, "quick")
    await separated(conn, track, "htdemucs")
    await done(conn, await run_of(conn, track, "stem_analysis", "htdemucs"))
    await failed(conn, await run_of(conn, track, "stem_analysis", "quick"))
    assert await stands(conn, track) == "failed"


async def test_stems_that_could_not_be_read_do_not_count_when_others_are_in_use(conn, track):
    await asked(conn, track, "quick")
    await separated(conn, track, "htdemucs")
    await separated(conn, track, "quick")
    await done(conn, await run_of(conn, track, "stem_analysis", "htdemucs"))
    await failed(conn, await run_of(conn, track, "stem_analysis", "quick"))
    assert await stands(conn, track) == "done"


async def test_failed_analysis_is_outdone_by_no_separation(conn):
    track, run = await forged(conn)
    await done(conn, run["decode"])
    await failed(conn, run["analysis"])
    await separated(conn, track, "htdemucs")
    await done(conn, run["stem_analysis"])
    assert await stands(conn, track) == "failed"


async def test_failed_one_that_is_tried_again_counts_as_work(conn, track):
    old = await run_of(conn, track, "separation", "htdemucs")
    await asked(conn, track, "quick")
    await failed(conn, old)
    await separated(conn, track, "quick")
    await done(conn, await run_of(conn, track, "stem_analysis", "quick"))
    await conn.execute("select sfa.retry(%s)", [track])
    assert await stands(conn, track) == "queued"
