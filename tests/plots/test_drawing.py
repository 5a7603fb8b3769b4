from __future__ import annotations

import math
import struct

import pytest

from sfa.analysis import Curve
from sfa.plots import drawing
from sfa.plots.drawing import Scale
from sfa.plots.series import Series, correlation, percentile, series_of
from tests.plots.paper import sections


def curve(values, code="e", dtype="float16", shape=None):
    data = struct.pack(f"<{len(values)}{code}", *values)
    return Curve("x", "x", 0.5, 1.0, dtype, shape or [len(values)], data)


def test_curves_of_every_stored_type_come_back_as_numbers():
    for code, dtype in (("e", "float16"), ("f", "float32"), ("d", "float64"), ("B", "uint8")):
        assert list(series_of(curve([1, 2, 4], code, dtype)).rows[0]) == [1, 2, 4]


def test_a_curve_of_rows_is_cut_row_by_row():
    series = series_of(curve([1, 2, 3, 4, 5, 6], shape=[2, 3]))
    assert [list(row) for row in series.rows] == [[1, 2, 3], [4, 5, 6]]


def test_points_are_joined_to_the_columns_that_they_lie_in():
    series = Series([[0, 1, 2, 3, 4, 5, 6, 7]], 0.5, 0.0)
    assert series.joined(0, series.columns(4, 4.0)) == [0.5, 2.5, 4.5, 6.5]
    assert series.joined(0, series.columns(4, 4.0), max) == [1, 3, 5, 7]


def test_more_columns_than_points_repeat_the_nearest_and_none_beyond_the_ends():
    series = Series([[10, 20]], 1.0, 1.0)
    assert series.joined(0, series.columns(8, 4.0)) == [None, 10, 10, 20, 20, None, None, None]


def test_percentiles_lie_between_neighbours_and_a_constant_correlates_with_nothing():
    assert percentile([4, 1, 3, 2], 50) == 2.5
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1.0)
    assert correlation([1, 1, 1], [1, 2, 3]) == 0.0


def test_a_scale_puts_high_on_top_and_keeps_what_is_beyond_at_its_edge():
    scale = Scale(-10, 10)
    assert [scale.y(value) for value in (10, 0, -10, 99, -99)] == [0, 50, 100, 0, 100]


def test_a_scale_of_pitches_has_even_octaves_and_survives_zero_hertz():
    scale = Scale(100, 1600, math.log2)
    assert [scale.y(hz) for hz in (1600, 800, 400, 200, 0)] == [0, 25, 50, 75, 100]


def test_a_gap_lifts_the_pen_and_parts_the_ground():
    points = [(0.0, 50.0), (10.0, 40.0), None, (20.0, 30.0), (30.0, 20.0)]
    assert drawing.path(points) == "M0 50L10 40M20 30L30 20"
    assert drawing.area(points).count("Z") == 2


@pytest.mark.parametrize(("length_s", "step"), [(8, "0:01"), (75, "0:10"), (240, "0:30"), (3700, "10:00")])
def test_times_stand_at_round_steps(length_s, step):
    found = drawing.times(length_s)
    assert 4 <= len(found) <= 13
    assert [tick.text for tick in found[:2]] == ["0:00", step]
    assert all(0 <= tick.at <= 100 for tick in found)


def test_times_of_ten_hours_are_still_few():
    assert len(drawing.times(36_000)) <= 13


def test_round_values_are_at_steps_of_one_two_or_five():
    assert drawing.round_values(-32, 1, 5) == [-30, -20, -10, 0]
    assert drawing.round_values(116.2, 119.8, 4) == [117, 118, 119]


def test_a_slim_section_keeps_its_colour_and_loses_a_long_name():
    narrow, wide = drawing.parts(sections((0, 2, "Introduction"), (2, 100, "Verse")), 100)
    assert (narrow.label, narrow.size, wide.label) == ("", 2, "Verse")
