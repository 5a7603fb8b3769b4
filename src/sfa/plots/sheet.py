"""Each plot of a track put together: fetched, drawn, and said in words; or the reason why it cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sfa import analysis, corrections
from sfa.corrections import Song
from sfa.errors import NotFound
from sfa.plots import bands, chroma, drawing, likeness, loudness, store, tempo, timbre, tonality
from sfa.plots.drawing import Absent, Plot, Table
from sfa.plots.series import Series, series_of
from sfa.sql import Conn

TITLES = {
    "tempo": "Beat and tempo",
    "chroma": "Notes and key",
    "likeness": "Form",
    "loudness": "Loudness",
    "timbre": "Timbre",
    "bands": "Spectral balance of the stems",
}
_NOT_READ = "It appears once the track has been analysed."
_READ_BEFORE = "The track was analysed before this was kept. Analyse it again to see it."
_HAND = "The grid was corrected by hand; this is the corrected one."


@dataclass(frozen=True, slots=True)
class Extra:
    """What single plots show beside their panels."""

    profile: chroma.Profile | None = None
    stays: tuple[drawing.Part, ...] = ()
    stems: tuple[str, ...] = ()
    clashes: tuple[bands.Clash, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    plot: Plot | Absent
    extra: Extra
    table: Callable[[], Table]  # made only where it is wanted


class _Cannot(Exception):
    """A reason why there is no plot."""


@dataclass(frozen=True, slots=True)
class Source:
    """What one plot is drawn from."""

    song: Song
    curves: Mapping[str, analysis.Curve | None]
    evidence: analysis.KeyEvidence | None
    spectra: Sequence[bands.StemSpectrum]
    meetings: Sequence[bands.StemMeeting]

    @property
    def track_id(self) -> UUID:
        return self.song.track_id

    @property
    def readings(self) -> analysis.Readings:
        return self.song.effective

    @property
    def length_s(self) -> float:
        if self.song.duration_s is None:
            raise _Cannot(_NOT_READ)
        return self.song.duration_s

    def need(self, *names: str) -> None:
        """Go no further without these readings."""
        for name in names:
            reading = self.readings.by_name.get(name)
            if reading is None:
                raise _Cannot(_NOT_READ)
            if reading.absent is not None:
                raise _Cannot(reading.absent)

    def find(self, name: str) -> Series | None:
        curve = self.curves[name]
        return series_of(curve) if curve is not None and curve.data else None

    def series(self, name: str) -> Series:
        found = self.find(name)
        if found is None:
            raise _Cannot(_READ_BEFORE if self.readings.by_name else _NOT_READ)
        return found

    def plot(self, name: str, finding: str, how: str) -> Plot:
        """A plot over the song's time, with its sections above."""
        sections = drawing.parts(self.readings.sections, self.length_s)
        return Plot(
            self.track_id,
            name,
            TITLES[name],
            finding,
            how,
            self.length_s,
            ticks=drawing.times(self.length_s),
            parts=sections,
        )

    def is_corrected(self, name: str) -> bool:
        reading = self.readings.by_name.get(name)
        return reading is not None and reading.corrected


def _tempo(source: Source) -> Drawn:
    source.need("beats")
    readings = source.readings
    pulse = tempo.pulse_of([beat.at_s for beat in readings.beats], readings.beats_per_bar or 4)
    if pulse is None:
        raise _Cannot(f"There are fewer than {tempo.FEWEST} beats.")
    positions = [beat.position for beat in readings.beats]
    by_hand = source.is_corrected("beats")
    plot = replace(
        source.plot("tempo", tempo.finding(pulse, readings.sections, by_hand=by_hand), tempo.HOW),
        panels=tempo.panels(pulse, positions, source.length_s),
        moments=tempo.moments(pulse),
        note=_HAND if by_hand else "",
    )
    return Drawn(plot, Extra(), lambda: tempo.table(pulse, positions))


def _chroma(source: Source) -> Drawn:
    notes, evidence, keys = source.series("chroma"), source.evidence, source.readings.keys
    key = tonality.tonality_of(keys[0]) if keys else None
    stays = tonality.stays(notes, source.length_s, key) if key else []
    said = chroma.finding(key, evidence, stays, by_hand=source.is_corrected("key"))
    reading = source.readings.by_name.get("key")
    if key is None and reading is not None and reading.absent:
        said = reading.absent
    plot = replace(
        source.plot("chroma", said, chroma.HOW),
        panels=[chroma.panel(source.track_id, key)],
        moments=chroma.moments(key, stays),
        note=_READ_BEFORE if key is not None and evidence is None else "",
    )
    extra = Extra(
        profile=chroma.profile(evidence, key) if evidence is not None and key is not None else None,
        stays=tuple(chroma.strip(stays, key, source.length_s)) if key else (),
    )
    return Drawn(plot, extra, lambda: chroma.table(notes, source.length_s))


