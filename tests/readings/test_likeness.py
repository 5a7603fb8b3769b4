from __future__ import annotations

import numpy as np
import pytest

from sfa.readings.likeness import MOST, read_likeness
from tests import sound
from tests.readings.hearing import music


def of(letters, seconds_each=4.0, beats_each=8):
    """A piece of parts that are each their own notes and their own timbre."""
    order = {letter: n for n, letter in enumerate(dict.fromkeys(letters))}
    part = np.repeat([order[letter] for letter in letters], beats_each)
    harmony = np.eye(12)[part] + 0.05
    timbre = 10.0 * np.eye(5)[part]
    duration_s = seconds_each * len(letters)
    edges_s = np.linspace(0, duration_s, len(part) + 1)
    return read_likeness(edges_s, harmony, timbre, duration_s=duration_s)


def block(likeness, row, column, parts):
    size = len(likeness.values) // parts
    inner = likeness.values[row * size : (row + 1) * size, column * size : (column + 1) * size]
    return float(inner[1:-1, 1:-1].mean())


def test_what_comes_again_is_bright_and_what_does_not_is_dark():
    likeness = of("ABAC")
    assert block(likeness, 0, 2, 4) > 200
    assert block(likeness, 0, 1, 4) < 60
    assert block(likeness, 3, 0, 4) < 60


def test_the_map_is_the_same_both_ways_and_brightest_on_its_diagonal():
    likeness = of("ABCA")
    assert np.array_equal(likeness.values, likeness.values.T)
    assert likeness.values.diagonal().min() > 200


def test_a_long_piece_has_no_larger_map():
    likeness = of("ABAB", seconds_each=600.0, beats_each=1200)
    assert likeness.values.shape == (MOST, MOST)
    assert likeness.hop_s * MOST == pytest.approx(2400.0)
    assert block(likeness, 0, 2, 4) > block(likeness, 0, 1, 4) + 100


def test_a_few_beats_have_no_map():
    assert of("A", beats_each=4) is None


def test_silence_has_no_map_and_music_has_one():
    assert music(sound.silence(4.0)).likeness is None
    assert music(sound.progression(sound.MAJOR_CADENCE, 1.0)).likeness.values.dtype == np.uint8
