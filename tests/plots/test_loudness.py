from __future__ import annotations

import pytest

from sfa.analysis.rows import Loudness
from sfa.plots import loudness
from sfa.plots.series import Series


def whole(lufs=-14.0, range_lu=5.0, peak=-1.5):
    return Loudness(lufs, range_lu, None, None, peak, None)


def test_a_loud_master_is_told_what_streaming_takes_off():
    said = loudness.finding(whole(-9.2), [])
    assert said.startswith("−9.2 LUFS: streaming turns it down by 4.8 dB")


def test_a_quiet_one_is_told_how_far_it_is_below():
    assert "−20.0 LUFS: 6.0 dB below what streaming plays at" in loudness.finding(whole(-20.0), [])


def test_one_that_fits_is_left_alone():
    assert "nothing will be turned down" in loudness.finding(whole(-13.8), [])


@pytest.mark.parametrize(
    ("range_lu", "word"), [(2, "hardly moves"), (5, "is dense"), (8, "breathes"), (15, "moves far")]
)
def test_the_range_has_a_word(range_lu, word):
    assert f"It {word}: a range of {range_lu}.0 LU." in loudness.finding(whole(range_lu=range_lu), [])


def test_peaks_too_high_are_counted_and_the_first_has_its_moment():
    peaks = Series([[-6.0] * 30 + [-0.2, -0.4] + [-6.0] * 28 + [0.3] + [-6.0] * 9], 0.1, 0.0)
    hot = loudness.hot_moments(peaks)
    assert hot == pytest.approx([3.0, 6.0])
    said = loudness.finding(whole(peak=0.3), hot)
    assert "true peak of 0.3 dBTP may clip in a lossy format, 2 times over −1, first at 0:03" in said


def test_silence_has_no_loudness():
    assert loudness.finding(Loudness(None, None, None, None, None, None), []) == (
        "It is silent, or too short to have a loudness."
    )


def test_the_band_of_the_range_leaves_out_the_quietest_tenth_and_what_is_gated():
    series = Series([[-90.0] * 50 + [-30.0 + 0.1 * n for n in range(101)]], 0.1, 3.0)
    low, high = loudness.range_band(series)
    assert (low, high) == (pytest.approx(-29.0, abs=0.2), pytest.approx(-20.5, abs=0.2))


def test_the_target_has_its_name_and_lies_between_louder_and_quieter():
    series = Series([[-20.0, -10.0, -8.0] * 20], 0.1, 3.0)
    panel = loudness.panel(whole(-9.0), series, None, None, 9.0)
    levels = {level.text: level.at for level in panel.levels}
    assert levels["−1 dBTP"] < levels["−9.0 LUFS as a whole"] < levels["−14 Spotify, YouTube, Tidal"]
    assert levels["−14 Spotify, YouTube, Tidal"] < levels["−16 Apple Music"]


def test_the_loudest_three_seconds_begin_three_seconds_before_the_meter_shows_them():
    series = Series([[-20.0] * 50 + [-8.0] + [-20.0] * 20], 0.1, 3.0)
    first = loudness.moments(series, [])[0]
    assert (first.at_s, first.word) == (pytest.approx(5.0), "loudest 3 s, −8.0 LUFS")


def test_the_table_leaves_empty_what_is_not_known_yet():
    table = loudness.table(Series([[-20.0] * 70], 0.1, 3.0), None, Series([[-3.0] * 100], 0.1, 0.0), 10.0)
    rows = list(table.rows)
    assert len(rows) == 100
    assert rows[0] == ("0.05", "", "", "-3.00")
    assert rows[50] == ("5.05", "-20.00", "", "-3.00")
