from __future__ import annotations

from sfa.plots import bands
from sfa.plots.bands import Clash, StemMeeting, StemSpectrum
from sfa.readings import bands as bands_of_sound


def hill(top, height=-20.0):
    return [height - 3.0 * abs(band - top) for band in range(30)]


VOCALS, PIANO, BASS = (
    StemSpectrum("vocals", hill(15)),
    StemSpectrum("piano", hill(16)),
    StemSpectrum("bass", hill(5)),
)


def meeting(stem, other, first, last, share):
    return StemMeeting(stem, other, [share if first <= n <= last else 0.01 for n in range(30)])


def test_the_bands_are_those_of_the_reading():
    assert (bands.COUNT, bands.FIRST) == (bands_of_sound.COUNT, bands_of_sound.FIRST)
    for exact, nominal in zip(bands_of_sound.centres_hz(), bands.NOMINAL_HZ, strict=True):
        assert abs(exact / nominal - 1) < 0.03


def test_two_stems_that_meet_are_named_with_their_band():
    found = bands.clashes([VOCALS, PIANO, BASS], [meeting("vocals", "piano", 13, 16, 0.4)])
    assert [(one.stem, one.other, one.first, one.last) for one in found] == [("vocals", "piano", 13, 16)]
    assert bands.finding(found, [VOCALS, PIANO]).startswith(
        "Vocals and piano meet most, between 500 Hz and 1 kHz: 40 % of what sounds there is both at once"
    )


def test_stems_that_keep_apart_are_told_so():
    found = bands.clashes([VOCALS, BASS], [meeting("vocals", "bass", 0, 29, 0.05)])
    assert found == []
    assert "keep out of each other's way" in bands.finding(found, [VOCALS, BASS])


def test_a_meeting_that_nobody_hears_hides_nothing():
    assert bands.clashes([VOCALS, PIANO], [meeting("vocals", "piano", 26, 29, 0.9)]) == []


def test_the_worst_meeting_comes_first():
    found = bands.clashes(
        [VOCALS, PIANO, BASS],
        [meeting("vocals", "bass", 8, 10, 0.2), meeting("vocals", "piano", 14, 16, 0.5)],
    )
    assert [one.other for one in found] == ["piano", "bass"]
    assert "Next are vocals and bass" in bands.finding(found, [VOCALS, PIANO, BASS])


def test_a_place_is_said_in_one_unit_where_it_can_be():
    assert Clash("a", "b", 12, 14, 0.3).place == "between 400 and 630 Hz"
    assert Clash("a", "b", 14, 17, 0.3).place == "between 630 Hz and 1.25 kHz"
    assert Clash("a", "b", 17, 19, 0.3).place == "between 1.25 and 2 kHz"
    assert Clash("a", "b", 13, 13, 0.3).place == "around 500 Hz"


def test_every_stem_has_its_line_and_its_ground_and_lines_lie_above():
    panel = bands.panel([VOCALS, BASS], [])
    assert [(line.kind, line.stem) for line in panel.lines] == [
        ("ground", "vocals"),
        ("ground", "bass"),
        ("bold", "vocals"),
        ("bold", "bass"),
    ]


def test_a_smooth_line_does_not_overshoot_its_points():
    panel = bands.panel([VOCALS, BASS], [])
    numbers = [
        float(y)
        for line in panel.lines
        if line.kind == "bold"
        for y in line.path.replace("C", " ").split()[1::2]
    ]
    assert min(numbers) >= 0


def test_the_table_has_levels_and_meetings_side_by_side():
    table = bands.table([VOCALS, PIANO], [meeting("vocals", "piano", 0, 0, 0.5)])
    assert table.header == ("band_hz", "vocals_db", "piano_db", "vocals_and_piano")
    assert next(iter(table.rows)) == (25, -65.0, -68.0, 0.5)