def _likeness(source: Source) -> Drawn:
    found, sections = source.series("likeness"), source.readings.sections
    reading = source.readings.by_name.get("sections")
    plot = replace(
        source.plot("likeness", likeness.finding(found, sections), likeness.HOW),
        panels=[likeness.panel(source.track_id)],
        moments=likeness.moments(sections),
        note=(reading.absent or "") if reading is not None and not sections else "",
    )
    return Drawn(plot, Extra(), lambda: likeness.table(found))


def _loudness(source: Source) -> Drawn:
    source.need("loudness")
    whole = source.readings.loudness
    short_term = source.series("short_term_loudness")
    momentary, true_peak = source.find("momentary_loudness"), source.find("true_peak")
    if whole is None or whole.integrated_lufs is None or not short_term.rows[0]:
        raise _Cannot("It is silent, or shorter than the three seconds that loudness is measured over.")
    peaks = loudness.hot_moments(true_peak)
    plot = replace(
        source.plot("loudness", loudness.finding(whole, peaks), loudness.HOW),
        panels=[loudness.panel(whole, short_term, momentary, true_peak, source.length_s)],
        moments=loudness.moments(short_term, peaks),
    )
    return Drawn(plot, Extra(), lambda: loudness.table(short_term, momentary, true_peak, source.length_s))


def _timbre(source: Source) -> Drawn:
    mfcc = source.series("mfcc")
    names = ("energy", "spectral_centroid", "spectral_rolloff")
    energy, centroid, rolloff = [source.find(name) for name in names]
    plot = replace(
        source.plot("timbre", timbre.finding(energy, centroid, source.readings.sections), timbre.HOW),
        panels=timbre.panels(source.track_id, energy, centroid, rolloff, source.length_s),
    )
    others = list(zip(("energy_dbfs", "centroid_hz", "rolloff_hz"), (energy, centroid, rolloff), strict=True))
    return Drawn(plot, Extra(), lambda: timbre.table(mfcc, others, source.length_s))


def _bands(source: Source) -> Drawn:
    spectra, meetings = source.spectra, source.meetings
    if not spectra:
        raise _Cannot("It appears once the stems have been separated and read.")
    found = bands.clashes(spectra, meetings)
    plot = replace(
        source.plot("bands", bands.finding(found, spectra), bands.HOW),
        panels=[bands.panel(spectra, found)],
        ticks=bands.ticks(),
        parts=(),
    )
    extra = Extra(stems=tuple(one.name for one in spectra), clashes=tuple(found[: bands.MOST_NAMED]))
    return Drawn(plot, extra, lambda: bands.table(spectra, meetings))


# How each is drawn, and the curves that it needs.
_DRAW: Mapping[str, tuple[Callable[[Source], Drawn], Sequence[str]]] = {
    "tempo": (_tempo, ()),
    "chroma": (_chroma, ("chroma",)),
    "likeness": (_likeness, ("likeness",)),
    "loudness": (_loudness, ("short_term_loudness", "momentary_loudness", "true_peak")),
    "timbre": (_timbre, ("mfcc", "energy", "spectral_centroid", "spectral_rolloff")),
    "bands": (_bands, ()),
}


async def drawn(conn: Conn, *, account_id: UUID, track_id: UUID, name: str) -> Drawn:
    """One plot of a track.

    Raises
    ------
    NotFound
        When there is no such plot, or this account has no such track.
    """
    if name not in _DRAW:
        raise NotFound("There is no such plot.", fix="Open the page of the track.")
    of = {"account_id": account_id, "track_id": track_id}
    source = Source(
        await corrections.song_of(conn, **of),
        {curve: await analysis.curve_of_track(conn, **of, name=curve) for curve in _DRAW[name][1]},
        await analysis.key_evidence_of_track(conn, **of) if name == "chroma" else None,
        await store.spectra_of_track(conn, **of) if name == "bands" else [],
        await store.meetings_of_track(conn, **of) if name == "bands" else [],
    )
    # Up to a second for three hours of music, in plain Python: nobody else shall wait for it.
    return await asyncio.to_thread(_drawn, source, name)


def _drawn(source: Source, name: str) -> Drawn:
    draw, _ = _DRAW[name]
    try:
        return draw(source)
    except _Cannot as reason:
        absent = Absent(source.track_id, name, TITLES[name], str(reason))
        rows = [(absent.reason,)]
        return Drawn(absent, Extra(), lambda: Table(("absent",), rows))
