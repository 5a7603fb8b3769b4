"""The readings as a Standard MIDI File: tempo map and time signatures, chords, sections, a click.

The clock of the file is the clock of the sound. Tick 0 is its first sample, every beat of the readings is a
quarter note, and a tempo stands at each beat, chosen so that what was rounded away before is made good:
no beat is more than half a microsecond off however long the song is.

The first beat seldom is at 0. Before it stands a lead-in of as many quarters, or shorter notes, as come
nearest to the song's own tempo, played at the tempo that fills exactly the time there is; its time
signatures are such that the first downbeat begins a bar. A lead-in shorter than 8 ms, for which no
sequencer has a tempo, is taken into the first beat.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import mido

from sfa.analysis import Readings

TICKS_PER_BEAT = 960
CLICK_CHANNEL = 9  # counted from 0: the tenth, which every synthesiser plays drums on

_SHORTEST_LEAD_S = 0.008
_ASSUMED_BPM = 120.0
_ASSUMED_BAR = 4
_DOWNBEAT_NOTE, _BEAT_NOTE = 76, 77  # high and low wood block of General MIDI
_CLICK_TICKS = TICKS_PER_BEAT // 8
_CHORD_ROOT = 48  # C below middle C
_CHORD_VELOCITY = 72
_MOST_TEMPO = (1 << 24) - 1

_CHORD = re.compile(r"([A-G])([#b♯♭]?)([^/]*)(?:/([A-G])([#b♯♭]?))?$")
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_KINDS = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "dim": (0, 3, 6),
    "dim7": (0, 3, 6, 9),
    "m7b5": (0, 3, 6, 10),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "9": (0, 4, 7, 10, 14),
    "5": (0, 7),
}


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the beats are, in time and in ticks."""

    ticks: list[int]  # of the places where a tempo begins; the last is where the song ends
    times_s: list[float]
    tempos: list[int]  # microseconds for a quarter note, from each place on
    signatures: list[tuple[int, int, int]]  # tick, beats, unit
    beats: list[tuple[int, bool]]  # tick, and whether it is a downbeat

    def tick_of(self, at_s: float) -> int:
        """The tick nearest to a moment of the sound."""
        place = max(0, bisect_right(self.times_s, at_s) - 1)
        return self.ticks[place] + round(
            (at_s - self.times_s[place]) * 1e6 / self.tempos[place] * TICKS_PER_BEAT
        )


def score_of(readings: Readings, *, title: str, duration_s: float) -> bytes:
    """A MIDI file of type 1: tempo and sections, chords, click. Tracks of what was not read are empty."""
    grid = grid_of(readings, duration_s)
    end = max(grid.tick_of(duration_s), grid.beats[-1][0] + _CLICK_TICKS if grid.beats else 0)
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, charset="utf-8")
    conductor: list[tuple[int, mido.Message]] = [
        *(
            (tick, mido.MetaMessage("time_signature", numerator=beats, denominator=unit))
            for tick, beats, unit in grid.signatures
        ),
        *(
            (tick, mido.MetaMessage("set_tempo", tempo=tempo))
            for tick, tempo in zip(grid.ticks, grid.tempos, strict=True)
        ),
        *(
            (grid.tick_of(section.start_s), mido.MetaMessage("marker", text=section.label))
            for section in readings.sections
        ),
    ]
    if not grid.beats:
        assumed = f"no beats were found: an even {6e7 / grid.tempos[0]:.4g} BPM stands for them"
        conductor.append((0, mido.MetaMessage("text", text=assumed)))
    file.tracks.append(_track(title, conductor, end))
    file.tracks.append(_track("Chords", _chords(readings, grid), end))
    file.tracks.append(_track("Click", _click(grid), end))
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def grid_of(readings: Readings, duration_s: float) -> Grid:
    """The tempo map. Without beats: the tempo that was read, or 120, and bars from the first sample on."""
    bar = readings.beats_per_bar or _ASSUMED_BAR
    if len(readings.beats) < 2:
        bpm = readings.tempos[0].bpm if readings.tempos else _ASSUMED_BPM
        return Grid([0], [0.0], [_tempo(60 / bpm)], [(0, bar, 4)], [])
    times_s = [beat.at_s for beat in readings.beats]
    positions = [beat.position for beat in readings.beats]
    lead = _lead_in(times_s, positions, bar)
    places = [tick + lead.ticks for tick in range(0, len(times_s) * TICKS_PER_BEAT, TICKS_PER_BEAT)]
    ticks, tempos, reached_s = [0], [], [0.0]
    # The last quarter of a lead-in has a tempo of its own, for what the others were rounded by.
    for part in (lead.ticks - TICKS_PER_BEAT, min(lead.ticks, TICKS_PER_BEAT)):
        if part > 0:
            ticks.append(ticks[-1] + part)
            rest_s = (times_s[0] - reached_s[-1]) / (lead.ticks - ticks[-2])
            tempos.append(_tempo(rest_s * TICKS_PER_BEAT))
            reached_s.append(reached_s[-1] + part / TICKS_PER_BEAT * tempos[-1] / 1e6)
    for at_s in times_s[1:]:
        tempos.append(_tempo(at_s - reached_s[-1]))
        ticks.append(ticks[-1] + TICKS_PER_BEAT)
        reached_s.append(reached_s[-1] + tempos[-1] / 1e6)
    tempos.append(tempos[-1])
    downbeats = [n for n, position in enumerate(positions) if position == 1]
    signatures = [*lead.signatures, *_signatures(downbeats, lead.ticks, bar)]
    beats = list(zip(places, [position == 1 for position in positions], strict=True))
    return Grid(ticks, reached_s, tempos, _changes(signatures), beats)


