"""Where in the spectrum each stem lives, and which of them meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sfa.plots import drawing
from sfa.plots.drawing import Band, Line, Panel, Scale, Table, Tick
from sfa.web.words import number

COUNT, FIRST = 30, 14  # third-octave bands of IEC 61260-1: 25 Hz to 20 kHz
RANGE_DB, MATTERS_DB = 50.0, 22.0
LEAST_SHARE, WIDTH, MOST_NAMED = 0.15, 3, 3
SHARE_OF_PEAK = 0.6
_NOMINAL = (25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800)
NOMINAL_HZ = (
    *_NOMINAL,
    1000,
    1250,
    1600,
    2000,
    2500,
    3150,
    4000,
    5000,
    6300,
    8000,
    10000,
    12500,
    16000,
    20000,
)
_AXIS = {31.5: "31", 63: "63", 125: "125", 250: "250", 500: "500", 1000: "1k", 2000: "2k", 4000: "4k"}
_NAMES = {**_AXIS, 8000: "8k", 16000: "16k"}

HOW = (
    "Each line is one stem's mean level in thirds of an octave, on one scale: where a line is on top, "
    "that stem is what one hears there. A shaded stretch is where two stems sound at the same time and "
    "about as loud. There one hides the other: cut one of them a little in that range, or move it to "
    "another octave."
)


@dataclass(frozen=True, slots=True)
class StemSpectrum:
    name: str
    level_db: list[float]  # (30,)


@dataclass(frozen=True, slots=True)
class StemMeeting:
    stem: str
    other: str
    share: list[float]  # (30,): how much of what sounds is both at once


@dataclass(frozen=True, slots=True)
class Clash:
    """Where two stems meet most."""

    stem: str
    other: str
    first: int  # bands, both inclusive
    last: int
    share: float

    @property
    def place(self) -> str:
        """Where it is, as in "they meet between 400 and 630 Hz"."""
        low, high = NOMINAL_HZ[self.first], NOMINAL_HZ[self.last]
        if low == high:
            return f"around {_hz(low)}"
        if (low < 1000) != (high < 1000):
            return f"between {_hz(low)} and {_hz(high)}"
        return f"between {_hz(low).split()[0]} and {_hz(high)}"


def _hz(value: float) -> str:
    return f"{value / 1000:g} kHz" if value >= 1000 else f"{value:g} Hz"


def clashes(spectra: Sequence[StemSpectrum], meetings: Sequence[StemMeeting]) -> list[Clash]:
    """The stretch of bands in which each two stems meet most; those that matter, the worst first.

    Only bands within 22 dB of the loudest count: what nobody hears hides nothing. A stretch
    begins as the best three bands and grows while its neighbours have more than half of that share.
    """
    if not spectra:
        return []
    whole = [10 * math.log10(sum(10 ** (one.level_db[n] / 10) for one in spectra)) for n in range(COUNT)]
    counts = [level > max(whole) - MATTERS_DB for level in whole]
    found = []
    for one in meetings:
        share = [value if counts[n] else 0.0 for n, value in enumerate(one.share)]
        start = max(range(COUNT - WIDTH + 1), key=lambda n: sum(share[n : n + WIDTH]))
        peak = sum(share[start : start + WIDTH]) / WIDTH
        if peak < LEAST_SHARE:
            continue
        first, last = start, start + WIDTH - 1
        while first > 0 and share[first - 1] > SHARE_OF_PEAK * peak:
            first -= 1
        while last < COUNT - 1 and share[last + 1] > SHARE_OF_PEAK * peak:
            last += 1
        while share[first] < SHARE_OF_PEAK * peak:
            first += 1
        while share[last] < SHARE_OF_PEAK * peak:
            last -= 1
        found.append(
            Clash(one.stem, one.other, first, last, sum(share[first : last + 1]) / (last - first + 1))
        )
    return sorted(found, key=lambda clash: -clash.share)


def finding(found: Sequence[Clash], spectra: Sequence[StemSpectrum]) -> str:
    """Which two stems meet in which band."""
    if not found:
        return "The stems keep out of each other's way: nowhere do two of them sound equally loud for long."
    worst = found[0]
    said = (
        f"{worst.stem.capitalize()} and {worst.other} meet most, {worst.place}: "
        f"{number(100 * worst.share, 0)} % of what sounds there is both at once and equally loud, "
        "so one hides the other."
    )
    if len(found) > 1:
        next_ = found[1]
        said += f" Next are {next_.stem} and {next_.other}, {next_.place}."
    return said


def panel(spectra: Sequence[StemSpectrum], found: Sequence[Clash]) -> Panel:
    top = max(max(one.level_db) for one in spectra)
    scale = Scale(math.floor((top - RANGE_DB) / 10) * 10, math.ceil((top + 1) / 5) * 5)
    lines = []
    for one in spectra:
        points = [
            (_x(n), scale.y(level)) if level > scale.low else None for n, level in enumerate(one.level_db)
        ]
        lines += [Line("ground", drawing.area(points), one.name), Line("bold", _smooth(points), one.name)]
    width = 100 / COUNT
    return Panel(
        "Level",
        "dB per third of an octave",
        "tall",
        ticks=scale.ticks(drawing.round_values(scale.low, scale.high, 6), lambda value: number(value, 0)),
        # Lines above surfaces, whosever they are.
        lines=sorted(lines, key=lambda line: line.kind == "bold"),
        bands=[
            Band("meeting", round(one.first * width, 3), round((one.last - one.first + 1) * width, 3))
            for one in found[:MOST_NAMED]
        ],
    )


def ticks() -> list[Tick]:
    return [Tick(round(_x(NOMINAL_HZ.index(hz)) / 10, 3), word) for hz, word in _NAMES.items()]


def _x(band: int) -> float:
    return (band + 0.5) * drawing.WIDE / COUNT


def _smooth(points: Sequence[drawing.Point | None]) -> str:
    """A curve through the points that never overshoots them, so that no peak is drawn that is not there.

    Source
    ------
    F. N. Fritsch, J. Butland, "A method for constructing local monotone piecewise cubic interpolants", 1984.
    """
    known = [point for point in points if point is not None]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(known)]
    turns = [0.0, *(2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(slopes)), 0.0]
    out = drawing.path(known[:1])
    for (a, b), leave, arrive in zip(pairwise(known), turns, turns[1:], strict=False):
        third = (b[0] - a[0]) / 3
        bends = (
            f"{a[0] + third:.4g} {a[1] + third * leave:.4g} {b[0] - third:.4g} {b[1] - third * arrive:.4g}"
        )
        out += f"C{bends} {b[0]:.4g} {b[1]:.4g}"
    return out


def table(spectra: Sequence[StemSpectrum], meetings: Sequence[StemMeeting]) -> Table:
    pairs = [f"{one.stem}_and_{one.other}" for one in meetings]
    return Table(
        ("band_hz", *(f"{one.name}_db" for one in spectra), *pairs),
        (
            (hz, *(one.level_db[n] for one in spectra), *(one.share[n] for one in meetings))
            for n, hz in enumerate(NOMINAL_HZ)
        ),
    )
