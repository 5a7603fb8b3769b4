"""Writes what the analysis child answered into its rows, replacing what was there."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from sfa.analysis.store import sql
from sfa.separation import StemFile
from sfa.sql import Conn

_drop = sql.statement("drop_readings")
_reading = sql.statement("put_reading")
_tempos = sql.statement("put_tempos")
_beats = sql.statement("put_beats")
_metre = sql.statement("put_metre")
_keys = sql.statement("put_keys")
_chords = sql.statement("put_chords")
_sections = sql.statement("put_sections")
_loudness = sql.statement("put_loudness")
_spectrum = sql.statement("put_spectrum")
_balance = sql.statement("put_balance")
_onsets = sql.statement("put_onsets")
_curve = sql.statement("put_curve")
_peaks = sql.statement("put_peaks")
_stem_reading = sql.statement("put_stem_reading")
_stem_peaks = sql.statement("put_stem_peaks")
_stem_spectrum = sql.statement("put_stem_spectrum")
_drop_meetings = sql.statement("drop_stem_meetings")
_meeting = sql.statement("put_stem_meeting")
_key_evidence = sql.statement("put_key_evidence")

Writer = Callable[[Conn, UUID, Any, float], Awaitable[object]]


async def put_readings(
    conn: Conn, track_id: UUID, result: Mapping[str, Any], curves: Path, *, run_id: int
) -> None:
    """`result` and the file `curves` as `sfa.children.analyse` made them for a mix."""
    await _drop.run(conn, track_id=track_id)
    for reading in result["readings"]:
        facts = {key: reading[key] for key in ("name", "method", "confidence", "absent")}
        await _reading.run(conn, track_id=track_id, run_id=run_id, **facts)
        if reading["absent"] is None:
            await WRITERS[reading["name"]](conn, track_id, reading["value"], reading["confidence"])
    data = curves.read_bytes()
    for curve in result["curves"]:
        facts = {key: curve[key] for key in ("name", "unit", "hop_s", "start_s", "dtype", "shape")}
        packed = _packed(_slice(data, curve), curve["dtype"])
        await _curve.run(conn, track_id=track_id, **packed, **facts)
    for level in result["peaks"]:
        facts = {key: level[key] for key in ("level", "frames_per_peak")}
        await _peaks.run(conn, track_id=track_id, data=_slice(data, level), **facts)


async def put_stem_readings(
    conn: Conn, stems: Iterable[StemFile], result: Mapping[str, Any], curves: Path
) -> None:
    """`result` and the file `curves` as `sfa.children.analyse` made them for stems."""
    data = curves.read_bytes()
    ids = {stem.name: stem.id for stem in stems}
    for stem in result["stems"]:
        facts = {key: value for key, value in stem.items() if key not in ("name", "peaks", "band_levels_db")}
        await _stem_reading.run(conn, stem_id=ids[stem["name"]], **facts)
        await _stem_spectrum.run(conn, stem_id=ids[stem["name"]], level_db=stem["band_levels_db"])
        for level in stem["peaks"]:
            facts = {key: level[key] for key in ("level", "frames_per_peak")}
            await _stem_peaks.run(conn, stem_id=ids[stem["name"]], data=_slice(data, level), **facts)
    await _drop_meetings.run(conn, stem_ids=list(ids.values()))
    for one in result["meetings"]:
        both = {"stem_id": ids[one["stem"]], "other_id": ids[one["other"]]}
        await _meeting.run(conn, share=one["share"], **both)


def _slice(data: bytes, where: Mapping[str, Any]) -> bytes:
    return data[where["offset"] : where["offset"] + where["bytes"]]


def _packed(data: bytes, dtype: str) -> dict[str, Any]:
    """Pictures are read as a whole and repeat themselves; curves are read in slices, and hardly do."""
    deflated = dtype == "uint8"
    return {"data": zlib.compress(data, 9) if deflated else data, "deflated": deflated}


def _columns(rows: list[dict[str, Any]], *names: str) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in names}


async def _put_tempo(conn: Conn, track_id: UUID, value: Any, confidence: float) -> None:
    tempos = [{"bpm": value["bpm"], "confidence": confidence}, *value["alternatives"]]
    await _tempos.run(conn, track_id=track_id, **_columns(tempos, "bpm", "confidence"))


async def _put_beats(conn: Conn, track_id: UUID, value: Any, confidence: float) -> None:
    await _beats.run(conn, track_id=track_id, at_s=value["times_s"], position=value["positions"])


async def _put_metre(conn: Conn, track_id: UUID, value: Any, confidence: float) -> None:
    await _metre.run(conn, track_id=track_id, beats_per_bar=value["beats_per_bar"])


async def _put_key(conn: Conn, track_id: UUID, value: Any, confidence: float) -> None:
    keys = [{**value, "confidence": confidence}, *value["runners_up"]]
    columns = _columns(keys, "tonic", "mode", "camelot", "confidence")
    await _keys.run(conn, track_id=track_id, tuning_hz=value["tuning_hz"], **columns)
    evidence = {name: value[name] for name in ("strength", "fits", "scores")}
    await _key_evidence.run(conn, track_id=track_id, **evidence)


async def _put_chords(conn: Conn, track_id: UUID, value: Any, confidence: float) -> None:
    await _chords.run(conn, track_id=track_id, **_columns(value, "start_s", "end_s", "label", "confidence"))


async def _put_sections(conn: Conn, track_id: UUID, value: Any, confidence: float) -> None:
    columns = _columns(value, "start_s", "end_s", "label", "group", "confidence")
    await _sections.run(conn, track_id=track_id, **columns)


async def _put_loudness(conn: Conn, track_id: UUID, value: Any, confidence: float) -> None:
    await _loudness.run(conn, track_id=track_id, **value)


async def _put_spectrum(conn: Conn, track_id: UUID, value: Any, confidence: float) -> None:
    await _spectrum.run(conn, track_id=track_id, **_columns(value, "feature", "mean", "std", "unit"))


async def _put_balance(conn: Conn, track_id: UUID, value: Any, confidence: float) -> None:
    await _balance.run(conn, track_id=track_id, **value)


async def _put_onsets(conn: Conn, track_id: UUID, value: Any, confidence: float) -> None:
    await _onsets.run(conn, track_id=track_id, count=value["count"], per_s=value["per_s"])


# A new reading is one line here, its table, and its function in `sfa.readings`.
WRITERS: dict[str, Writer] = {
    "tempo": _put_tempo,
    "beats": _put_beats,
    "metre": _put_metre,
    "key": _put_key,
    "chords": _put_chords,
    "sections": _put_sections,
    "loudness": _put_loudness,
    "spectrum": _put_spectrum,
    "balance": _put_balance,
    "onsets": _put_onsets,
}
