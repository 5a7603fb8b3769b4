"""What a plot is made of, for templates to draw: panels in time, lines as paths, ticks in per cent.

Paths are in a square of 1000 by 100 that the page stretches; everything that
must not be stretched, letters above all, is placed in per cent.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from uuid import UUID

from sfa.analysis.rows import Section
from sfa.names import clock

WIDE, HIGH = 1000.0, 100.0
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_NARROWEST = 0.05  # of the width: a section slimmer than this shows its colour and no letter

Point = tuple[float, float]  # x of 1000, y of 100 from above


@dataclass(frozen=True, slots=True)
class Tick:
    at: float  # per cent from the left, or from above
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    kind: str  # how it looks: a class of css/plots.css
    path: str
    stem: str = ""  # whose colour it has


@dataclass(frozen=True, slots=True)
class Level:
    """A value that goes across, with its name."""

    kind: str
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of values, or of the x-axis, that is shaded."""

    kind: str
    start: float
    size: float


@dataclass(frozen=True, slots=True)
class Mark:
    kind: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places: `high` is on top."""

    low: float
    high: float
    bend: Callable[[float], float] = float  # what makes distances even: log2 for pitches

    def y(self, value: float) -> float:
        """Per cent from above; what lies beyond the scale sits at its edge."""
        low, high = self.bend(self.low), self.bend(self.high)
        # Bent afterwards: a centroid of silence is 0 Hz, which has no logarithm.
        inside = self.bend(min(max(value, self.low), self.high))
        return round(HIGH * (1 - (inside - low) / (high - low or 1.0)), 2)

    def ticks(self, values: Iterable[float], word: Callable[[float], str]) -> list[Tick]:
        return [Tick(self.y(value), word(value)) for value in values if self.low <= value <= self.high]


@dataclass(frozen=True, slots=True)
class Read:
    """What is told of a moment that is pointed at: of a stored curve, or a column of the plot's numbers."""

    curve: str = ""
    column: str = ""
    word: str = ""  # what tells it from others of its panel
    unit: str = ""
    says: str = "value"  # how: see static/js/probe.js
    rows: Sequence[tuple[int, str]] = ()  # of a map, from the bottom up: the row of the curve, and its name


@dataclass(frozen=True, slots=True)
class Panel:
    """One field of a plot: a quantity over time."""

    title: str
    unit: str = ""
    size: str = ""  # low, tall
    ticks: Sequence[Tick] = ()
    lines: Sequence[Line] = ()
    levels: Sequence[Level] = ()
    bands: Sequence[Band] = ()
    marks: Sequence[Mark] = ()
    keys: Sequence[tuple[str, str]] = ()  # kinds of lines and their names
    picture: str = ""  # a heat map: its address, to which the ground is added
    reads: Sequence[Read] = ()

    @property
    def reads_facts(self) -> str:
        """The reads for a page: as JSON, without what is empty."""
        told = [{key: value for key, value in asdict(one).items() if value} for one in self.reads]
        return json.dumps(told, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A section, as the strip above a plot shows it."""

    start: float  # per cent
    size: float
    label: str  # empty where it does not fit
    group: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in the song worth going to."""

    at_s: float
    word: str


@dataclass(frozen=True, slots=True)
class Plot:
    track_id: UUID
    name: str
    title: str
    finding: str  # what it says, in a sentence or two
    how: str  # how to read it
    length_s: float
    panels: Sequence[Panel] = ()
    ticks: Sequence[Tick] = ()  # of the x-axis
    parts: Sequence[Part] = ()
    moments: Sequence[Moment] = ()
    note: str = ""  # what one should know before believing it


@dataclass(frozen=True, slots=True)
class Absent:
    """A plot that cannot be drawn, and why."""

    track_id: UUID
    name: str
    title: str
    reason: str


def path(points: Iterable[Point | None]) -> str:
    """An SVG path through the points; None lifts the pen."""
    out: list[str] = []
    down = False
    for point in points:
        if point is not None:
            out.append(f"{'L' if down else 'M'}{point[0]:.4g} {point[1]:.3g}")
        down = point is not None
    return "".join(out)


def area(points: Sequence[Point | None], ground: float = HIGH) -> str:
    """The same as a surface that stands on `ground`."""
    return "".join(path([(run[0][0], ground), *run, (run[-1][0], ground)]) + "Z" for run in _runs(points))


def _runs(points: Sequence[Point | None]) -> Iterable[list[Point]]:
    run: list[Point] = []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
        elif run:
            yield run
            run = []


def over_time(values: Sequence[float | None], scale: Scale) -> list[Point | None]:
    """Values of even columns as points in the columns' middles."""
    step = WIDE / max(len(values), 1)
    return [
        None if value is None else ((column + 0.5) * step, scale.y(value))
        for column, value in enumerate(values)
    ]


def percent(at_s: float, length_s: float) -> float:
    return round(100 * min(max(at_s / length_s, 0.0), 1.0), 3)


def times(length_s: float, most: int = 12) -> list[Tick]:
    """Marks of the time axis at whole steps, no more than so many."""
    step = next(
        (step for step in _STEPS_S if length_s / step <= most), math.ceil(length_s / most / 3600) * 3600
    )
    # One at the very end would stand half outside.
    return [Tick(percent(at, length_s), clock(at)) for at in range(0, int(length_s - 0.4 * step) + 1, step)]


def parts(sections: Sequence[Section], length_s: float) -> list[Part]:
    out = []
    for one in sections:
        size = percent(one.end_s, length_s) - percent(one.start_s, length_s)
        label = one.label if size >= 100 * _NARROWEST or len(one.label) == 1 else ""
        out.append(Part(percent(one.start_s, length_s), round(size, 3), label, one.group_n % 8))
    return out


def round_values(low: float, high: float, most: int) -> list[float]:
    """Round values between the ends, at steps of 1, 2 or 5 times a power of ten, no more than so many."""
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(power * by for by in (1, 2, 5, 10, 20) if span / (power * by) <= most)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 9) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def hertz(value: float) -> str:
    """A frequency as engineers write it on an axis: 63, 1k, 2.5k."""
    return f"{value / 1000:.3g}k" if value >= 1000 else f"{value:.3g}"


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def steps(values: Sequence[float]) -> list[float]:
    return [b - a for a, b in pairwise(values)]


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers behind a plot."""

    header: Sequence[str]
    rows: Iterable[Sequence[object]] = field(default_factory=list)
