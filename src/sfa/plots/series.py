"""Stored curves as numbers, brought onto the columns of a plot. Plain Python: pages load no numpy."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sfa.analysis import Curve

_CODES = {"uint8": "B", "float16": "e", "float32": "f", "float64": "d"}

Row = Sequence[float]


@dataclass(frozen=True, slots=True)
class Series:
    """Rows of a quantity; point i of each is at `start_s + i * hop_s`."""

    rows: list[Row]
    hop_s: float
    start_s: float

    def columns(self, count: int, length_s: float) -> list[range | None]:
        """Which points fall into each of so many even stretches from 0 to `length_s`.

        A stretch between two points gets the nearer one; one that lies before the first point or behind the
        last gets None.
        """
        points, width = len(self.rows[0]), length_s / count
        found: list[range | None] = []
        for column in range(count):
            first = math.ceil((column * width - self.start_s) / self.hop_s - 1e-9)
            stop = math.ceil(((column + 1) * width - self.start_s) / self.hop_s - 1e-9)
            if stop <= first:
                first = round(((column + 0.5) * width - self.start_s) / self.hop_s)
                stop = first + 1
            first, stop = max(first, 0), min(stop, points)
            found.append(range(first, stop) if first < stop else None)
        return found

    def joined(
        self, row: int, columns: Sequence[range | None], join: Callable[[Row], float] | None = None
    ) -> list[float | None]:
        """One value per column: the mean of its points, or what `join` makes of them."""
        values, make = self.rows[row], join or mean
        return [None if part is None else make(values[part.start : part.stop]) for part in columns]

    def between(self, start_s: float, end_s: float, row: int = 0) -> Row:
        """The points of a stretch of time."""
        first = max(0, math.ceil((start_s - self.start_s) / self.hop_s))
        return self.rows[row][first : max(first, math.ceil((end_s - self.start_s) / self.hop_s))]


def series_of(curve: Curve) -> Series:
    """The numbers of a stored curve; one of a single dimension has one row."""
    rows, points = (1, curve.shape[0]) if len(curve.shape) == 1 else curve.shape
    values = struct.unpack(f"<{rows * points}{_CODES[curve.dtype]}", curve.data)
    return Series(
        [values[row * points : (row + 1) * points] for row in range(rows)], curve.hop_s or 1.0, curve.start_s
    )


def mean(values: Row) -> float:
    return sum(values) / len(values)


def median(values: Row) -> float:
    return percentile(values, 50)


def percentile(values: Row, percent: float) -> float:
    """As numpy's, with lines between neighbours."""
    ordered = sorted(values)
    place = percent / 100 * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def correlation(a: Row, b: Row) -> float:
    """Pearson's; 0 where one of them does not change."""
    mean_a, mean_b = mean(a), mean(b)
    both = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    spread = math.sqrt(sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b))
    return both / spread if spread > 1e-12 else 0.0
