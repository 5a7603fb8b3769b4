"""The plot of the notes and their key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sfa.analysis import KeyEvidence
from sfa.names import clock
from sfa.plots import png
from sfa.plots.drawing import HIGH, Line, Moment, Panel, Part, Read, Table, Tick, path, percent
from sfa.plots.series import Series
from sfa.plots.tonality import (
    MIXED,
    Fit,
    Stay,
    Tonality,
    by_fifths,
    fits_of,
    in_key,
    note_names,
    scaled,
    telling_notes,
)
from sfa.web.words import number

MOST_COLUMNS = 1200
_SHOWN = 5
_GAMMA = 1.4

HOW = (
    "Each row is a note, brighter where it sounds. Rows are a fifth apart, not a semitone: so the seven "
    "notes of a key are neighbours and make one bright belt, and a change of key shifts the belt up or "
    "down. The bars are how strong each note is over the whole song; the lines are what the winning key "
    "and the next one expect."
)


@dataclass(frozen=True, slots=True)
class Column:
    """One pitch class of the profile."""

    x: float  # per cent
    size: float
    y: float
    height: float
    name: str
    inside: bool  # of the key's signature
    x_middle: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What sounds against what two keys expect."""

    columns: Sequence[Column]
    lines: Sequence[Line]
    winner: Fit
    other: Fit
    ranked: Sequence[Fit]  # the winner, and the others as they fit
    read: Tonality  # what would hold without a correction


def panel(track_id: UUID, key: Tonality | None) -> Panel:
    order, names = by_fifths(key), note_names(key)
    inside = in_key(key) if key else set[int]()
    ticks = [
        Tick(
            round(HIGH * (1 - (place + 0.5) / 12), 2),
            names[note],
            "home" if key and note == key.tonic else "inside" if note in inside else "outside" if key else "",
        )
        for place, note in enumerate(order)
    ]
    return Panel(
        "Notes",
        "a fifth from row to row",
        "tall",
        ticks=ticks,
        picture=f"/tracks/{track_id}/plots/chroma/picture?lowest={order[0]}",
        reads=[Read("chroma", says="notes", rows=[(note, names[note]) for note in order])],
    )


def picture(chroma: Series, length_s: float, lowest: int, ramp: str) -> bytes:
    """Twelve rows, the pitch class `lowest` at the bottom and a fifth from each to the next above."""
    columns = chroma.columns(min(MOST_COLUMNS, len(chroma.rows[0])), length_s)
    rows = []
    for place in reversed(range(12)):
        values = chroma.joined((lowest + 7 * place) % 12, columns)
        rows.append(png.shades((value or 0.0 for value in values), low=0.0, high=1.0, gamma=_GAMMA))
    return png.paletted(rows, png.RAMPS[ramp])


def profile(evidence: KeyEvidence, key: Tonality) -> Profile:
    """The key that holds against the one that fits next best: it need not be the one that was read."""
    ranked = fits_of(evidence)
    winner = next(one for one in ranked if one.key == key)
    others = sorted((one for one in ranked if one.key != key), key=lambda one: -one.fit)
    other = others[0]
    order, names, inside = by_fifths(key), note_names(key), in_key(key)
    expected = [scaled(one.key.profile, evidence.strength) for one in (winner, other)]
    top = 1.05 * max(*evidence.strength, *expected[0], *expected[1])
    width = 100 / 12
    columns = []
    for place, note in enumerate(order):
        height = round(100 * evidence.strength[note] / top, 2)
        columns.append(
            Column(
                round((place + 0.16) * width, 3),
                round(0.68 * width, 3),
                round(100 - height, 2),
                height,
                names[note],
                note in inside,
                round((place + 0.5) * width, 3),
            )
        )
    lines = [
        Line(
            kind,
            path(
                [
                    ((place + 0.5) * 1000 / 12, 100 - 100 * values[note] / top)
                    for place, note in enumerate(order)
                ]
            ),
        )
        for kind, values in (("winner", expected[0]), ("runner", expected[1]))
    ]
    return Profile(columns, lines, winner, other, [winner, *others[: _SHOWN - 1]], ranked[0].key)


def finding(
    key: Tonality | None, evidence: KeyEvidence | None, stays: Sequence[Stay], *, by_hand: bool = False
) -> str:
    """Why it is this key, and where it leaves it."""
    if key is None:
        return "No key could be told from these notes."
    said = f"{key.name} was set by hand." if by_hand else f"The key is {key.name}."
    if evidence is not None:
        said = _why(profile(evidence, key), evidence, by_hand=by_hand)
    return f"{said} {_where(key, stays)}".strip()


def _why(found: Profile, evidence: KeyEvidence, *, by_hand: bool) -> str:
    winner, other = found.winner, found.other
    fits = f"{number(winner.fit, 2)} against {number(other.fit, 2)}"
    if by_hand:
        better = "also fit it best" if winner.key == found.read else f"fit {other.key.name} better"
        return f"{winner.key.name} was set by hand; the notes {better} ({fits})."
    if winner.fit < other.fit:
        return (
            f"The notes alone would fit {other.key.name} as well ({fits} for {winner.key.name}); "
            f"the chords decide, for they come back to {winner.key.name}."
        )
    said = f"{winner.key.name} fits best, before {other.key.name} ({fits})"
    names = note_names(winner.key)
    told = telling_notes(evidence.strength, winner.key, other.key)
    words = [f"{names[note]} is {'strong' if strong else 'hardly heard'}" for note, strong in told]
    return f"{said}: {' and '.join(words)}." if words else f"{said}."


def _where(key: Tonality, stays: Sequence[Stay]) -> str:
    away = [stay for stay in stays if stay.key != key]
    if not away:
        return "It never leaves the key." if stays else ""
    last = stays[-1]
    if len(away) == 1 and last is away[0]:
        return f"It modulates to {last.key.name} at {clock(last.start_s)} and stays there."
    told = [f"{stay.key.name} from {clock(stay.start_s)} to {clock(stay.end_s)}" for stay in away[:3]]
    more = f", and {len(away) - 3} more" if len(away) > 3 else ""
    return f"It modulates: {', '.join(told)}{more}."


def moments(key: Tonality | None, stays: Sequence[Stay]) -> list[Moment]:
    return [
        Moment(stay.start_s, f"{'back to ' if stay.key == key else ''}{stay.key.name}") for stay in stays[1:6]
    ]


def strip(stays: Sequence[Stay], key: Tonality, length_s: float) -> list[Part]:
    """In which key it is when, for the strip below the notes; the home key has group 0."""
    groups = {key: 0}
    return [
        Part(
            percent(stay.start_s, length_s),
            round(percent(stay.end_s, length_s) - percent(stay.start_s, length_s), 3),
            stay.key.name,
            groups.setdefault(stay.key, len(groups)),
        )
        for stay in stays
    ]


def table(chroma: Series, length_s: float) -> Table:
    """One row for each point of the curve, C first."""
    count = len(chroma.rows[0])
    columns = chroma.columns(count, length_s)
    rows = [chroma.joined(row, columns) for row in range(12)]
    step = length_s / count
    return Table(
        ("at_s", *MIXED),
        (
            (f"{(i + 0.5) * step:.3f}", *("" if value is None else f"{value:.3f}" for value in row))
            for i, row in enumerate(zip(*rows, strict=True))
        ),
    )
