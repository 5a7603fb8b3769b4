"""Beats as a person corrected them."""

from __future__ import annotations

import pytest

from sfa.analysis.rows import Beat
from sfa.corrections.grid import beats_of
from sfa.corrections.rows import Corrections, Tempo

# Played by people: a little uneven, in four, from half a second on.
HEARD = [Beat(round(0.5 + 0.5 * n + 0.003 * (n % 3), 4), n % 4 + 1) for n in range(16)]
END_S = 9.0


def beats(said, heard=HEARD, bpm=120.0, metre=4):
    return beats_of(heard, said, bpm=bpm, metre=metre, end_s=END_S)


def times(found):
    return [beat.at_s for beat in found]


def places(found):
    return [beat.position for beat in found]


def test_without_corrections_the_beats_are_those_that_were_heard():
    assert beats(Corrections()) == HEARD


def test_twice_the_tempo_is_a_beat_between_each_two():
    found = beats(Corrections(tempo=Tempo(240, steady=False)))
    assert times(found)[::2] == times(HEARD)
    assert len(found) == 31
    assert places(found)[:9] == [1, 2, 3, 4, 1, 2, 3, 4, 1]


def test_half_the_tempo_keeps_the_beats_that_begin_bars():
    late = [Beat(beat.at_s, (n - 1) % 4 + 1) for n, beat in enumerate(HEARD)]  # the second begins a bar
    found = beats(Corrections(tempo=Tempo(60, steady=False)), heard=late)
    assert times(found) == times(late)[1::2]
    assert places(found)[:5] == [1, 2, 3, 4, 1]


@pytest.mark.parametrize(("bpm", "count"), [(360, 46), (40, 6), (120.3, 16), (480 / 4, 16)])
def test_multiples_of_the_tempo_follow_what_was_played(bpm, count):
    found = beats(Corrections(tempo=Tempo(bpm, steady=False)))
    assert len(found) == count
    assert set(times(found)) & set(times(HEARD))


def test_new_analysis_with_the_right_tempo_is_not_doubled_again():
    said = Corrections(tempo=Tempo(240, steady=False))
    again = beats(said)
    assert beats(said, heard=again, bpm=240.1) == again


def test_even_beats_fill_the_song_and_do_not_drift():
    found = beats(Corrections(tempo=Tempo(128, steady=True), anchor_s=4.0))
    assert 4.0 in times(found)
    assert all(0 <= at_s < END_S for at_s in times(found))
    assert all(
        abs((at_s - 4.0) / (60 / 128) - round((at_s - 4.0) / (60 / 128))) < 1e-3 for at_s in times(found)
    )
    assert len(found) == 19


def test_a_tempo_that_is_no_multiple_makes_even_beats():
    found = beats(Corrections(tempo=Tempo(133, steady=False)))
    gaps = [after - before for before, after in zip(times(found), times(found)[1:], strict=False)]
    assert max(gaps) - min(gaps) < 0.0003
    assert times(found)[1] == 0.5  # through the first downbeat
    assert places(found)[1] == 1


def test_where_nothing_was_heard_a_tempo_makes_beats_from_the_start():
    found = beats(Corrections(tempo=Tempo(60, steady=True)), heard=[], bpm=None, metre=None)
    assert times(found) == [float(n) for n in range(9)]
    assert set(places(found)) == {0}


def test_beat_that_is_put_somewhere_takes_the_others_along():
    found = beats(Corrections(anchor_s=0.62))
    assert times(found)[0] == 0.62
    assert all(abs(new - old - 0.12) < 1e-6 for new, old in zip(times(found), times(HEARD), strict=True))
    assert places(found) == places(HEARD)


def test_beats_move_by_half_a_beat_at_most():
    assert times(beats(Corrections(anchor_s=4.9)))[0] == pytest.approx(0.4, abs=0.01)


def test_beat_before_the_first_one_that_was_heard_counts_on_backwards():
    found = beats(Corrections(anchor_s=0.1))  # 0.4 s before the first: nearer to the beat before it
    assert times(found)[0] == pytest.approx(0.6, abs=0.005)


def test_bar_that_begins_somewhere_else_counts_all_others_from_there():
    found = beats(Corrections(downbeat_s=HEARD[2].at_s))
    assert places(found)[:7] == [3, 4, 1, 2, 3, 4, 1]


def test_metre_counts_from_the_first_downbeat():
    assert places(beats(Corrections(beats_per_bar=3), metre=3))[:7] == [1, 2, 3, 1, 2, 3, 1]


def test_downbeat_moves_with_the_beats():
    found = beats(Corrections(anchor_s=0.6, beats_per_bar=3), metre=3)
    assert (times(found)[0], places(found)[:4]) == (0.6, [1, 2, 3, 1])


def test_without_a_metre_nothing_is_counted():
    loose = [Beat(beat.at_s, 0) for beat in HEARD]
    assert set(places(beats(Corrections(anchor_s=0.6), heard=loose, metre=None))) == {0}
