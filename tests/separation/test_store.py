"""What came of a separation, and which one is "the stems"."""

from __future__ import annotations

import pytest

from sfa import separation
from sfa.errors import NotFound
from sfa.separation import store
from tests.make import add_account, add_track
from tests.runs.test_store import one, rows


def result(model="htdemucs", why=None, stems=("vocals", "drums")):
    return {
        "engine": "quick" if model == "quick" else "demucs",
        "model": model,
        "device": "cpu",
        "why": why,
        "fix": None,
        "stems": [
            {"name": n, "file": f"{n}.flac", "frames": 10, "sample_rate": 44100, "channels": 2, "bytes": 1}
            | {"sha256": "0" * 64, "peak": 0.5}
            for n in stems
        ],
        "pack": {"stems": list(stems), "frames": 10, "segment_frames": 16, "gain": 1.0, "offsets": [0, 1]}
        | {"bytes": 1, "sha256": "1" * 64},
    }


async def forged(conn, model="htdemucs"):
    track = await add_track(conn)
    await conn.execute("select sfa.forge_track(%s, %s)", [track, model])
    run = await one(conn, "select run_id from separations where track_id = %s", track)
    return track, run


async def put(conn, run, **how):
    request = await store.request_of_run(conn, run)
    await store.put_result(conn, request, result(**how))


async def owner(conn):
    return await one(conn, "select id from accounts limit 1")


async def test_result_replaces_what_the_run_had(conn):
    track, run = await forged(conn)
    await put(conn, run, stems=("vocals", "drums"))
    await put(conn, run, stems=("bass",))
    stems = await separation.stems_of_track(conn, account_id=await owner(conn), track_id=track)
    assert [s.name for s in stems] == ["bass"]


async def test_first_result_is_chosen_and_a_second_model_does_not_take_its_place(conn):
    track, first = await forged(conn)
    await put(conn, first)
    await conn.execute("update runs set state = 'done', finished_at = now() where track_id = %s", [track])
    await conn.execute("select sfa.forge_track(%s, 'htdemucs_ft', null, false)", [track])
    second = await one(conn, "select max(run_id) from separations where track_id = %s", track)
    await put(conn, second, model="htdemucs_ft")
    assert await rows(conn, "select run_id from separations where chosen") == [(first,)]


async def test_real_thing_takes_the_place_of_a_stand_in(conn):
    track, first = await forged(conn)
    await put(conn, first, model="quick", why="There are no weights.")
    await conn.execute("update runs set state = 'done', finished_at = now() where track_id = %s", [track])
    await conn.execute("select sfa.forge_track(%s, 'htdemucs', null, false)", [track])
    second = await one(conn, "select max(run_id) from separations where track_id = %s", track)
    assert second != first
    await put(conn, second)
    assert await rows(conn, "select run_id from separations where chosen") == [(second,)]


async def test_stand_in_without_a_reason_cannot_be_written(conn):
    _, run = await forged(conn)
    with pytest.raises(Exception, match="separations_stand_in_says_why"):
        await put(conn, run, model="quick")


async def test_stem_of_somebody_else_does_not_exist(conn):
    track, run = await forged(conn)
    await put(conn, run)
    stem = await one(conn, "select id from stems limit 1")
    stranger = await add_account(conn)
    assert await separation.stems_of_track(conn, account_id=stranger, track_id=track) == []
    with pytest.raises(NotFound):
        await separation.sound_of_stem(conn, account_id=stranger, stem_id=stem)


async def test_stems_are_read_by_the_run_that_follows(conn):
    track, run = await forged(conn)
    await put(conn, run)
    reading = await one(conn, "select id from runs where track_id = %s and stage = 'stem_analysis'", track)
    assert [s.name for s in await separation.stems_of_run(conn, reading)] == ["drums", "vocals"]


async def test_a_pack_goes_with_its_stems(conn):
    track, run = await forged(conn)
    await put(conn, run, stems=("vocals", "drums"))
    await put(conn, run, stems=("bass",))
    pack = await separation.pack_of_run(conn, account_id=await owner(conn), run_id=run)
    assert (pack.run_id, pack.stems, pack.rev) == (run, ["bass"], "1" * 16)
    await conn.execute("delete from tracks where id = %s", [track])
    assert await rows(conn, "select run_id from packs") == []


async def test_a_pack_of_another_account_is_not_there(conn):
    _, run = await forged(conn)
    await put(conn, run)
    stranger = await add_account(conn)
    assert await separation.pack_of_run(conn, account_id=stranger, run_id=run) is None
    for account, rev in [(stranger, "1" * 16), (await owner(conn), "2" * 16), (await owner(conn), "")]:
        with pytest.raises(NotFound):
            await separation.part_of_pack(conn, account_id=account, run_id=run, rev=rev, span=range(1))
