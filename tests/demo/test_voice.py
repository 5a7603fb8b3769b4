from __future__ import annotations

import pytest

from sfa.demo import DemoSong
from sfa.demo.form import Form
from sfa.demo.melody import SungNote, melody
from sfa.demo.tape import Chance, Sound
from sfa.demo.voice import sing
from tests.demo.listening import between, level_db, rms_db, strongest_hz
from tests.demo.paper import form_of


def sung(form: Form, vowel: str, pitch: int = 57) -> Sound:
    return between(sing(form, [[SungNote(1.0, 2.2, pitch, (vowel,))]], Chance(0, "test")), 1.1, 2.0)


def test_long_notes_of_the_lead_are_in_tune(demo: DemoSong) -> None:
    form = form_of()
    verse = [note for phrase in melody(form)[:4] for note in phrase]
    for note in (note for note in verse if note.end_s - note.start_s > 1):
        hz = form.hz(note.pitch)
        heard = between(demo.stems["vocals"].mean(axis=1), note.start_s + 0.1, note.end_s - 0.1)
        assert strongest_hz(heard, hz * 0.8, hz * 1.25) == pytest.approx(hz, rel=0.02)


@pytest.mark.parametrize(
    ("vowel", "formant_hz", "valley_hz"),
    [("iy", 320, 1400), ("iy", 2700, 1400), ("aa", 850, 2000), ("uw", 900, 1700), ("eh", 2210, 1300)],
)
def test_vowels_ring_at_their_formants(vowel: str, formant_hz: float, valley_hz: float) -> None:
    sound = sung(form_of(), vowel, 45)
    ring = level_db(sound, formant_hz - 170, formant_hz + 170)
    assert ring > level_db(sound, valley_hz - 170, valley_hz + 170) + 6


def test_a_sung_s_is_noise_above_four_kilohertz() -> None:
    sound = sing(form_of(), [[SungNote(1.0, 1.6, 57, ("s", "aa"))]], Chance(0, "test"))
    hiss, vowel = between(sound, 0.9, 0.99), between(sound, 1.1, 1.5)
    assert level_db(hiss, 4000, 12000) > level_db(hiss, 100, 3000) + 6
    assert level_db(vowel, 100, 3000) > level_db(vowel, 4000, 12000) + 6


def test_the_singer_rests_in_the_intro_and_sings_the_verse(demo: DemoSong) -> None:
    intro, verse = demo.truth.sections[:2]
    assert rms_db(between(demo.stems["vocals"], intro[0], intro[1] - 0.3)) < -100
    assert rms_db(between(demo.stems["vocals"], *verse[:2])) > -26
