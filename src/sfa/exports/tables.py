"""Readings as CSV (RFC 4180), for spreadsheets and other people's programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping

from sfa.analysis import Readings

Row = tuple[object, ...]


def _beats(readings: Readings) -> Iterable[Row]:
    yield "beat", "at_s", "bar", "position"
    bar = 0
    for number, beat in enumerate(readings.beats, 1):
        bar += beat.position == 1
        yield number, f"{beat.at_s:.6f}", bar if beat.position else "", beat.position or ""


def _chords(readings: Readings) -> Iterable[Row]:
    yield "start_s", "end_s", "label", "confidence"
    for chord in readings.chords:
        yield f"{chord.start_s:.4f}", f"{chord.end_s:.4f}", _text(chord.label), round(chord.confidence, 3)


def _sections(readings: Readings) -> Iterable[Row]:
    yield "start_s", "end_s", "label", "group", "confidence"
    for one in readings.sections:
        times = f"{one.start_s:.4f}", f"{one.end_s:.4f}"
        yield *times, _text(one.label), one.group_n, round(one.confidence, 3)


TABLES: Mapping[str, Callable[[Readings], Iterable[Row]]] = {
    "beats": _beats,
    "chords": _chords,
    "sections": _sections,
}


def table(readings: Readings, name: str) -> str:
    """One of `TABLES` with a line of headings; bar 0 is what stands before the first downbeat."""
    out = io.StringIO()
    csv.writer(out).writerows(TABLES[name](readings))
    return out.getvalue()


def _text(label: str) -> str:
    """A label that a spreadsheet will not take for a formula."""
    return f"'{label}" if label[:1] in {"=", "+", "-", "@", "\t"} else label
