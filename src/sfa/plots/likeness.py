"""The song against itself: what comes again, and where it turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sfa.analysis.rows import Section
from sfa.names import clock
from sfa.plots import png
from sfa.plots.drawing import Moment, Panel, Read, Table, listed
from sfa.plots.series import Series, mean

ALONE = 0.4
SLIP_S = 2.0
SAME = 0.7
_MOST_NAMED = 3
_MOST_COMPARED = 24  # with all others: each with each would be minutes for a long set
_GAMMA = 1.15

HOW = (
    "Both ways is time: each point tells how alike the sound is at the moment below it and at the moment "
    "beside it. A bright square is a part that stays the same; a stripe beside the diagonal is something "
    "that comes again; a dark cross is a part that stands alone. A click goes to the time below the "
    "pointer."
)


def picture(likeness: Series, ramp: str) -> bytes:
    """Time from left to right and from top to bottom."""
    bent = png.shades(range(png.SHADES), low=0, high=png.SHADES - 1, gamma=_GAMMA)
    rows = [bytes(map(int, row)).translate(bent) for row in likeness.rows]
    return png.paletted(rows, png.RAMPS[ramp])


def panel(track_id: UUID) -> Panel:
    return Panel(
        "Likeness",
        size="square",
        picture=f"/tracks/{track_id}/plots/likeness/picture?",
        reads=[Read("likeness", says="alike")],
    )


def between(likeness: Series, one: Section, other: Section) -> float:
    """How alike two sections are, 0..1: the shorter one anywhere in the longer, borders a bar off at most."""
    cells = len(likeness.rows)
    longer, shorter = sorted((one, other), key=_length, reverse=True)
    length = round(_length(shorter) / likeness.hop_s)
    first, second = round(longer.start_s / likeness.hop_s), round(shorter.start_s / likeness.hop_s)
    reach, spare = (
        round(SLIP_S / likeness.hop_s),
        round((_length(longer) - _length(shorter)) / likeness.hop_s),
    )
    best = 0.0
    for slip in range(-reach, reach + spare + 1):
        places = range(max(0, -first - slip), min(length, cells - first - slip, cells - second))
        along = [likeness.rows[first + slip + i][second + i] for i in places]
        best = max(best, mean(along) / 255 if along else 0.0)
    return best


def _length(section: Section) -> float:
    return section.end_s - section.start_s


def finding(likeness: Series, sections: Sequence[Section]) -> str:
    """The form, what returns, and what stands alone."""
    if len(sections) < 2:
        return "It has no borders that stand out: the whole is one piece, or changes all the time."
    groups = defaultdict[int, list[Section]](list)
    for one in sections:
        groups[one.group_n].append(one)
    said = [f"The form is {' '.join(one.label for one in sections)}."] if len(sections) <= 16 else []
    back = [group for group in groups.values() if len(group) > 1]
    said.append(_returns(likeness, back) if back else "No part comes again.")
    once = [group[0] for group in groups.values() if len(group) == 1]
    compared = sorted(sorted(once, key=_length)[-_MOST_COMPARED:], key=lambda one: one.start_s)
    alone = [one for one in compared if _is_alone(likeness, one, sections)]
    if alone and len(groups) > 1:
        names = [f"{one.label} at {clock(one.start_s)}" for one in alone[:_MOST_NAMED]]
        said.append(f"{listed(names)} {'are' if len(names) > 1 else 'is'} like nothing else in it.")
    if len(once) > len(compared):
        many = f"Of the {len(once)} parts that come once, the {len(compared)} longest"
        said.append(f"{many} were compared with all others.")
    return " ".join(said)


def _returns(likeness: Series, groups: Sequence[Sequence[Section]]) -> str:
    """When each part comes again, and what is least like its first time."""
    times = [f"at {listed([clock(one.start_s) for one in group[1:5]])}" for group in groups[:_MOST_NAMED]]
    others = [f"{group[0].label} {when}" for group, when in zip(groups[1:], times[1:], strict=False)]
    said = ", ".join([f"{groups[0][0].label} comes again {times[0]}", *others])
    alike = [(between(likeness, group[0], one), one) for group in groups for one in group[1:]]
    least, changed = min(alike, key=lambda pair: pair[0])
    if least > SAME:
        return f"{said}: {'each ' if len(alike) > 1 else ''}nearly the same as before."
    return f"{said}. {changed.label} at {clock(changed.start_s)} is changed most."


def _is_alone(likeness: Series, one: Section, sections: Sequence[Section]) -> bool:
    return all(between(likeness, one, other) < ALONE for other in sections if other is not one)


def moments(sections: Sequence[Section]) -> list[Moment]:
    return [Moment(one.start_s, one.label) for one in sections[:24]]


def table(likeness: Series) -> Table:
    """The whole map; the first column and the header are seconds."""
    at = [f"{likeness.start_s + i * likeness.hop_s:.2f}" for i in range(len(likeness.rows))]
    return Table(
        ("at_s", *at),
        ((at[i], *(f"{value / 255:.3f}" for value in row)) for i, row in enumerate(likeness.rows)),
    )
