"""From what was heard to what a musician asks: beats, bars, key, chords, sections, each from those before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sfa.readings import bars as bars_
from sfa.readings import beats as beats_
from sfa.readings import chords as chords_
from sfa.readings import key as key_
from sfa.readings import sections as sections_
from sfa.readings import tempo as tempo_
from sfa.readings.bars import Bars, Metre
from sfa.readings.beats import Beats
from sfa.readings.chords import Chord, ChordPath, Stretches
from sfa.readings.chroma import Notes, Tuning, explain, find_tuning, stretch_spectra, tuned_share
from sfa.readings.key import Key
from sfa.readings.likeness import Likeness, read_likeness
from sfa.readings.listening import FINE_HOP_S, HOP_S, RATE_HZ, Heard
from sfa.readings.names import MIXED, note_names
from sfa.readings.reading import Reading, not_taken
from sfa.readings.sections import Section
from sfa.readings.spectra import decibels
from sfa.readings.tempo import Tempo

Array = npt.NDArray[np.float64]
Progress = Callable[[float, str], None]

QUIETER_DB, SILENT_DB = 45.0, -70.0
FASTEST_BPM = 200.0
BARLESS_S, LONG_BAR_S, BEATS_WITHOUT_METRE = 2.0, 3.3, 4
BASS_IN_HARMONY, BASS_IN_KEY = 0.7, 0.5
MFCC_OF_TIMBRE, LEVEL_WEIGHT = slice(1, 14), 3.0


@dataclass(frozen=True, slots=True)
class Music:
    tempo: Reading[Tempo]
    beats: Reading[Beats]
    metre: Reading[Metre]
    key: Reading[Key]
    chords: Reading[list[Chord]]
    sections: Reading[list[Section]]
    likeness: Likeness | None  # None where it is silent or too short to resemble itself
    tuning: Tuning


@dataclass(frozen=True, slots=True)
class _Pulse:
    times_s: Array
    tempo: Reading[Tempo]
    steadiness: float


def read_music(heard: Heard, progress: Progress = lambda _done, _note: None) -> Music:
    """Take the readings that build on one another; `progress` gets the share done and what comes next."""
    sounding = sounding_span(heard)
    if sounding is None:
        return _silent()
    progress(0.0, "finding the beat")
    pulse = _pulse(heard, sounding)
    progress(0.3, "finding the notes")
    tuning = find_tuning(heard.pitch)
    stretches = chords_.cut(pulse.times_s, heard.duration_s)
    notes = _notes(heard, tuning, stretches)
    progress(0.6, "finding the bars")
    path = chords_.find_chords(notes, change=chords_.costs_of_change(stretches, []), key=None)
    bars = _bars(heard, pulse.times_s, stretches, notes, path)
    progress(0.7, "finding the key")
    change = chords_.costs_of_change(stretches, bars.positions)
    path = chords_.find_chords(notes, change=change, key=None)
    key = _key(heard, tuning, stretches, notes, path)
    progress(0.8, "naming the chords")
    in_key = None if key.value is None else (key.value.pitch_class, key.value.mode)
    path = chords_.find_chords(notes, change=change, key=in_key)
    names = MIXED if in_key is None else note_names(*in_key)
    progress(0.9, "finding the sections")
    return Music(
        tempo=pulse.tempo,
        beats=beats_.read_beats(
            pulse.times_s, bars.positions, sure_of_tempo=pulse.tempo.confidence, steadiness=pulse.steadiness
        ),
        metre=bars.metre,
        key=key,
        chords=chords_.read_chords(path, stretches.edges_s, names, steady=len(pulse.times_s) > 0),
        sections=_sections(heard, _bar_edges(pulse.times_s, bars, sounding), stretches, notes),
        likeness=_likeness(heard, stretches, notes),
        tuning=tuning,
    )


def sounding_span(heard: Heard) -> tuple[float, float] | None:
    """From where to where the sound is more than silence, seconds; None when it never is."""
    level = decibels(heard.timbre.rms.astype(np.float64) ** 2)
    loud = np.flatnonzero(level > max(float(level.max(initial=-120.0)) - QUIETER_DB, SILENT_DB))
    if len(loud) == 0:
        return None
    return float(loud[0] - 1) * HOP_S, float(loud[-1] + 1) * HOP_S


def _silent() -> Music:
    reason = f"The sound is silent, or quieter than {SILENT_DB:.0f} dBFS."
    return Music(
        tempo=not_taken(reason, method=tempo_.METHOD),
        beats=not_taken(reason, method=beats_.METHOD),
        metre=not_taken(reason, method=bars_.METHOD),
        key=not_taken(reason, method=key_.METHOD),
        chords=not_taken(reason, method=chords_.METHOD),
        sections=not_taken(reason, method=sections_.METHOD),
        likeness=None,
        tuning=Tuning(a4_hz=440.0, semitones=0.0, clarity=0.0),
    )


def _pulse(heard: Heard, sounding: tuple[float, float]) -> _Pulse:
    bands = tempo_.onset_strength(heard.pulse.rise, FINE_HOP_S)
    period = tempo_.find_period(bands, FINE_HOP_S)
    if isinstance(period, str):
        return _Pulse(np.empty(0), not_taken(period, method=tempo_.METHOD), 0.0)
    grid = beats_.track_beats(bands.mean(axis=1), period.path_s, hop_s=FINE_HOP_S, sounding=sounding)
    if 2 * period.bpm < FASTEST_BPM and beats_.kick_is_between(grid.times_s, bands[:, 0], FINE_HOP_S):
        faster = tempo_.find_period(bands, FINE_HOP_S, near_bpm=2 * period.bpm)
        if not isinstance(faster, str):
            period = faster
            grid = beats_.track_beats(bands.mean(axis=1), period.path_s, hop_s=FINE_HOP_S, sounding=sounding)
    tempo = tempo_.read_tempo(grid.times_s, period, steadiness=grid.steadiness)
    return _Pulse(grid.times_s if tempo.value else np.empty(0), tempo, grid.steadiness)


def _notes(heard: Heard, tuning: Tuning, stretches: Stretches) -> Notes:
    spectra = stretch_spectra(heard.pitch.cqt, stretches.edges_s, HOP_S)
    tonal = tuned_share(heard.pitch, tuning, stretches.edges_s, HOP_S)
    return explain(spectra, tuning, tonal, RATE_HZ)


def _bars(heard: Heard, times_s: Array, stretches: Stretches, notes: Notes, path: ChordPath) -> Bars:
    harmony = np.concatenate([notes.treble, BASS_IN_HARMONY * notes.bass], axis=1)
    harmony[path.states == chords_.NONE] = 0.0
    begins = np.flatnonzero(stretches.beat >= 0)
    by_beat = np.zeros((len(times_s), harmony.shape[1]))
    if len(begins):
        ends = np.append(begins[1:], len(harmony))
        sums = np.add.reduceat(harmony, begins, axis=0)
        by_beat[stretches.beat[begins]] = sums / (ends - begins)[:, None]
    return bars_.find_bars(times_s, heard.pulse.rise, FINE_HOP_S, by_beat)


def _key(heard: Heard, tuning: Tuning, stretches: Stretches, notes: Notes, path: ChordPath) -> Reading[Key]:
    length = np.diff(stretches.edges_s)
    lasting, all_power = (
        _between(power, stretches.edges_s)
        for power in (heard.timbre.harmonic, heard.timbre.harmonic + heard.timbre.percussive)
    )
    weight = length * np.clip(notes.tonal, 0, 1) * lasting / np.maximum(all_power, 1e-12)
    heaviest = weight.sum() / max(float(length.sum()), 1e-9)
    tones = weight @ (notes.treble + BASS_IN_KEY * notes.bass)
    shares, ends = chords_.triad_shares(path, stretches.edges_s)
    return key_.read_key(tones, heard.duration_s, tuning, shares, ends, lasting=float(heaviest))


def _between(values: npt.NDArray[np.float32], edges_s: Array) -> Array:
    """Sum of a frame-wise quantity from each edge to the next."""
    frame = np.clip(np.round(edges_s / HOP_S).astype(np.int64), 0, len(values))
    running = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray(
        running[np.maximum(frame[1:], np.minimum(frame[:-1] + 1, len(values)))] - running[frame[:-1]]
    )


def _bar_edges(times_s: Array, bars: Bars, sounding: tuple[float, float]) -> Array:
    """Ends of the bars within what sounds; four beats each without a metre, two seconds without beats.

    Bars longer than `LONG_BAR_S` are halved: a slow bar holds as much music as two quick ones.
    """
    start, end = max(0.0, sounding[0]), sounding[1]
    if len(times_s) == 0:
        return np.arange(start, end + BARLESS_S / 2, BARLESS_S)
    size, down = BEATS_WITHOUT_METRE, np.arange(0, len(times_s), BEATS_WITHOUT_METRE)
    if bars.metre.value:
        size, down = bars.metre.value.beats_per_bar, np.flatnonzero(np.array(bars.positions) == 1)
    inside = times_s[down][times_s[down] < end - 0.3]
    if len(inside) == 0:
        return np.empty(0)
    bar_s = size * float(np.median(np.diff(times_s)))
    before = np.arange(inside[0] - bar_s, start - 0.25 * bar_s, -bar_s)[::-1]
    edges = np.concatenate([before, inside, [min(end + 0.1, inside[-1] + bar_s)]])
    return np.sort(np.concatenate([edges, 0.5 * (edges[1:] + edges[:-1])])) if bar_s > LONG_BAR_S else edges


def _sections(heard: Heard, edges_s: Array, stretches: Stretches, notes: Notes) -> Reading[list[Section]]:
    if len(edges_s) < 2:
        return sections_.read_sections(edges_s, np.empty((0, 1)), np.empty((0, 1)), end_s=heard.duration_s)
    middle = 0.5 * (stretches.edges_s[:-1] + stretches.edges_s[1:])
    harmony = _rows_between(np.concatenate([notes.treble, notes.bass], axis=1), middle, edges_s)
    return sections_.read_sections(edges_s, harmony, _timbre(heard, edges_s), end_s=heard.duration_s)


def _likeness(heard: Heard, stretches: Stretches, notes: Notes) -> Likeness | None:
    harmony = np.concatenate([notes.treble, notes.bass], axis=1)
    timbre = _timbre(heard, stretches.edges_s)
    return read_likeness(stretches.edges_s, harmony, timbre, duration_s=heard.duration_s)


def _timbre(heard: Heard, edges_s: Array) -> Array:
    """Mean MFCC and level between neighbouring edges."""
    level = decibels(heard.timbre.rms.astype(np.float64) ** 2, -80)[:, None] * LEVEL_WEIGHT
    frames = np.concatenate([heard.timbre.mfcc[:, MFCC_OF_TIMBRE], level], axis=1).astype(np.float64)
    return _rows_between(frames, np.arange(len(frames), dtype=np.float64) * HOP_S, edges_s)


def _rows_between(rows: Array, times_s: Array, edges_s: Array) -> Array:
    """Mean of the rows whose time lies between neighbouring edges; zero where there are none."""
    at = np.searchsorted(times_s, edges_s)
    running = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    return np.asarray((running[at[1:]] - running[at[:-1]]) / np.maximum(at[1:] - at[:-1], 1)[:, None])
