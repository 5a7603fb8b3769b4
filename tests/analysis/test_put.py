"""What the child answers becomes rows, and replaces what was there."""

from __future__ import annotations

import numpy as np
import psycopg
import pytest

from sfa import analysis
from sfa.analysis.put import WRITERS, put_readings, put_stem_readings
from sfa.separation import StemFile
from tests.make import add_account, add_track
from tests.runs.test_store import one, rows


def absent(name, why="It is silent."):
    return {"name": name, "method": None, "confidence": None, "absent": why, "value": None}


def taken(name, value, confidence=0.9):
    return {
        "name": name,
        "method": f"a way to find {name}",
        "confidence": confidence,
        "absent": None,
        "value": value,
    }


def result(tmp_path, readings):
    curve, peaks = np.arange(4, dtype="<f4").tobytes(), bytes([1, 2, 3])
    (tmp_path / "curves.bin").write_bytes(curve + peaks)
    return {
        "readings": readings,
        "curves": [
            {"name": "energy", "unit": "dBFS", "hop_s": 0.1, "start_s": 0.0, "dtype": "float32", "shape": [4]}
            | {"offset": 0, "bytes": len(curve)}
        ],
        "peaks": [{"level": 0, "frames_per_peak": 256, "count": 3, "offset": len(curve), "bytes": 3}],
    }


TEMPO = {"bpm": 120.0, "alternatives": [{"bpm": 60.0, "confidence": 0.2}]}
KEY = {
    "tonic": "A",
    "mode": "minor",
    "camelot": "8A",
    "tuning_hz": 440.0,
    "runners_up": [{"tonic": "C", "mode": "major", "camelot": "8B", "confidence": 0.1}],
    "strength": [0.5] * 12,
    "fits": [0.1] * 24,
    "scores": [0.2] * 24,
}


async def put(conn, tmp_path, track, *readings):
    await put_readings(conn, track, result(tmp_path, readings), tmp_path / "curves.bin", run_id=1)


async def read(conn, track):
    owner = await one(conn, "select account_id from tracks where id = %s", track)
    return await analysis.readings_of_track(conn, account_id=owner, track_id=track)


async def test_reading_comes_first_and_its_alternatives_after_it(conn, tmp_path):
    track = await add_track(conn)
    await put(conn, tmp_path, track, taken("tempo", TEMPO, 0.8), taken("key", KEY, 0.7))
    seen = await read(conn, track)
    assert [(t.bpm, round(t.confidence, 3)) for t in seen.tempos] == [(120.0, 0.8), (60.0, 0.2)]
    assert [(k.name, k.camelot, k.tuning_hz) for k in seen.keys] == [
        ("A minor", "8A", 440.0),
        ("C major", "8B", None),
    ]
    assert seen.by_name["key"].method == "a way to find key"


async def test_absent_reading_is_a_reason_and_no_value(conn, tmp_path):
    track = await add_track(conn)
    await put(conn, tmp_path, track, *(absent(name) for name in WRITERS))
    seen = await read(conn, track)
    assert {r.absent for r in seen.by_name.values()} == {"It is silent."}
    assert seen.tempos == seen.keys == seen.beats == seen.chords == seen.sections == seen.spectrum == []
    assert (seen.loudness, seen.balance, seen.onsets, seen.beats_per_bar) == (None, None, None, None)


async def test_second_analysis_leaves_nothing_of_the_first(conn, tmp_path):
    track = await add_track(conn)
    await put(conn, tmp_path, track, taken("tempo", TEMPO), taken("key", KEY))
    await put(conn, tmp_path, track, absent("tempo", "There is no steady pulse."))
    seen = await read(conn, track)
    assert (seen.tempos, seen.keys, list(seen.by_name)) == ([], [], ["tempo"])
    assert await rows(conn, "select octet_length(data) from curves where track_id = %s", track) == [(16,)]


async def test_reading_is_not_taken_and_absent_at_once(conn, tmp_path):
    track = await add_track(conn)
    both = taken("onsets", {"count": 1, "per_s": 1.0}) | {"absent": "It is not."}
    with pytest.raises(psycopg.errors.CheckViolation, match="readings_taken_or_absent"):
        await put(conn, tmp_path, track, both)


