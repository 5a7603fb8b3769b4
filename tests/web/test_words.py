from __future__ import annotations

import pytest

from sfa.web import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "a few seconds"),
        (7, "a few seconds"),
        (12, "about 10 s"),
        (48, "about 50 s"),
        (58, "about 1 min"),
        (119, "about 2 min"),
        (3000, "about 50 min"),
        (3500, "about 1 h"),
        (4200, "about 1 h 10 min"),
        (7200, "about 2 h"),
    ],
)
def test_a_length_of_time_is_as_rough_as_it_deserves(seconds, text):
    assert words.span(seconds) == text
    assert words.left(seconds) == f"{text} left"


def test_numbers_have_a_true_minus_and_no_negative_nought():
    assert words.number(-11.34) == "−11.3"
    assert words.number(-0.01) == "0.0"
    assert words.number(118) == "118.0"
    assert words.number(1834.2, 0) == "1834"


def test_bytes_change_their_unit_where_people_would():
    assert [words.size(count) for count in (0, 512, 3_565_158, 2 << 30, 5 << 40)] == [
        "0 B",
        "512 B",
        "3.4 MB",
        "2 GB",
        "5120 GB",
    ]


def test_keys_are_written_as_musicians_do():
    assert [words.key("A", "minor"), words.key("D#", "minor"), words.key("Bb", "major")] == [
        "Am",
        "D♯m",
        "B♭",
    ]


def test_shares_are_whole_percentages():
    assert words.share(0.637) == "64 %"
