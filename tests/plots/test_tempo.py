"""Beats with a known truth, and the sentence that is said of them."""

from __future__ import annotations

import itertools
import random
import re

import pytest

from sfa.plots import tempo
from tests.plots.paper import sections


def played(*stretches, jitter_ms=0.0, seed=1):
    """Beats at the tempos of the stretches (BPM at the beginning, BPM at the end, beats)."""
    draw, at, out = random.Random(seed), 0.5, []
    for first, last, count in stretches:
        for i in range(count):
            out.append(at + draw.gauss(0, jitter_ms / 1000))
            at += 60 / (first + (last - first) * i / max(count - 1, 1))
    return out


def said(beats, parts=(), **how):
    return tempo.finding(tempo.pulse_of(beats, 4), parts, **how)


def test_a_click_is_steady_and_says_by_how_much_it_drifts():
    beats = played((120, 120, 200), jitter_ms=1.5)
    assert said(beats).startswith("Steady to a click: at 120.0 BPM the beats drift no more than ±3 ms")


def test_drift_is_measured_against_the_even_grid():
    beats = [0.5 * n for n in range(100)]
    beats[50] += 0.030
    pulse = tempo.pulse_of(beats, 4)
    assert pulse.drift_ms[50] == pytest.approx(30, abs=0.5)
    assert max(abs(drift) for i, drift in enumerate(pulse.drift_ms) if i != 50) < 0.5
    assert pulse.median_bpm == pytest.approx(120)


def test_a_beat_that_was_missed_leaves_a_gap_and_no_drift():
    beats = [0.5 * n for n in range(100) if n not in (20, 21, 60)]
    pulse = tempo.pulse_of(beats, 4)
    assert max(abs(drift) for drift in pulse.drift_ms) < 1e-6
    assert max(pulse.bpm) - min(pulse.bpm) < 1e-6


def test_a_song_that_speeds_up_is_told_from_where_to_where():
    sentence = said(played((100, 110, 300), jitter_ms=3))
    first, last = re.match(r"Speeds up all the way, from ([\d.]+) to ([\d.]+) BPM", sentence).groups()
    assert (float(first), float(last)) == (pytest.approx(100, abs=0.5), pytest.approx(110, abs=0.5))


def test_a_song_that_slows_down_is_told_so():
    assert said(played((110, 100, 300), jitter_ms=3)).startswith("Slows down all the way")


def test_a_change_of_tempo_has_its_moment():
    sentence = said(played((120, 120, 120), (132, 132, 120), jitter_ms=3))
    assert sentence == "Changes tempo at 1:00: up from 120.0 to 132.0 BPM."


def test_a_band_that_pushes_its_chorus_is_caught_at_it():
    verse, chorus = (118.0, 118.0, 48), (120.1, 120.1, 32)
    form = [verse, chorus, verse, chorus, verse]
    beats = played(*form, jitter_ms=4)
    starts = [0.0, *(beats[n] for n in itertools.accumulate(count for *_, count in form[:-1])), beats[-1] + 1]
    parts = sections(*zip(starts, starts[1:], "VCVCV", strict=False))
    sentence = said(beats, parts)
    assert sentence.startswith("Played by hand: pushes 1.")
    assert sentence.endswith("in section C, 120.1 BPM against 118.0 elsewhere.")


def test_a_good_drummer_is_steady_and_human():
    draw, beats, at, bpm = random.Random(3), [], 0.0, 100.0
    for _ in range(300):
        beats.append(at)
        bpm += draw.gauss(0, 0.05) + 0.05 * (100 - bpm)
        at += 60 / bpm
    assert said(beats).startswith("Played by hand, and steady: within ±")


def test_a_free_performance_is_called_free():
    draw, beats, at = random.Random(5), [], 0.0
    for n in range(200):
        beats.append(at)
        at += 60 / (90 + 14 * (-1) ** (n // 12) + draw.gauss(0, 4))
    assert said(beats).startswith("Free: the tempo breathes between")


def test_a_last_ritardando_does_not_spoil_a_click_and_is_told():
    beats = played((118, 118, 150), (112, 90, 5), jitter_ms=1)
    assert "until it slows down over the last" in said(beats)
    pulse = tempo.pulse_of(beats, 4)
    assert tempo.panels(pulse, [1] * len(beats), 80.0)[0].ticks  # and the axis is still that of the song


def test_a_grid_that_was_laid_by_hand_is_no_discovery():
    assert (
        said([0.5 * n for n in range(50)], by_hand=True)
        == "Laid on an even grid by hand: 120.0 BPM throughout."
    )


def test_too_few_beats_are_no_pulse():
    assert tempo.pulse_of([0.0, 0.5, 1.0], 4) is None


def test_downbeats_are_drawn_apart_and_early_beats_upwards():
    beats = [0.5 * n for n in range(32)]
    beats[4] -= 0.015
    pulse = tempo.pulse_of(beats, 4)
    _, drift = tempo.panels(pulse, [n % 4 + 1 for n in range(32)], 16.0)
    others, downbeats = drift.lines
    assert (downbeats.path.count("M"), others.path.count("M")) == (8, 24)
    early = next(stick for stick in downbeats.path.split("M") if stick.startswith("124"))
    assert float(early.split("V")[1]) < 50


def test_the_table_has_a_line_for_each_beat():
    pulse = tempo.pulse_of([0.5 * n for n in range(32)], 4)
    rows = list(tempo.table(pulse, [0] * 32).rows)
    assert len(rows) == 32
    assert rows[3][:3] == ("1.5000", "", "120.000")
