from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sfa.demo import DemoSong
from sfa.demo.guitar import pluck
from sfa.demo.keys import voice_leading
from sfa.demo.tape import Chance
from sfa.demo.theory import chord_of
from tests.demo.listening import between, level_db, rms_db, strongest_hz
from tests.demo.paper import form_of


@pytest.mark.parametrize("hz", [82.4, 196.0, 440.0, 659.3])
def test_plucked_strings_are_in_tune(hz: float) -> None:
    heard = strongest_hz(pluck(hz, 66150, Chance(0, "test")), hz * 0.9, hz * 1.1)
    assert abs(1200 * np.log2(heard / hz)) < 3


def test_plucked_strings_lose_their_top_first() -> None:
    string = pluck(196.0, 66150, Chance(0, "test"))
    early, late = string[:8000], string[30000:38000]
    assert level_db(early, 2000, 8000) - level_db(late, 2000, 8000) > 15
    assert level_db(early, 100, 800) - level_db(late, 100, 800) < 15


def test_voicings_hold_every_tone_and_move_little() -> None:
    for tonic in range(12):
        chords = [
            chord_of(numeral, tonic, "minor") for numeral in ("i", "VI", "III", "VII", "iv", "V7", "i", "v")
        ]
        voicings = voice_leading(chords)
        assert all({p % 12 for p in hand} == set(c.tones) for hand, c in zip(voicings, chords, strict=True))
        moves = [abs(a - b) for one, two in pairwise(voicings) for a, b in zip(one, two, strict=True)]
        assert np.mean(moves) < 3


def test_the_bass_plays_each_root_on_the_downbeat(demo: DemoSong) -> None:
    form = form_of()
    bass = demo.stems["bass"].mean(axis=1)
    for bar in form.bars[4:]:
        start_s = form.beat_s(bar.index * 4)
        heard = between(bass, start_s + 0.02, start_s + 0.32)
        pitch = 12 * np.log2(strongest_hz(heard, 45, 105) / 440) + 69
        assert round(pitch) % 12 == bar.chord.root


def test_the_kick_falls_on_every_downbeat_from_the_third_bar(demo: DemoSong, waltz: DemoSong) -> None:
    for recording in (demo, waltz):
        drums = recording.stems["drums"].mean(axis=1)
        for beat_s in recording.truth.downbeats_s[2:]:
            before = level_db(between(drums, beat_s - 0.05, beat_s - 0.002), 40, 120)
            assert level_db(between(drums, beat_s, beat_s + 0.048), 40, 120) > before + 6


def test_choruses_are_louder_and_brighter_than_verses_and_come_with_a_crash(demo: DemoSong) -> None:
    _, verse, chorus = demo.truth.sections[:3]
    drums = demo.stems["drums"].mean(axis=1)
    assert rms_db(between(demo.samples, *chorus[:2])) > rms_db(between(demo.samples, *verse[:2])) + 0.5
    assert (
        level_db(between(drums, *chorus[:2]), 3000, 16000)
        > level_db(between(drums, *verse[:2]), 3000, 16000) + 3
    )
    crash, later = (between(drums, chorus[0] + at, chorus[0] + at + 0.4) for at in (0.05, 4.1))
    assert level_db(crash, 5000, 16000) > level_db(later, 5000, 16000) + 3


def test_fills_lead_into_the_chorus(demo: DemoSong) -> None:
    chorus_s = demo.truth.sections[2][0]
    beat_s = 60 / demo.truth.bpm
    drums = demo.stems["drums"].mean(axis=1)
    fill = between(drums, chorus_s - beat_s, chorus_s - 0.01)
    usual = between(drums, chorus_s - 5 * beat_s, chorus_s - 4 * beat_s - 0.01)
    assert level_db(fill, 90, 190) > level_db(usual, 90, 190) + 3