@dataclass(frozen=True, slots=True)
class _Lead:
    ticks: int  # before the first beat
    signatures: list[tuple[int, int, int]]  # up to the first downbeat


def _lead_in(times_s: Sequence[float], positions: Sequence[int], bar: int) -> _Lead:
    """What stands before the first beat, and the bars up to the first downbeat."""
    gaps = sorted(later - earlier for earlier, later in pairwise(times_s))
    beat_s = gaps[len(gaps) // 2]
    upbeats = next((n for n, position in enumerate(positions) if position == 1), 0)
    if times_s[0] < _SHORTEST_LEAD_S:
        return _Lead(0, _bars(0, upbeats, bar))
    for unit in (4, 8, 16, 32):
        units = times_s[0] / beat_s * unit / 4
        if units >= 0.75 or unit == 32:
            break
    count = max(1, round(units))
    ticks = count * TICKS_PER_BEAT * 4 // unit
    if unit == 4:
        return _Lead(ticks, _bars(0, count + upbeats, bar))
    return _Lead(ticks, [(0, count, unit), *_bars(ticks, upbeats, bar)])


def _bars(tick: int, beats: int, bar: int) -> list[tuple[int, int, int]]:
    """So many beats as a short bar and whole ones after it."""
    short = beats % bar
    first = [(tick, short, 4)] if short else []
    return first + ([(tick + short * TICKS_PER_BEAT, bar, 4)] if beats >= bar else [])


def _signatures(downbeats: Sequence[int], lead: int, bar: int) -> list[tuple[int, int, int]]:
    """A time signature for each bar from the first downbeat on; the last may be cut, and is of the metre."""
    if not downbeats:
        return [(lead, bar, 4)]
    lengths = [later - earlier for earlier, later in pairwise(downbeats)]
    return [
        (lead + first * TICKS_PER_BEAT, length, 4)
        for first, length in zip(downbeats, [*lengths, bar], strict=True)
    ]


def _changes(signatures: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Only those that differ from the one before."""
    kept: list[tuple[int, int, int]] = []
    for tick, beats, unit in signatures:
        if not kept or kept[-1][1:] != (beats, unit):
            kept.append((tick, min(beats, 255), unit))
    return kept


def _tempo(seconds: float) -> int:
    return min(_MOST_TEMPO, max(1, round(seconds * 1e6)))


def _chords(readings: Readings, grid: Grid) -> list[tuple[int, mido.Message]]:
    """Each chord as a marker and its notes, in root position."""
    events: list[tuple[int, mido.Message]] = []
    for chord in readings.chords:
        start, end = grid.tick_of(chord.start_s), grid.tick_of(chord.end_s)
        events.append((start, mido.MetaMessage("marker", text=chord.label)))
        for note in notes_of(chord.label) if end > start else ():
            events.append((start, mido.Message("note_on", note=note, velocity=_CHORD_VELOCITY)))
            events.append((end, mido.Message("note_off", note=note, velocity=0)))
    return events


def notes_of(label: str) -> list[int]:
    """MIDI notes of a chord as it is written; none for "N" or what is no chord."""
    found = _CHORD.match(label)
    if found is None:
        return []
    letter, sign, kind, bass, bass_sign = found.groups()
    steps = _KINDS.get(kind) or _KINDS["m" if kind.startswith("m") and not kind.startswith("maj") else ""]
    root = _CHORD_ROOT + (_STEPS[letter] + _SIGNS[sign]) % 12
    notes = [root + step for step in steps]
    if bass:
        notes.insert(0, _CHORD_ROOT - 12 + (_STEPS[bass] + _SIGNS[bass_sign or ""]) % 12)
    return notes


def _click(grid: Grid) -> list[tuple[int, mido.Message]]:
    events: list[tuple[int, mido.Message]] = []
    for tick, is_downbeat in grid.beats:
        note, velocity = (_DOWNBEAT_NOTE, 112) if is_downbeat else (_BEAT_NOTE, 80)
        about = {"note": note, "channel": CLICK_CHANNEL}
        events.append((tick, mido.Message("note_on", velocity=velocity, **about)))
        events.append((tick + _CLICK_TICKS, mido.Message("note_off", velocity=0, **about)))
    return events


def _track(name: str, events: list[tuple[int, mido.Message]], end: int) -> mido.MidiTrack:
    """Events at ticks as the distances that a file holds; what ends goes before what begins at that tick."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    now = 0
    for tick, message in sorted(events, key=lambda event: (event[0], event[1].type != "note_off")):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - now)))
    return track
