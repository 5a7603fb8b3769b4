from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sfa.demo import DemoSong
from sfa.demo.truth import truth_of
from tests.demo.paper import form_of


def test_the_demo_song_is_in_a_minor_at_118_bpm_in_four() -> None:
    truth = truth_of(form_of())
    assert (truth.bpm, truth.beats_per_bar) == (118, 4)
    assert (truth.key.tonic, truth.key.mode, truth.key.camelot) == ("A", "minor", "8A")


def test_flat_keys_are_spelt_with_sharps() -> None:
    assert truth_of(form_of(tonic="Bb", mode="major")).key.tonic == "A#"


@pytest.mark.parametrize("beats_per_bar", [3, 4])
@pytest.mark.parametrize("which", ["chords", "sections"])
def test_spans_cover_the_recording_without_gaps(beats_per_bar: int, which: str) -> None:
    form = form_of(bpm=97, beats_per_bar=beats_per_bar, repeats=2)
    spans = getattr(truth_of(form), which)
    assert spans[0][0] == 0
    assert spans[-1][1] == form.frames / 44100
    assert [end for _, end, _ in spans[:-1]] == [start for start, _, _ in spans[1:]]


def test_sections_and_chords_begin_on_downbeats() -> None:
    truth = truth_of(form_of(beats_per_bar=3))
    downbeats = set(truth.downbeats_s)
    assert {start for start, _, _ in (*truth.chords, *truth.sections)} <= downbeats


def test_neighbouring_spans_differ() -> None:
    for spans in (truth_of(form_of()).chords, truth_of(form_of()).sections):
        assert all(a[2] != b[2] for a, b in pairwise(spans))


def test_sections_are_the_songs_form() -> None:
    names = [name for _, _, name in truth_of(form_of()).sections]
    assert names == ["intro", "verse", "chorus", "verse", "chorus", "outro"]


def test_beats_keep_the_tempo_and_every_bar_has_a_downbeat() -> None:
    truth = truth_of(form_of(bpm=90, beats_per_bar=3))
    assert np.diff(truth.beats_s) == pytest.approx(60 / 90)
    assert truth.downbeats_s == truth.beats_s[::3]
    assert len(truth.downbeats_s) == 36


def test_truth_and_recording_have_one_length(demo: DemoSong, waltz: DemoSong) -> None:
    for recording in (demo, waltz):
        assert recording.truth.duration_s == len(recording.samples) / recording.sample_rate
