"""Chords and sections as rows that a person edits: each goes on until the next begins. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TypeVar

from sfa.analysis.rows import Beat
from sfa.corrections import grammar
from sfa.corrections.grid import nearest, period_at
from sfa.corrections.rows import Span
from sfa.errors import Refused

Value = TypeVar("Value")
_MOST = 5000
_SHORTEST_S = 0.02


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the editor, as it was written."""

    start: str
    label: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The editor: rows, and where the last one ends."""

    rows: tuple[Row, ...]
    end: str


def draft_of(spans: Sequence[Span], *, end_s: float, gap: str) -> Draft:
    """Spans for the editor; what lies between two of them becomes a row of its own, named `gap`."""
    rows: list[Row] = []
    behind_s: float | None = None
    for span in spans:
        if behind_s is not None and span.start_s - behind_s > _SHORTEST_S:
            rows.append(Row(grammar.clock(behind_s), gap))
        rows.append(Row(grammar.clock(span.start_s), span.label))
        behind_s = span.end_s
    rows = rows or [Row(grammar.clock(0), gap)]
    return Draft(tuple(rows), grammar.clock(end_s if behind_s is None else min(behind_s, end_s)))


def bounded(draft: Draft) -> Draft:
    """The draft, if an editor can show it.

    Raises
    ------
    Refused
        When it has too many rows.
    """
    if len(draft.rows) > _MOST:
        raise Refused(
            f"These are {len(draft.rows):,} rows, and {_MOST:,} are the most.",
            fix="Merge some, or delete some.",
        )
    return draft


def borders_of(spans: Sequence[Span]) -> dict[str, float]:
    """The borders of spans by how they are written: what was not touched stays exactly where it is."""
    return {grammar.clock(at_s): at_s for span in spans for at_s in (span.end_s, span.start_s)}


def spans_of(
    draft: Draft,
    *,
    end_s: float,
    known: Mapping[str, float],
    beats: Sequence[Beat],
    snap: bool,
    label: Callable[[str], str],
) -> tuple[Span, ...]:
    """What a draft says, checked and, if wanted, with the borders that are not `known` on beats.

    Raises
    ------
    Refused
        When something of it cannot be so; the sentence names the row.
    """
    if not draft.rows:
        raise Refused("There is not one row left.", fix="Keep one, or restore what was detected.")
    time = partial(_time, end_s=end_s, known=known)
    starts = [_in_row(n, time, row.start) for n, row in enumerate(draft.rows, 1)]
    labels = [_in_row(n, label, row.label) for n, row in enumerate(draft.rows, 1)]
    borders = [*starts, time(draft.end)]
    _check_order(borders)
    if snap:
        moved = {index for index, row in enumerate(draft.rows) if row.start.strip() not in known}
        borders = snapped(borders, beats, moved)
    return tuple(
        Span(start_s, stop_s, name)
        for start_s, stop_s, name in zip(borders, borders[1:], labels, strict=False)
    )


def snapped(borders: Sequence[float], beats: Sequence[Beat], moved: Collection[int]) -> list[float]:
    """Borders, those that were moved on the nearest beat, unless another border is there already."""
    out = list(borders)
    for index in moved if beats else ():
        beat = nearest(beats, out[index])
        at_s = beats[beat].at_s
        is_near = abs(at_s - out[index]) <= period_at(beats, beat) / 2
        least_s = out[index - 1] + _SHORTEST_S if index else 0.0
        if is_near and out[index] > 0 and least_s <= at_s <= out[index + 1] - _SHORTEST_S:
            out[index] = at_s
    return out


def split(draft: Draft, row: int, at: str, *, end_s: float, beats: Sequence[Beat]) -> Draft:
    """Two rows of one: at a time within it, or else in its middle, on a beat where there is one."""
    start_s = grammar.time(draft.rows[row].start, end_s=end_s)
    after = draft.rows[row + 1].start if row + 1 < len(draft.rows) else draft.end
    stop_s = grammar.time(after, end_s=end_s)
    wanted_s = grammar.time(at, end_s=end_s) if at.strip() else -1.0
    middle_s = wanted_s if start_s < wanted_s < stop_s else (start_s + stop_s) / 2
    middle_s = snapped([start_s, middle_s, stop_s], beats, {1})[1]
    new = replace(draft.rows[row], start=grammar.clock(middle_s))
    return replace(draft, rows=(*draft.rows[: row + 1], new, *draft.rows[row + 1 :]))


def add(draft: Draft, at: str, *, end_s: float, beats: Sequence[Beat]) -> Draft:
    """A border at a time: the row that goes on there becomes two."""
    at_s = grammar.time(at, end_s=end_s)
    starts = [grammar.time(row.start, end_s=end_s) for row in draft.rows]
    row = max((index for index, start_s in enumerate(starts) if start_s <= at_s), default=None)
    if row is None:
        return replace(draft, rows=(Row(grammar.clock(at_s), draft.rows[0].label), *draft.rows))
    return split(draft, row, at, end_s=end_s, beats=beats)


def merge(draft: Draft, row: int) -> Draft:
    """A row and the next become one, with the first one's name."""
    return replace(draft, rows=(*draft.rows[: row + 1], *draft.rows[row + 2 :]))


def delete(draft: Draft, row: int) -> Draft:
    """One row less: the one before it goes on, or the next begins earlier."""
    rows = list(draft.rows)
    gone = rows.pop(row)
    if row == 0 and rows:
        rows[0] = replace(rows[0], start=gone.start)
    return replace(draft, rows=tuple(rows))


def _check_order(borders: Sequence[float]) -> None:
    for n, (start_s, stop_s) in enumerate(pairwise(borders), 1):
        if stop_s - start_s < _SHORTEST_S:
            where = "the end" if n == len(borders) - 1 else f"row {n + 1}, at {grammar.clock(stop_s)},"
            raise Refused(
                f"Row {n} begins at {grammar.clock(start_s)}, and {where} does not come after it.",
                fix="Put the times in order; what is too short can be deleted.",
            )


def _time(text: str, *, end_s: float, known: Mapping[str, float]) -> float:
    at_s = known.get(text.strip())
    return grammar.time(text, end_s=end_s) if at_s is None else at_s


def _in_row(n: int, read: Callable[[str], Value], text: str) -> Value:
    try:
        return read(text)
    except Refused as error:
        raise Refused(f"Row {n}: {error}", fix=error.fix) from error
