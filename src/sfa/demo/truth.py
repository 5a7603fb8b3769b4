"""What is true of a composed song, for readings to be held against."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from sfa.demo.form import SAMPLE_RATE, Form
from sfa.demo.theory import PITCH_NAMES, camelot

TITLE = "Lead to Gold"
ARTIST = "Sound Forge Alchemy"

Span = tuple[float, float, str]  # start in seconds, end in seconds, label


@dataclass(frozen=True, slots=True)
class Key:
    tonic: str  # spelt with sharps: "A#", never "Bb"
    mode: str
    camelot: str


@dataclass(frozen=True, slots=True)
class Truth:
    """Spans of chords and of sections cover the recording without gaps; the last ones hold the ring-out."""

    title: str
    artist: str
    bpm: float
    beats_per_bar: int
    key: Key
    tuning_hz: float
    beats_s: tuple[float, ...]
    downbeats_s: tuple[float, ...]
    chords: tuple[Span, ...]
    sections: tuple[Span, ...]
    duration_s: float


def truth_of(form: Form) -> Truth:
    beats = [form.beat_s(beat) for beat in range(len(form.bars) * form.beats_per_bar)]
    duration_s = form.frames / SAMPLE_RATE
    return Truth(
        title=TITLE,
        artist=ARTIST,
        bpm=form.bpm,
        beats_per_bar=form.beats_per_bar,
        key=Key(PITCH_NAMES[form.tonic], form.mode, camelot(form.tonic, form.mode)),
        tuning_hz=form.tuning_hz,
        beats_s=tuple(beats),
        downbeats_s=tuple(beats[:: form.beats_per_bar]),
        chords=_spans(form, [(bar.chord.label, 0) for bar in form.bars], duration_s),
        sections=_spans(form, [(bar.section, bar.turn) for bar in form.bars], duration_s),
        duration_s=duration_s,
    )


def _spans(form: Form, labels: list[tuple[str, int]], duration_s: float) -> tuple[Span, ...]:
    """Join neighbouring bars of equal label; the number keeps two turns of a section apart."""
    starts: list[tuple[float, str]] = []
    bar = 0
    for (label, _), run in groupby(labels):
        starts.append((form.beat_s(bar * form.beats_per_bar), label))
        bar += len(list(run))
    ends = [*(start for start, _ in starts[1:]), duration_s]
    return tuple((start, end, label) for (start, label), end in zip(starts, ends, strict=True))
