from __future__ import annotations

import pytest

from tests.demo.paper import form_of


def test_the_demo_song_is_thirty_six_bars_in_75_seconds() -> None:
    form = form_of()
    assert len(form.bars) == 36
    assert form.frames == 75 * 44100


def test_each_repeat_adds_two_verses_and_two_choruses() -> None:
    once, thrice = form_of(), form_of(repeats=3)
    assert len(thrice.bars) - len(once.bars) == 2 * 28
    assert [bar.section for bar in thrice.bars if bar.is_first].count("chorus") == 6


def test_a_section_keeps_its_chords_when_it_returns() -> None:
    bars = form_of().bars
    first = [bar.chord for bar in bars if (bar.section, bar.turn) == ("chorus", 0)]
    second = [bar.chord for bar in bars if (bar.section, bar.turn) == ("chorus", 1)]
    assert first == second


def test_songs_end_with_dominant_and_tonic() -> None:
    for mode in ("minor", "major"):
        for seed in (0, 1):
            form = form_of(tonic="D", mode=mode, seed=seed)
            assert [bar.chord.root for bar in form.bars[-2:]] == [9, 2]


def test_the_grid_has_no_swing_on_eighths_and_delays_sixteenths() -> None:
    bar = form_of().bars[1]
    straight, swung = form_of(swing=0), form_of(swing=0.2)
    assert [straight.frame(bar, beat) for beat in (0, 0.5, 2)] == [
        swung.frame(bar, beat) for beat in (0, 0.5, 2)
    ]
    late_s = (swung.frame(bar, 0.25) - straight.frame(bar, 0.25)) / 44100
    assert late_s == pytest.approx(0.1 * 30 / 118, abs=1e-4)


def test_seeds_choose_other_progressions() -> None:
    assert form_of(seed=0).bars[4:12] != form_of(seed=1).bars[4:12]


@pytest.mark.parametrize(
    "wrong",
    [
        {"bpm": 20.0},
        {"bpm": float("nan")},
        {"mode": "dorian"},
        {"beats_per_bar": 5},
        {"repeats": 0},
        {"tuning_hz": 300.0},
        {"swing": 0.9},
        {"seed": -1},
        {"tonic": "X"},
    ],
)
def test_what_the_band_cannot_play_is_refused_in_words(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"[a-z] .*\."):
        form_of(**wrong)  # type: ignore[arg-type]
