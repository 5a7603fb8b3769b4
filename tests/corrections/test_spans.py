"""Chords and sections as rows that a person edits."""

from __future__ import annotations

import pytest

from sfa.analysis.rows import Beat
from sfa.corrections import grammar, spans
from sfa.corrections.edits import draft_in
from sfa.corrections.rows import Span
from sfa.corrections.spans import Draft, Row
from sfa.errors import Refused

BEATS = [Beat(0.5 * n, n % 4 + 1) for n in range(20)]
END_S = 10.0
CHORDS = (Span(0, 2.00004, "Am"), Span(2.00004, 4, "F"), Span(4, 10, "C"))


def read(draft, *, snap=False, known=CHORDS):
    return spans.spans_of(
        draft, end_s=END_S, known=spans.borders_of(known), beats=BEATS, snap=snap, label=grammar.chord
    )


def draft(*rows, end="0:10.000"):
    return Draft(tuple(Row(start, label) for start, label in rows), end)


OPENED = spans.draft_of(CHORDS, end_s=END_S, gap="N")


def test_what_was_opened_and_not_touched_is_saved_as_it_was():
    assert read(OPENED) == CHORDS
    assert read(OPENED, snap=True) == CHORDS


def test_gap_between_two_becomes_a_row_of_its_own():
    found = spans.draft_of((Span(1, 2, "Am"), Span(3, 4, "F")), end_s=END_S, gap="N")
    assert [(row.start, row.label) for row in found.rows] == [
        ("0:01.000", "Am"),
        ("0:02.000", "N"),
        ("0:03.000", "F"),
    ]
    assert found.end == "0:04.000"


def test_song_without_any_begins_with_one_row():
    assert spans.draft_of((), end_s=END_S, gap="N") == draft(("0:00.000", "N"))


def test_each_goes_on_until_the_next_begins():
    found = read(draft(("0", "Am"), ("1,5", "F"), ("7", "C"), end="9"))
    assert found == (Span(0, 1.5, "Am"), Span(1.5, 7, "F"), Span(7, 9, "C"))


def test_border_that_was_moved_goes_to_the_nearest_beat_and_others_stay():
    moved = draft(("0:00.000", "Am"), ("2.3", "F"), ("0:04.000", "C"))
    assert [span.start_s for span in read(moved, snap=True)] == [0, 2.5, 4]
    assert [span.start_s for span in read(moved)] == [0, 2.3, 4]


def test_two_borders_do_not_go_to_the_same_beat():
    found = read(draft(("0", "Am"), ("2.4", "F"), ("2.6", "C")), snap=True, known=())
    assert [span.start_s for span in found] == [0, 2.5, 2.6]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            [("0", "Am"), ("5", "F"), ("4", "C")],
            "Row 2 begins at 0:05.000, and row 3, at 0:04.000, does not come",
        ),
        ([("0", "Am"), ("0", "F")], "Row 1 begins at 0:00.000, and row 2"),
        ([("0", "Am"), ("10", "F")], "Row 2 begins at 0:10.000, and the end does not come"),
        ([("0", "Am"), ("11", "F")], "Row 2: 0:11.000 lies behind the end of the song"),
        ([("0", "Am"), ("soon", "F")], "Row 2: “soon” is not a time"),
        ([("0", "Am"), ("5", "Fish")], "Row 2: “Fish” is not a chord"),
        ([], "There is not one row left"),
    ],
)
def test_what_cannot_be_is_said_with_its_row(rows, sentence):
    with pytest.raises(Refused, match=sentence):
        read(draft(*rows))


def test_more_rows_than_any_song_has_are_refused():
    with pytest.raises(Refused, match="5,001 rows"):
        draft_in({"start": [str(n / 1000) for n in range(5001)], "label": ["Am"] * 5001, "end": ["10"]})


def split(row, at=""):
    return spans.split(OPENED, row, at, end_s=END_S, beats=BEATS)


def test_row_is_split_in_its_middle_on_a_beat():
    assert [row.start for row in split(2).rows] == ["0:00.000", "0:02.000", "0:04.000", "0:07.000"]


def test_row_is_split_at_the_playhead_if_it_is_there():
    assert split(0, "0.6").rows[1].start == "0:00.500"
    assert split(0, "9").rows[1].start == "0:01.000"


def test_border_is_added_where_it_was_asked_for():
    found = spans.add(OPENED, "5.1", end_s=END_S, beats=BEATS)
    assert [(row.start, row.label) for row in found.rows[2:]] == [("0:04.000", "C"), ("0:05.000", "C")]
    late = spans.draft_of((Span(3, 4, "Am"),), end_s=END_S, gap="N")
    assert spans.add(late, "1", end_s=END_S, beats=BEATS).rows[0].start == "0:01.000"


def test_two_rows_become_one():
    assert [row.label for row in spans.merge(OPENED, 0).rows] == ["Am", "C"]


def test_row_that_is_deleted_leaves_no_hole():
    assert [(row.start, row.label) for row in spans.delete(OPENED, 0).rows] == [
        ("0:00.000", "F"),
        ("0:04.000", "C"),
    ]
    assert read(spans.delete(OPENED, 1))[0] == Span(0, 4, "Am")
