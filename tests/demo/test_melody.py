from __future__ import annotations

from itertools import pairwise

from sfa.demo.form import Form
from sfa.demo.melody import melody
from sfa.demo.phonemes import CONSONANTS, GLIDES, VOWELS
from sfa.demo.theory import Chord
from tests.demo.paper import form_of


def chord_at(form: Form, seconds: float) -> Chord:
    return form.bars[int(seconds * form.bpm / 60 / form.beats_per_bar)].chord


def test_long_notes_are_tones_of_their_chord_in_any_key_and_metre() -> None:
    for beats_per_bar in (3, 4):
        for seed, tonic, mode in (
            (0, "A", "minor"),
            (1, "F#", "minor"),
            (2, "Bb", "major"),
            (3, "E", "major"),
        ):
            form = form_of(tonic=tonic, mode=mode, seed=seed, beats_per_bar=beats_per_bar)
            notes = [note for phrase in melody(form) for note in phrase]
            held = [note for note in notes if note.end_s - note.start_s > 0.99 * 60 / form.bpm]
            assert held
            for note in held:
                assert note.pitch % 12 in chord_at(form, (note.start_s + note.end_s) / 2 + 0.01).tones


def test_the_flat_seventh_is_never_sung_against_the_dominant() -> None:
    form = form_of()
    over_e = [n for phrase in melody(form) for n in phrase if chord_at(form, n.start_s).label == "E"]
    assert over_e
    assert all(note.pitch % 12 != 7 for note in over_e if note.end_s - note.start_s < 0.4)


def test_nobody_sings_in_the_intro_and_phrases_do_not_overlap() -> None:
    form = form_of()
    phrases = melody(form)
    assert phrases[0][0].start_s >= 4 * form.beats_per_bar * 60 / form.bpm
    for phrase, after in pairwise(phrases):
        assert phrase[-1].end_s <= after[0].start_s


def test_the_harmony_sings_the_choruses_above_the_lead() -> None:
    form = form_of()
    lead = {note.start_s: note.pitch for phrase in melody(form) for note in phrase}
    above = [note for phrase in melody(form, harmony=True) for note in phrase]
    assert len(above) == 2 * 4 * 6
    assert all(0 < note.pitch - lead[note.start_s] <= 9 for note in above)


def test_choruses_lie_higher_than_verses() -> None:
    form = form_of()
    phrases = melody(form)
    verse, chorus = ([n.pitch for phrase in part for n in phrase] for part in (phrases[:4], phrases[4:8]))
    assert min(chorus) > sorted(verse)[len(verse) // 2]


def test_every_syllable_has_one_vowel_that_the_singer_knows() -> None:
    for phrase in melody(form_of()):
        for note in phrase:
            vowels = [sound for sound in note.sounds if sound not in CONSONANTS]
            assert len(vowels) == 1
            assert vowels[0] in VOWELS or vowels[0] in GLIDES
