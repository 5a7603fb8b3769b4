from __future__ import annotations

from sfa.plots import png
from tests.plots.paper import brightness, colours

GREY = ((0, 0, 0), (255, 255, 255))


def test_a_picture_read_back_has_the_colours_that_went_in():
    rows = [bytes([0, 128, 255]), bytes([255, 1, 0])]
    assert colours(png.paletted(rows, GREY)) == [[(v, v, v) for v in row] for row in rows]


def test_a_ramp_begins_and_ends_with_its_colours_and_only_gets_brighter_on_dark():
    for name, ramp in png.RAMPS.items():
        palette = png.palette(ramp)
        assert (tuple(palette[:3]), tuple(palette[-3:])) == (ramp[0], ramp[-1])
        sums = [sum(palette[i : i + 3]) for i in range(0, 768, 3)]
        assert sums == sorted(sums, reverse=name == "light")


def test_shades_are_clipped_at_both_ends_and_bent_between_them():
    assert list(png.shades([-1, 0, 5, 10, 99], low=0, high=10)) == [0, 0, 128, 255, 255]
    assert list(png.shades([5], low=0, high=10, gamma=2)) == [64]
    assert list(png.shades([3, 3], low=3, high=3)) == [0, 0]


def test_the_largest_value_is_the_brightest_on_dark_ground_and_the_darkest_on_light():
    rows = [png.shades([0, 1], low=0, high=1)]
    on_dark, on_light = (brightness(png.paletted(rows, png.RAMPS[name]))[0] for name in ("dark", "light"))
    assert on_dark[1] > on_dark[0]
    assert on_light[1] < on_light[0]
