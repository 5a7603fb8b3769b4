"""Readings in the database: read here; written by `sfa.analysis.put`."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from sfa.analysis.rows import (
    Balance,
    Beat,
    Chord,
    Curve,
    Feature,
    Headline,
    Key,
    KeyEvidence,
    Loudness,
    Onsets,
    Peaks,
    Reading,
    Readings,
    Section,
    Tempo,
)
from sfa.sql import Conn, QueryFile

sql = QueryFile("analysis")

_readings = sql.query("readings_of_track", Reading)
_tempos = sql.query("tempos_of_track", Tempo)
_beats = sql.query("beats_of_track", Beat)
_metre = sql.value("metre_of_track")
_keys = sql.query("keys_of_track", Key)
_key_evidence = sql.query("key_evidence_of_track", KeyEvidence)
_chords = sql.query("chords_of_track", Chord)
_sections = sql.query("sections_of_track", Section)
_loudness = sql.query("loudness_of_track", Loudness)
_spectrum = sql.query("spectrum_of_track", Feature)
_balance = sql.query("balance_of_track", Balance)
_onsets = sql.query("onsets_of_track", Onsets)
_curve = sql.query("curve_of_track", Curve)
_peaks = sql.query("peaks_of_track", Peaks)
_stem_peaks = sql.query("peaks_of_stem", Peaks)
_headlines = sql.query("headlines_of_tracks", Headline)


async def readings_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> Readings:
    """Everything that was read; empty when the track is not this account's, or not analysed yet."""
    taken = await _readings.all(conn, account_id=account_id, track_id=track_id)
    if not taken:
        return Readings()
    metre = await _metre.first(conn, track_id=track_id)
    return Readings(
        by_name={reading.name: reading for reading in taken},
        tempos=await _tempos.all(conn, track_id=track_id),
        beats=await _beats.all(conn, track_id=track_id),
        beats_per_bar=metre.value if metre else None,
        keys=await _keys.all(conn, track_id=track_id),
        chords=await _chords.all(conn, track_id=track_id),
        sections=await _sections.all(conn, track_id=track_id),
        loudness=await _loudness.first(conn, track_id=track_id),
        spectrum=await _spectrum.all(conn, track_id=track_id),
        balance=await _balance.first(conn, track_id=track_id),
        onsets=await _onsets.first(conn, track_id=track_id),
    )


async def headlines(conn: Conn, *, account_id: UUID, track_ids: Iterable[UUID]) -> dict[UUID, Headline]:
    found = await _headlines.all(conn, account_id=account_id, track_ids=list(track_ids))
    return {headline.track_id: headline for headline in found}


async def curve_of_track(conn: Conn, *, account_id: UUID, track_id: UUID, name: str) -> Curve | None:
    found = await _curve.first(conn, account_id=account_id, track_id=track_id, name=name)
    return found and (
        replace(found, data=zlib.decompress(found.data), deflated=False) if found.deflated else found
    )


async def key_evidence_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> KeyEvidence | None:
    """What the key was told from; None without a key, or where it was read before this was kept."""
    return await _key_evidence.first(conn, account_id=account_id, track_id=track_id)


async def peaks_of_track(conn: Conn, *, account_id: UUID, track_id: UUID, at_most: int) -> Peaks | None:
    """The finest waveform with no more than `at_most` peaks, or the coarsest there is."""
    return await _peaks.first(conn, account_id=account_id, track_id=track_id, at_most=at_most)


async def peaks_of_stem(conn: Conn, *, account_id: UUID, stem_id: UUID, at_most: int) -> Peaks | None:
    """As `peaks_of_track`, of one stem."""
    return await _stem_peaks.first(conn, account_id=account_id, stem_id=stem_id, at_most=at_most)
