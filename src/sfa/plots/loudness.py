"""How loud it is when, against what streaming services and ears make of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sfa.analysis.rows import Loudness
from sfa.names import clock
from sfa.plots import drawing
from sfa.plots.drawing import Band, Level, Line, Mark, Moment, Panel, Read, Scale
from sfa.plots.series import Row, Series, percentile
from sfa.web.words import number

COLUMNS, PEAK_COLUMNS = 600, 180
STREAMING_LUFS, STREAMING = -14.0, "−14 Spotify, YouTube, Tidal"
APPLE_LUFS, APPLE = -16.0, "−16 Apple Music"
CEILING_DBTP = -1.0
GATE_LUFS, RANGE_GATE_LU = -70.0, 20.0
_DEEPEST_LUFS, _NEAR_LU = -60.0, 1.0
_RUN_S = 1.0  # peaks closer than this are one event
_LIVELY_LU = ((3.0, "hardly moves"), (6.0, "is dense"), (10.0, "breathes"), (99.0, "moves far"))

HOW = (
    "The bold line is the loudness of the last three seconds, the thin one of the last 0.4 s. The dashed "
    "line is the song as a whole, the shaded band where it spends all but its quietest tenth and loudest "
    "twentieth. On top the true peak: the further above the loudness, the more punch. Dots are peaks "
    "above −1 dBTP, which lossy formats may clip."
)


def finding(loudness: Loudness, peaks: Sequence[float]) -> str:
    """What a person who will publish it wants to know."""
    whole = loudness.integrated_lufs
    if whole is None:
        return "It is silent, or too short to have a loudness."
    return " ".join(
        filter(None, [_against_streaming(whole), _range(loudness.range_lu), _peak(loudness, peaks)])
    )


def _against_streaming(whole: float) -> str:
    over = whole - STREAMING_LUFS
    said = f"{number(whole)} LUFS"
    if over > _NEAR_LU:
        return f"{said}: streaming turns it down by {number(over)} dB, so its loudness buys nothing."
    if over < -_NEAR_LU:
        below = f"{number(-over)} dB below what streaming plays at"
        return f"{said}: {below}, so it may sound quieter than its neighbours."
    return f"{said}: what streaming plays at, nothing will be turned down."


def _range(range_lu: float | None) -> str:
    if range_lu is None:
        return ""
    word = next(word for most, word in _LIVELY_LU if range_lu < most or most > 90)
    return f"It {word}: a range of {number(range_lu)} LU."


def _peak(loudness: Loudness, peaks: Sequence[float]) -> str:
    top = loudness.true_peak_dbtp
    if top is None:
        return ""
    if top <= CEILING_DBTP:
        return f"Peaks stay below −1 dBTP ({number(top)})."
    times = f", {len(peaks)} times over −1, first at {clock(peaks[0])}" if len(peaks) > 1 else ""
    return f"Its true peak of {number(top)} dBTP may clip in a lossy format{times}."


def hot_moments(true_peak: Series | None) -> list[float]:
    """When the true peak goes above −1 dBTP; what follows within a second is the same event."""
    found: list[float] = []
    last = -_RUN_S
    for i, value in enumerate(true_peak.rows[0] if true_peak else ()):
        assert true_peak is not None
        at = true_peak.start_s + i * true_peak.hop_s
        if value > CEILING_DBTP:
            if at - last >= _RUN_S:
                found.append(at)
            last = at
    return found


def range_band(short_term: Series) -> tuple[float, float] | None:
    """From the 10th to the 95th percentile of the gated short-term loudness (EBU Tech 3342)."""
    kept = [value for value in short_term.rows[0] if value > GATE_LUFS]
    if not kept:
        return None
    power = sum(10 ** (value / 10) for value in kept) / len(kept)
    floor = 10 * math.log10(power) - RANGE_GATE_LU
    kept = [value for value in kept if value > floor]
    return (percentile(kept, 10), percentile(kept, 95)) if kept else None


def panel(
    loudness: Loudness,
    short_term: Series,
    momentary: Series | None,
    true_peak: Series | None,
    length_s: float,
) -> Panel:
    band = range_band(short_term)
    lowest = percentile([max(value, _DEEPEST_LUFS) for value in short_term.rows[0]], 4)
    low = max(_DEEPEST_LUFS, min(lowest, band[0] if band else lowest, STREAMING_LUFS - 10) - 3)
    scale = Scale(low, max(1.0, loudness.true_peak_dbtp or 0.0))
    lines = []
    if true_peak is not None:
        lines.append(Line("peak", drawing.path(_points(true_peak, length_s, scale, max, PEAK_COLUMNS))))
    short = _points(short_term, length_s, scale)
    lines.append(Line("ground", drawing.area(short)))
    if momentary is not None:
        lines.append(Line("thin", drawing.path(_points(momentary, length_s, scale))))
    lines.append(Line("bold", drawing.path(short)))
    levels = [
        Level("ceiling", scale.y(CEILING_DBTP), "−1 dBTP"),
        Level("target", scale.y(STREAMING_LUFS), STREAMING),
        Level("target less", scale.y(APPLE_LUFS), APPLE),
    ]
    if loudness.integrated_lufs is not None:
        levels.append(
            Level(
                "middle left",
                scale.y(loudness.integrated_lufs),
                f"{number(loudness.integrated_lufs)} LUFS as a whole",
            )
        )
    peaks = {at: _near(true_peak, at) for at in hot_moments(true_peak)} if true_peak else {}
    return Panel(
        "Loudness",
        "LUFS; peaks in dBTP",
        "tall",
        ticks=scale.ticks(drawing.round_values(low, 0, 5), lambda value: number(value, 0)),
        lines=lines,
        levels=levels,
        bands=[] if band is None else [Band("range", scale.y(band[1]), scale.y(band[0]) - scale.y(band[1]))],
        marks=[Mark("hot", drawing.percent(at, length_s), scale.y(value)) for at, value in peaks.items()],
        keys=[("bold", "3 s"), ("thin", "0.4 s"), ("peak", "true peak")],
        reads=[
            Read("short_term_loudness", word="3 s", unit="LUFS"),
            Read("momentary_loudness", word="0.4 s", unit="LUFS"),
            Read("true_peak", word="true peak", unit="dBTP"),
        ],
    )


def _near(series: Series, at_s: float) -> float:
    return max(series.between(at_s, at_s + _RUN_S) or (CEILING_DBTP,))


def _points(
    series: Series,
    length_s: float,
    scale: Scale,
    join: Callable[[Row], float] | None = None,
    count: int = COLUMNS,
) -> list[drawing.Point | None]:
    return drawing.over_time(series.joined(0, series.columns(count, length_s), join), scale)


def moments(short_term: Series, peaks: Sequence[float]) -> list[Moment]:
    """The loudest three seconds, and the first peak that is too high."""
    values = short_term.rows[0]
    loudest = max(range(len(values)), key=lambda i: values[i])
    # The curve tells of the three seconds before each of its points.
    at = max(0.0, short_term.start_s + loudest * short_term.hop_s - 3)
    first = [Moment(peaks[0], "first peak over −1 dBTP")] if peaks else []
    return [Moment(at, f"loudest 3 s, {number(values[loudest])} LUFS"), *first]


def table(
    short_term: Series, momentary: Series | None, true_peak: Series | None, length_s: float
) -> drawing.Table:
    """One row for each tenth of a second, or for each longer step that a long song was thinned to."""
    count = max(1, round(length_s / short_term.hop_s))
    step = length_s / count
    found = [
        [None] * count if series is None else series.joined(0, series.columns(count, length_s), join)
        for series, join in ((short_term, None), (momentary, None), (true_peak, max))
    ]
    return drawing.Table(
        ("at_s", "short_term_lufs", "momentary_lufs", "true_peak_dbtp"),
        (
            (f"{(i + 0.5) * step:.2f}", *("" if value is None else f"{value:.2f}" for value in row))
            for i, row in enumerate(zip(*found, strict=True))
        ),
    )
