"""The colour of the sound: its mel spectrum as MFCC keep it, its fingerprint, its energy and brightness."""

from __future__ import annotations

import math
from collections.abc import Sequence
from uuid import UUID

from sfa.analysis.rows import Section
from sfa.names import clock
from sfa.plots import drawing, png
from sfa.plots.drawing import Line, Panel, Read, Scale, Table, Tick
from sfa.plots.series import Row, Series, correlation, mean, percentile
from sfa.web.words import number

COLUMNS, MOST_COLUMNS = 300, 900
MEL_ROWS, MEL_BANDS = 48, 128
FINGERPRINT = range(1, 13)  # the first coefficient is the level
RANGE_DB, DEVIATIONS = 60.0, 2.5
TOP_HZ = 11025.0
LEAST_APART = 1.12
QUIET_DB = 40.0  # below the loudest: silence has no brightness
_AXIS_HZ = (300, 1000, 3000, 10000)

HOW = (
    "The map shows where in the spectrum the energy lies, low at the bottom: a bass fills the lowest "
    "rows, cymbals the topmost. The fingerprint below has one row for each MFCC, brighter where it is "
    "more than usual: where its pattern changes, the instrumentation does. The centroid is the middle of "
    "the spectrum, and below the roll-off lies 85 % of its energy."
)


def mel(hz: float) -> float:
    """Slaney's mel scale: even steps up to 1 kHz, even ratios above."""
    return 3 * hz / 200 if hz < 1000 else 15 + 27 * math.log(hz / 1000) / math.log(6.4)


def mel_picture(mfcc: Series, length_s: float, ramp: str) -> bytes:
    """The mel spectrum that the MFCC describe, 48 rows from 0 to 11 kHz, 60 dB below the loudest on."""
    columns = mfcc.columns(min(MOST_COLUMNS, len(mfcc.rows[0])), length_s)
    joined = [mfcc.joined(row, columns) for row in range(len(mfcc.rows))]
    basis = [_basis(row, len(mfcc.rows)) for row in reversed(range(MEL_ROWS))]
    cells = [
        [
            sum(w * (c or 0.0) for w, c in zip(weights, column, strict=True))
            for column in zip(*joined, strict=True)
        ]
        for weights in basis
    ]
    high = percentile([max(column) for column in zip(*cells, strict=True)], 99)
    return png.paletted(
        [png.shades(row, low=high - RANGE_DB, high=high, gamma=1.2) for row in cells], png.RAMPS[ramp]
    )


def _basis(row: int, count: int) -> list[float]:
    """One row of the inverse cosine transform (orthonormal, type 2) that made the MFCC of 128 bands."""
    place = (row + 0.5) / MEL_ROWS
    return [math.sqrt((1 if n == 0 else 2) / MEL_BANDS) * math.cos(math.pi * n * place) for n in range(count)]


def mfcc_picture(mfcc: Series, length_s: float, ramp: str) -> bytes:
    """MFCC 1 to 12, each against its own mean and deviation, the first at the bottom."""
    columns = mfcc.columns(min(MOST_COLUMNS, len(mfcc.rows[0])), length_s)
    rows = []
    for row in reversed(FINGERPRINT):
        values = [value or 0.0 for value in mfcc.joined(row, columns)]
        middle = mean(values)
        deviation = math.sqrt(mean([(value - middle) ** 2 for value in values])) or 1.0
        apart = ((value - middle) / deviation for value in values)
        rows.append(png.shades(apart, low=-DEVIATIONS, high=DEVIATIONS))
    return png.paletted(rows, png.RAMPS[ramp])


def panels(
    track_id: UUID, energy: Series | None, centroid: Series | None, rolloff: Series | None, length_s: float
) -> list[Panel]:
    """The two maps, and what can be drawn of energy and brightness."""
    address = f"/tracks/{track_id}/plots"
    scale = Scale(0.0, TOP_HZ, mel)
    maps = [
        Panel(
            "Mel spectrum",
            "Hz, as 20 MFCC keep it",
            "tall",
            ticks=scale.ticks(_AXIS_HZ, drawing.hertz),
            picture=f"{address}/mel/picture?",
            reads=[Read("mfcc", unit="dBFS", says="mel")],
        ),
        Panel(
            "MFCC",
            "1 at the bottom, 12 on top",
            ticks=[Tick(round(100 * (1 - (n - 0.5) / 12), 2), str(n)) for n in (1, 4, 8, 12)],
            picture=f"{address}/mfcc/picture?",
            reads=[Read("mfcc", unit="dB", says="row", rows=[(n, f"MFCC {n}") for n in FINGERPRINT])],
        ),
    ]
    return [*maps, *_energy(energy, length_s), *_brightness(centroid, rolloff, length_s)]


