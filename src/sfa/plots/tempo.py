"""How steady the beat is: the local tempo, and how far each beat lies from an even grid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sfa.analysis.rows import Section
from sfa.names import clock
from sfa.plots import drawing
from sfa.plots.drawing import Level, Line, Moment, Panel, Point, Read, Scale
from sfa.plots.series import mean, median, percentile
from sfa.web.words import number

FEWEST, ENDING = 8, 3
CLICK_MS = 12.0  # what the beat tracker itself is unsure of
STEP_SHARE, STEP_PERCENT = 0.85, 2.0
RAMP_SHARE, RAMP_PERCENT = 0.7, 1.5
PART_PERCENT, CALM_PERCENT = 0.7, 1.5
_NEIGHBOURS = 4
_OUTLIER = 6.0

HOW = (
    "Above: the tempo around each beat, averaged over one bar, with its median as a dashed line. A click "
    "gives a flat line; a band pushes it up into the chorus. Below: how early (up) or late (down) each "
    "beat is against an even grid, downbeats bright. A slope there means that the real tempo is another "
    "one."
)


@dataclass(frozen=True, slots=True)
class Pulse:
    """Beats against the even grid that fits them best."""

    at_s: Sequence[float]
    number: Sequence[int]  # of the grid line each beat belongs to: a beat that was missed leaves a gap
    bpm: Sequence[float]  # around each beat, over one bar
    drift_ms: Sequence[float]  # above 0: late
    median_bpm: float

    @property
    def spread_ms(self) -> float:
        """How far from the grid all but a twentieth of the beats are at most."""
        return percentile([abs(drift) for drift in self.drift_ms], 95)


def pulse_of(beats_s: Sequence[float], per_bar: int) -> Pulse | None:
    """Measure the beats; None where there are too few.

    The grid is the straight line of least squares through number and time, fitted
    again without the beats that lie far from it.
    """
    if len(beats_s) < FEWEST:
        return None
    numbers = _numbers(beats_s)
    start, period = _line(numbers, beats_s)
    away = [abs(at - start - period * n) for n, at in zip(numbers, beats_s, strict=True)]
    limit = _OUTLIER * median(away) + 1e-4
    near = [i for i, distance in enumerate(away) if distance <= limit]
    start, period = _line([numbers[i] for i in near], [beats_s[i] for i in near])
    return Pulse(
        beats_s,
        numbers,
        _local_bpm(numbers, beats_s, per_bar),
        [1000 * (at - start - period * n) for n, at in zip(numbers, beats_s, strict=True)],
        60
        / median([gap / step for gap, step in zip(drawing.steps(beats_s), _int_steps(numbers), strict=True)]),
    )


def _int_steps(numbers: Sequence[int]) -> list[int]:
    return [b - a for a, b in pairwise(numbers)]


def _numbers(beats_s: Sequence[float]) -> list[int]:
    gaps = drawing.steps(beats_s)
    numbers = [0]
    for i, gap in enumerate(gaps):
        around = median(gaps[max(0, i - _NEIGHBOURS) : i + _NEIGHBOURS + 1])
        numbers.append(numbers[-1] + max(1, round(gap / around)))
    return numbers


def _line(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Intercept and slope of least squares."""
    mean_x, mean_y = mean(x), mean(y)
    spread = sum((a - mean_x) ** 2 for a in x)
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread if spread else 0.0
    return mean_y - slope * mean_x, slope