async def test_bytes_of_curves_and_waveforms_are_cut_where_they_say(conn, tmp_path):
    track = await add_track(conn)
    await put(conn, tmp_path, track)
    owner = await one(conn, "select account_id from tracks where id = %s", track)
    peaks = await analysis.peaks_of_track(conn, account_id=owner, track_id=track, at_most=10)
    curve = await analysis.curve_of_track(conn, account_id=owner, track_id=track, name="energy")
    assert (peaks.frames_per_peak, bytes(peaks.data)) == (256, bytes([1, 2, 3]))
    assert np.frombuffer(curve.data, "<f4").tolist() == [0, 1, 2, 3]


async def test_readings_of_somebody_else_do_not_exist(conn, tmp_path):
    track = await add_track(conn)
    await put(conn, tmp_path, track, taken("tempo", TEMPO))
    stranger = await add_account(conn)
    seen = await analysis.readings_of_track(conn, account_id=stranger, track_id=track)
    assert (seen.by_name, seen.tempos) == ({}, [])
    assert await analysis.curve_of_track(conn, account_id=stranger, track_id=track, name="energy") is None


async def test_readings_of_stems_replace_too(conn, tmp_path):
    track = await add_track(conn)
    await conn.execute("select sfa.forge_track(%s)", [track])
    stem = await one(
        conn,
        "insert into stems (run_id, track_id, name, frames, sample_rate, channels, bytes, sha256, peak)"
        " select run_id, track_id, 'drums', 1, 1, 1, 1, repeat('ab', 32), 1 from separations returning id",
    )
    (tmp_path / "curves.bin").write_bytes(b"abc")
    reading = {"name": "drums", "integrated_lufs": None, "true_peak_dbtp": -1.0, "energy_share": 1.0}
    reading |= {"active_share": 0.5, "onsets_per_s": None, "spectral_centroid_hz": None}
    reading |= {"band_levels_db": [-20.0] * 30}
    meeting = {"stem": "drums", "other": "drums", "share": [0.5] * 30}
    reading |= {"peaks": [{"level": 0, "frames_per_peak": 256, "count": 3, "offset": 0, "bytes": 3}]}
    for _ in range(2):
        files = [StemFile(stem, "drums", "p")]
        await put_stem_readings(
            conn, files, {"stems": [reading], "meetings": [meeting]}, tmp_path / "curves.bin"
        )
    assert await rows(conn, "select active_share from stem_readings") == [(0.5,)]
    assert await rows(conn, "select data from stem_peaks") == [(b"abc",)]
    assert await rows(conn, "select level_db[1] from stem_spectra") == [(-20.0,)]
    assert await rows(conn, "select share[30] from stem_meetings") == [(0.5,)]


async def test_a_picture_is_packed_in_the_database_and_comes_back_as_it_was(conn, tmp_path):
    track = await add_track(conn)
    answer = result(tmp_path, [])
    cells = bytes([7] * 4096)
    (tmp_path / "curves.bin").write_bytes(cells)
    answer["curves"][0] |= {"dtype": "uint8", "shape": [64, 64], "offset": 0, "bytes": len(cells)}
    answer["peaks"] = []
    await put_readings(conn, track, answer, tmp_path / "curves.bin", run_id=1)
    assert await one(conn, "select octet_length(data) from curves where track_id = %s", track) < 100
    owner = await one(conn, "select account_id from tracks where id = %s", track)
    found = await analysis.curve_of_track(conn, account_id=owner, track_id=track, name="energy")
    assert (found.data, found.dtype, found.deflated) == (cells, "uint8", False)


async def test_what_the_key_was_told_from_goes_with_the_key(conn, tmp_path):
    track = await add_track(conn)
    owner = await one(conn, "select account_id from tracks where id = %s", track)
    await put(conn, tmp_path, track, taken("key", KEY))
    found = await analysis.key_evidence_of_track(conn, account_id=owner, track_id=track)
    assert (len(found.strength), len(found.fits), len(found.scores)) == (12, 24, 24)
    stranger = await add_account(conn)
    assert await analysis.key_evidence_of_track(conn, account_id=stranger, track_id=track) is None
    await put(conn, tmp_path, track, absent("key"))
    assert await analysis.key_evidence_of_track(conn, account_id=owner, track_id=track) is None