def _energy(energy: Series | None, length_s: float) -> list[Panel]:
    if energy is None:
        return []
    values = energy.joined(0, energy.columns(COLUMNS, length_s))
    known = [value for value in values if value is not None]
    high = max(known)
    scale = Scale(max(percentile(known, 4) - 6, high - RANGE_DB), high + 2)
    points = drawing.over_time(values, scale)
    return [
        Panel(
            "Energy",
            "dBFS",
            "low",
            ticks=scale.ticks(drawing.round_values(scale.low, scale.high, 3), lambda value: number(value, 0)),
            lines=[Line("ground", drawing.area(points)), Line("bold", drawing.path(points))],
            reads=[Read("energy", unit="dBFS")],
        )
    ]


def _brightness(centroid: Series | None, rolloff: Series | None, length_s: float) -> list[Panel]:
    scale = Scale(200.0, TOP_HZ, math.log2)
    lines = [
        Line(
            kind, drawing.path(drawing.over_time(series.joined(0, series.columns(COLUMNS, length_s)), scale))
        )
        for kind, series in (("thin", rolloff), ("bold", centroid))
        if series is not None
    ]
    if not lines:
        return []
    return [
        Panel(
            "Brightness",
            "Hz",
            ticks=scale.ticks((300, 1000, 3000, 10000), drawing.hertz),
            lines=lines,
            keys=[("bold", "centroid"), ("thin", "roll-off")],
            reads=[
                Read("spectral_centroid", word="centroid", says="hertz"),
                Read("spectral_rolloff", word="roll-off", says="hertz"),
            ],
        )
    ]


def finding(energy: Series | None, centroid: Series | None, sections: Sequence[Section]) -> str:
    """Which part is brightest, and whether loud and bright go together."""
    if energy is None or centroid is None:
        return "The spectrum over time, as MFCC describe it."
    return f"{_parts(energy, centroid, sections)} {_together(energy, centroid)}".strip()


def _parts(energy: Series, centroid: Series, sections: Sequence[Section]) -> str:
    bright = [
        (_centroid_of(energy, centroid, one.start_s, one.end_s), one)
        for one in sections
        if one.end_s - one.start_s > 2
    ]
    known = sorted(((hz, one) for hz, one in bright if hz is not None), key=lambda pair: pair[0])
    if len(known) < 2 or known[-1][0] < LEAST_APART * known[0][0]:
        length_s = centroid.start_s + len(centroid.rows[0]) * centroid.hop_s
        hz = _centroid_of(energy, centroid, 0.0, length_s)
        return (
            ""
            if hz is None
            else f"Its colour hardly changes: the middle of the spectrum stays near {_hz(hz)}."
        )
    (low, dark), (high, light) = known[0], known[-1]
    return (
        f"Brightest in {light.label} at {clock(light.start_s)} (centroid {_hz(high)}), "
        f"darkest in {dark.label} at {clock(dark.start_s)} ({_hz(low)})."
    )


def _together(energy: Series, centroid: Series) -> str:
    pairs = _sounding(energy.rows[0], centroid.rows[0])
    if len(pairs) < 8:
        return ""
    same = correlation([level for level, _ in pairs], [math.log2(max(hz, 1.0)) for _, hz in pairs])
    if same > 0.4:
        return "What is louder is brighter too."
    return "What is louder is darker: the weight is low." if same < -0.4 else ""


def _centroid_of(energy: Series, centroid: Series, start_s: float, end_s: float) -> float | None:
    """Mean of the centroid where it sounds, each moment weighted by its power."""
    pairs = _sounding(energy.between(start_s, end_s), centroid.between(start_s, end_s))
    weight = [10 ** (level / 10) for level, _ in pairs]
    if not pairs:
        return None
    return sum(w * hz for w, (_, hz) in zip(weight, pairs, strict=True)) / sum(weight)


def _sounding(levels: Row, hz: Row) -> list[tuple[float, float]]:
    pairs = list(zip(levels, hz, strict=False))
    floor = max((level for level, _ in pairs), default=0.0) - QUIET_DB
    return [pair for pair in pairs if pair[0] > floor]


def _hz(value: float) -> str:
    return f"{number(value / 1000)} kHz" if value >= 1000 else f"{number(value, 0)} Hz"


def table(mfcc: Series, others: Sequence[tuple[str, Series | None]], length_s: float) -> Table:
    """MFCC, energy and brightness, one row for each point of the MFCC."""
    count = len(mfcc.rows[0])
    step = length_s / count
    columns = mfcc.columns(count, length_s)
    found = [(name, series.joined(0, series.columns(count, length_s))) for name, series in others if series]
    found += [(f"mfcc_{row}", mfcc.joined(row, columns)) for row in range(len(mfcc.rows))]
    return Table(
        ("at_s", *(name for name, _ in found)),
        (
            (f"{(i + 0.5) * step:.3f}", *("" if value is None else f"{value:.4g}" for value in row))
            for i, row in enumerate(zip(*(values for _, values in found), strict=True))
        ),
    )