def _local_bpm(numbers: Sequence[int], beats_s: Sequence[float], per_bar: int) -> list[float]:
    """Tempo over one bar around each beat; at the ends over the first and the last bar."""
    reach, last = max(2, per_bar), len(beats_s) - 1
    out = []
    for i in range(len(beats_s)):
        first = min(max(0, i - reach // 2), max(0, last - reach))
        stop = min(first + reach, last)
        out.append(60 * (numbers[stop] - numbers[first]) / (beats_s[stop] - beats_s[first]))
    return out


def finding(pulse: Pulse, sections: Sequence[Section] = (), *, by_hand: bool = False) -> str:
    """What the beats say, in one sentence."""
    tempo = f"{number(pulse.median_bpm)} BPM"
    spread = max(1, round(pulse.spread_ms))
    if by_hand and pulse.spread_ms < 1:
        return f"Laid on an even grid by hand: {tempo} throughout."
    if pulse.spread_ms <= CLICK_MS:
        said = f"Steady to a click: at {tempo} the beats drift no more than ±{spread} ms from an even grid"
        return f"{said}{_ending(pulse)}."
    return _step(pulse) or _ramp(pulse) or _pushed_part(pulse, sections) or _wandering(pulse, tempo, spread)


def _ending(pulse: Pulse) -> str:
    """A last ritardando, or a last rush: what is behind all other beats from somewhere on to the end."""
    far = max(30.0, 4 * pulse.spread_ms)
    count = 0
    while count < len(pulse.drift_ms) and abs(pulse.drift_ms[-1 - count]) > far:
        count += 1
    if count < ENDING:
        return ""
    return f", until it {'slows down' if pulse.drift_ms[-1] > 0 else 'hurries'} over the last {count} beats"


def _step(pulse: Pulse) -> str | None:
    """Two tempos, one after the other."""
    values, n = pulse.bpm, len(pulse.bpm)
    sums, squares = [0.0], [0.0]
    for value in values:
        sums.append(sums[-1] + value)
        squares.append(squares[-1] + value * value)

    def rest(a: int, b: int) -> float:
        return squares[b] - squares[a] - (sums[b] - sums[a]) ** 2 / (b - a)

    whole = rest(0, n)
    cut = min(range(FEWEST, n - FEWEST), key=lambda at: rest(0, at) + rest(at, n), default=None)
    if cut is None or whole <= 0:
        return None
    before, after = median(values[:cut]), median(values[cut:])
    left = rest(0, cut) + rest(cut, n)
    # A ramp, too, is better in two halves than in one piece.
    if (
        1 - left / whole < STEP_SHARE
        or abs(after / before - 1) * 100 < STEP_PERCENT
        or left > 0.6 * _off_ramp(pulse)
    ):
        return None
    way = "up" if after > before else "down"
    return f"Changes tempo at {clock(pulse.at_s[cut])}: {way} from {number(before)} to {number(after)} BPM."


def _off_ramp(pulse: Pulse) -> float:
    start, slope = _line(pulse.at_s, pulse.bpm)
    return sum((bpm - start - slope * at) ** 2 for at, bpm in zip(pulse.at_s, pulse.bpm, strict=True))


def _ramp(pulse: Pulse) -> str | None:
    start, slope = _line(pulse.at_s, pulse.bpm)
    first, last = (start + slope * at for at in (pulse.at_s[0], pulse.at_s[-1]))
    whole = sum((bpm - mean(pulse.bpm)) ** 2 for bpm in pulse.bpm)
    change = 100 * (last / first - 1)
    if whole <= 0 or 1 - _off_ramp(pulse) / whole < RAMP_SHARE or abs(change) < RAMP_PERCENT:
        return None
    way = "Speeds up" if change > 0 else "Slows down"
    return f"{way} all the way, from {number(first)} to {number(last)} BPM ({number(abs(change))} %)."


def _pushed_part(pulse: Pulse, sections: Sequence[Section]) -> str | None:
    """The kind of section that is played faster or slower than the rest, if one is."""
    lasts, beats, name = defaultdict[int, float](float), defaultdict[int, int](int), {}
    for one in sections:
        inside = [i for i, at in enumerate(pulse.at_s) if one.start_s <= at < one.end_s]
        if len(inside) >= FEWEST:
            lasts[one.group_n] += pulse.at_s[inside[-1]] - pulse.at_s[inside[0]]
            beats[one.group_n] += pulse.number[inside[-1]] - pulse.number[inside[0]]
            name[one.group_n] = one.label
    if len(name) < 2:
        return None
    all_s, all_beats = sum(lasts.values()), sum(beats.values())
    rest = {group: 60 * (all_beats - beats[group]) / (all_s - lasts[group]) for group in name}
    here = {group: 60 * beats[group] / lasts[group] for group in name}
    group = max(name, key=lambda one: abs(here[one] / rest[one] - 1))
    percent = 100 * (here[group] / rest[group] - 1)
    if abs(percent) < PART_PERCENT:
        return None
    verb = "pushes" if percent > 0 else "lays back"
    return (
        f"Played by hand: {verb} {number(abs(percent))} % in section {name[group]}, "
        f"{number(here[group])} BPM against {number(rest[group])} elsewhere."
    )


def _wandering(pulse: Pulse, tempo: str, spread: int) -> str:
    low, high = percentile(pulse.bpm, 5), percentile(pulse.bpm, 95)
    half = 50 * (high - low) / pulse.median_bpm
    if half < CALM_PERCENT:
        return (
            f"Played by hand, and steady: within ±{number(half)} % of {tempo}, "
            f"up to {spread} ms beside an even grid."
        )
    return (
        f"Free: the tempo breathes between {number(low)} and {number(high)} BPM, "
        f"so that an even grid would be up to {_late(spread)} off."
    )


def _late(milliseconds: float) -> str:
    return f"{number(milliseconds / 1000)} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"


def panels(pulse: Pulse, positions: Sequence[int], length_s: float) -> list[Panel]:
    """The tempo, and the drift."""
    return [_tempo_panel(pulse, length_s), _drift_panel(pulse, positions, length_s)]


def _tempo_panel(pulse: Pulse, length_s: float) -> Panel:
    # A click shall not look like a storm, nor one last ritardando flatten all else.
    away = [abs(bpm - pulse.median_bpm) for bpm in pulse.bpm]
    reach = max(0.015 * pulse.median_bpm, min(1.15 * max(away), 2 * percentile(away, 93)))
    scale = Scale(pulse.median_bpm - reach, pulse.median_bpm + reach)
    points: list[Point | None] = [
        (10 * drawing.percent(at, length_s), scale.y(bpm))
        for at, bpm in zip(pulse.at_s, pulse.bpm, strict=True)
    ]
    marks = drawing.round_values(scale.low, scale.high, 4)
    return Panel(
        "Local tempo",
        "BPM, over one bar",
        ticks=scale.ticks(marks, lambda value: f"{value:g}"),
        lines=[Line("bold", drawing.path(points))],
        levels=[Level("middle", scale.y(pulse.median_bpm), f"median {number(pulse.median_bpm)}")],
        reads=[Read(column="local_bpm", unit="BPM")],
    )


def _drift_panel(pulse: Pulse, positions: Sequence[int], length_s: float) -> Panel:
    reach = max(20.0, min(1.1 * max(abs(drift) for drift in pulse.drift_ms), 1.6 * pulse.spread_ms))
    scale = Scale(-reach, reach)
    sticks: dict[bool, list[str]] = {True: [], False: []}
    for at, drift, position in zip(pulse.at_s, pulse.drift_ms, positions, strict=True):
        # Early is up: a player who pushes is ahead.
        x, y = 10 * drawing.percent(at, length_s), scale.y(-drift)
        sticks[position == 1].append(f"M{x:.4g} 50V{y:.4g}")
    marks = drawing.round_values(-reach, reach, 4)
    words = [f"{abs(value) / 1000:g} s" if reach >= 2000 else f"{abs(value):g}" for value in marks]
    named = dict(zip(marks, words, strict=True))
    return Panel(
        "Beats off the grid",
        "early above, late below" + ("" if reach >= 2000 else ", ms"),
        ticks=scale.ticks(marks, lambda value: named[value]),
        lines=[Line("stick", "".join(sticks[False])), Line("stick strong", "".join(sticks[True]))],
        levels=[Level("middle", 50.0, "")],
        keys=[("stick strong", "downbeat"), ("stick", "other beats")],
        reads=[Read(column="drift_ms", says="drift")],
    )


def moments(pulse: Pulse) -> list[Moment]:
    """Where the beat is furthest ahead and behind, when it is worth hearing."""
    if pulse.spread_ms <= CLICK_MS:
        return []
    early = min(range(len(pulse.at_s)), key=lambda i: pulse.drift_ms[i])
    late = max(range(len(pulse.at_s)), key=lambda i: pulse.drift_ms[i])
    return [
        Moment(pulse.at_s[early], f"furthest ahead, {_late(abs(pulse.drift_ms[early]))}"),
        Moment(pulse.at_s[late], f"furthest behind, {_late(abs(pulse.drift_ms[late]))}"),
    ]


def table(pulse: Pulse, positions: Sequence[int]) -> drawing.Table:
    columns = zip(pulse.at_s, positions, pulse.bpm, pulse.drift_ms, strict=True)
    return drawing.Table(
        ("at_s", "position", "local_bpm", "drift_ms"),
        [(f"{at:.4f}", position or "", f"{bpm:.3f}", f"{drift:.2f}") for at, position, bpm, drift in columns],
    )
