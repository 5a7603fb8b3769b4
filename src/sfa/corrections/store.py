"""Corrections in the database: read beside the readings, written as acts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sfa import acts, analysis
from sfa.analysis import Readings
from sfa.corrections.edits import Form, edit_of
from sfa.corrections.effective import effective
from sfa.corrections.rows import Corrections, KeyName, Part, Song, Span, Tempo, Version
from sfa.errors import NotFound, Refused
from sfa.names import shown
from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class _Row:
    """The corrections of a track that are one value each."""

    title: str
    duration_s: float | None
    bpm: float | None
    steady: bool | None
    anchor_s: float | None
    downbeat_s: float | None
    beats_per_bar: int | None
    tonic: str | None
    mode: str | None
    camelot: str | None


class Clash(Refused):
    """Somebody else wrote first. Nothing is lost: `mine` is what would hold if this were written now."""

    def __init__(self, song: Song, part: Part, mine: Corrections) -> None:
        super().__init__(
            "Somebody else changed this a moment ago, so your change is not saved yet.",
            fix="Look at both, and take yours or theirs.",
        )
        self.song = song
        self.part = part
        self.mine = mine


_sql = QueryFile("corrections")
_lock = _sql.value("lock_track")
_row = _sql.query("corrections_of_track", _Row)
_versions = _sql.query("versions_of_track", Version)
_chords = _sql.query("corrected_chords_of_track", Span)
_sections = _sql.query("corrected_sections_of_track", Span)
_put_tempo, _drop_tempo = _sql.statement("put_tempo"), _sql.statement("drop_tempo")
_put_anchor, _drop_anchor = _sql.statement("put_anchor"), _sql.statement("drop_anchor")
_put_downbeat, _drop_downbeat = _sql.statement("put_downbeat"), _sql.statement("drop_downbeat")
_put_metre, _drop_metre = _sql.statement("put_metre"), _sql.statement("drop_metre")
_put_key, _drop_key = _sql.statement("put_key"), _sql.statement("drop_key")
_put_chords, _drop_chords = _sql.statement("put_chords"), _sql.statement("drop_chords")
_put_sections, _drop_sections = _sql.statement("put_sections"), _sql.statement("drop_sections")


async def song_of(conn: Conn, *, account_id: UUID, track_id: UUID) -> Song:
    """A track as it was read, as it was corrected, and what holds.

    Raises
    ------
    NotFound
        When this account has no such track.
    """
    row = await _row.first(conn, account_id=account_id, track_id=track_id)
    if row is None:
        raise NotFound("There is no such track.", fix="It may have been deleted. Go back to the library.")
    detected = await analysis.readings_of_track(conn, account_id=account_id, track_id=track_id)
    said = Corrections(
        tempo=Tempo(row.bpm, bool(row.steady)) if row.bpm is not None else None,
        anchor_s=row.anchor_s,
        downbeat_s=row.downbeat_s,
        beats_per_bar=row.beats_per_bar,
        key=KeyName(row.tonic, row.mode) if row.tonic and row.mode else None,
        chords=tuple(await _chords.all(conn, track_id=track_id)),
        sections=tuple(await _sections.all(conn, track_id=track_id)),
    )
    return Song(
        track_id,
        row.title,
        row.duration_s,
        detected,
        said,
        row.camelot,
        effective(detected, said, camelot=row.camelot, duration_s=row.duration_s),
        {version.part: version for version in await _versions.all(conn, track_id=track_id)},
    )


async def readings_of_track(conn: Conn, *, account_id: UUID, track_id: UUID) -> Readings:
    """The readings that hold: as `analysis.readings_of_track`, with what was corrected."""
    return (await song_of(conn, account_id=account_id, track_id=track_id)).effective


async def correct(
    conn: Conn, *, account_id: UUID, track_id: UUID, what: str, seen: int, form: Form
) -> int | None:
    """Carry out an edit that was made upon the version `seen` of its part; the act, None if nothing changed.

    Raises
    ------
    NotFound, Refused
        When there is no such track or edit; when the form says what cannot be.
    Clash
        When the part was changed since, and this would change it again.
    """
    edit = edit_of(what)
    song = await _locked(conn, account_id, track_id)
    mine, said = edit.apply(song, form)
    return await _write(conn, account_id, song, mine, said, part=edit.part, seen=seen)


async def restore(conn: Conn, *, account_id: UUID, track_id: UUID, what: str, seen: int) -> int | None:
    """Forget a correction: what was detected holds again. Otherwise as `correct`."""
    edit = edit_of(what)
    song = await _locked(conn, account_id, track_id)
    said = f"Restored the detected {edit.noun} of {shown(song.title)}"
    return await _write(
        conn, account_id, song, edit.restore(song.corrections), said, part=edit.part, seen=seen
    )


async def _locked(conn: Conn, account_id: UUID, track_id: UUID) -> Song:
    await _lock.first(conn, account_id=account_id, track_id=track_id)
    return await song_of(conn, account_id=account_id, track_id=track_id)


async def _write(
    conn: Conn, account_id: UUID, song: Song, mine: Corrections, said: str, *, part: Part, seen: int
) -> int | None:
    if mine == song.corrections:
        return None
    if seen > song.version(part):
        raise Refused("This studio has no such version of it.", fix="Load the page again.")
    if seen < song.version(part):
        raise Clash(song, part, mine)
    act = await acts.begin(conn, account_id=account_id, said=said)
    await _put(conn, song.track_id, song.corrections, mine)
    return act


async def _put(conn: Conn, track_id: UUID, was: Corrections, now: Corrections) -> None:
    """Write what differs and nothing else: what was not touched can still be undone by itself."""
    if now.tempo != was.tempo:
        if now.tempo is None:
            await _drop_tempo.run(conn, track_id=track_id)
        else:
            await _put_tempo.run(conn, track_id=track_id, bpm=now.tempo.bpm, steady=now.tempo.steady)
    for before, after, put, drop in (
        (was.anchor_s, now.anchor_s, _put_anchor, _drop_anchor),
        (was.downbeat_s, now.downbeat_s, _put_downbeat, _drop_downbeat),
    ):
        if after != before and after is None:
            await drop.run(conn, track_id=track_id)
        elif after != before:
            await put.run(conn, track_id=track_id, at_s=after)
    if now.beats_per_bar != was.beats_per_bar:
        if now.beats_per_bar is None:
            await _drop_metre.run(conn, track_id=track_id)
        else:
            await _put_metre.run(conn, track_id=track_id, beats_per_bar=now.beats_per_bar)
    if now.key != was.key:
        if now.key is None:
            await _drop_key.run(conn, track_id=track_id)
        else:
            await _put_key.run(conn, track_id=track_id, tonic=now.key.tonic, mode=now.key.mode)
    for spans_before, spans_after, put, drop in (
        (was.chords, now.chords, _put_chords, _drop_chords),
        (was.sections, now.sections, _put_sections, _drop_sections),
    ):
        if spans_after != spans_before:
            await drop.run(conn, track_id=track_id)
            columns = {name: [getattr(span, name) for span in spans_after] for name in Span.__slots__}
            await put.run(conn, track_id=track_id, **columns)
