from __future__ import annotations

import math
import uuid

import pytest

from sfa.plots import likeness, timbre
from sfa.plots.series import Series
from tests.plots.paper import brightness, sections

FORM = sections((0, 10, "A"), (10, 20, "B"), (20, 30, "A"), (30, 40, "C"))


def of(form, hop_s=0.5):
    """A map in which sections of one letter are the same, and others are not."""
    letters = [one.label for one in form for _ in range(round((one.end_s - one.start_s) / hop_s))]
    return Series([[240 if a == b else 20 for b in letters] for a in letters], hop_s, hop_s / 2)


def test_the_form_its_return_and_its_loner_are_told():
    said = likeness.finding(of(FORM), FORM)
    assert said.startswith("The form is A B A C. A comes again at 0:20: nearly the same as before.")
    assert said.endswith("B at 0:10 and C at 0:30 are like nothing else in it.")


def test_a_part_that_is_changed_is_pointed_at():
    series = of(FORM)
    rows = [
        [v if (i < 40) == (j < 40) else 90 for j, v in enumerate(row)] for i, row in enumerate(series.rows)
    ]
    assert "A at 0:20 is changed most." in likeness.finding(Series(rows, 0.5, 0.25), FORM)


def test_the_work_grows_no_faster_than_the_parts_and_what_was_left_out_is_said(monkeypatch):
    many = sections(*[(n, n + 1 + n / 1000, str(n)) for n in range(300)])
    compared = []
    between = likeness.between
    monkeypatch.setattr(likeness, "between", lambda *pair: compared.append(pair) or between(*pair))
    said = likeness.finding(Series([[20] * 64] * 64, 300 / 64, 2.3), many)
    assert len(compared) < 30 * len(many)
    assert "Of the 300 parts that come once, the 24 longest were compared with all others." in said
    assert "compared" not in likeness.finding(of(FORM), FORM)


def test_half_a_verse_is_found_within_the_whole():
    form = sections((0, 20, "A"), (20, 40, "B"), (40, 50, "A"))
    n = 100
    rows = [[240 if j == i or (j >= 80 and j - 80 == i - 20) else 10 for j in range(n)] for i in range(n)]
    assert likeness.between(Series(rows, 0.5, 0.25), form[0], form[2]) > 0.9


def test_without_borders_there_is_a_sentence_still():
    assert "no borders that stand out" in likeness.finding(of(FORM), [])


def test_the_map_is_drawn_with_time_from_left_to_right_and_from_top_to_bottom():
    seen = brightness(likeness.picture(of(FORM), "dark"))
    assert (len(seen), len(seen[0])) == (80, 80)
    assert seen[2][45] > seen[2][25]  # the first A beside the second, and beside B
    assert seen[25][2] < seen[45][2]


def mfcc_of(levels_db):
    """MFCC of 128 mel bands, as the reading makes them, over four equal columns."""
    count = len(levels_db)
    rows = []
    for n in range(20):
        scale = math.sqrt((1 if n == 0 else 2) / count)
        value = scale * sum(x * math.cos(math.pi * n * (k + 0.5) / count) for k, x in enumerate(levels_db))
        rows.append([value] * 4)
    return Series(rows, 1.0, 0.5)


def test_the_mel_map_shows_the_energy_where_it_is():
    low = brightness(
        timbre.mel_picture(mfcc_of([-20.0 if k < 40 else -70.0 for k in range(128)]), 4.0, "dark")
    )
    assert len(low) == timbre.MEL_ROWS
    assert low[-5][0] > 0.7
    assert low[5][0] < 0.3


def test_the_mel_scale_is_that_of_the_readings():
    import librosa

    for hz in (100.0, 999.0, 1000.0, 4321.0, 11025.0):
        assert timbre.mel(hz) == pytest.approx(float(librosa.hz_to_mel(hz)), rel=1e-6)


def test_the_fingerprint_changes_where_the_sound_does():
    rows = [[0.0] * 8 for _ in range(20)]
    rows[3] = [-5.0] * 4 + [5.0] * 4
    seen = brightness(timbre.mfcc_picture(Series(rows, 1.0, 0.5), 8.0, "dark"))
    assert len(seen) == 12
    assert seen[-3][7] > seen[-3][0]


def two_halves(first, second):
    return Series([[first] * 40 + [second] * 40], 0.5, 0.0)


def test_the_brightest_and_the_darkest_part_are_named():
    parts = sections((0, 20, "A"), (20, 40, "B"))
    said = timbre.finding(two_halves(-20.0, -10.0), two_halves(800.0, 2400.0), parts)
    assert said.startswith("Brightest in B at 0:20 (centroid 2.4 kHz), darkest in A at 0:00 (800 Hz).")
    assert said.endswith("What is louder is brighter too.")


def test_a_sound_that_stays_is_told_to_stay():
    parts = sections((0, 20, "A"), (20, 40, "B"))
    assert "Its colour hardly changes" in timbre.finding(
        two_halves(-20, -20), two_halves(1000.0, 1010.0), parts
    )


def test_panels_come_without_curves_that_an_old_analysis_had_not():
    track = uuid.uuid4()
    assert [panel.title for panel in timbre.panels(track, None, None, None, 40.0)] == ["Mel spectrum", "MFCC"]
    all_of_them = timbre.panels(track, two_halves(-20, -20), two_halves(1000.0, 0.0), None, 40.0)
    assert [panel.title for panel in all_of_them] == ["Mel spectrum", "MFCC", "Energy", "Brightness"]
