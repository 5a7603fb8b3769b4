"""The sung line: the contour of the lyrics fitted to key and chords, and its harmony above."""

from __future__ import annotations

from dataclasses import dataclass

from sfa.demo.form import Bar, Form
from sfa.demo.lyrics import Syllable, phrases
from sfa.demo.theory import nearest_tone, scale_pitch

_LOWEST_TONIC = 53  # the singer's middle octave starts on the tonic at or above this F


@dataclass(frozen=True, slots=True)
class SungNote:
    start_s: float
    end_s: float
    pitch: int  # MIDI
    sounds: tuple[str, ...]


def melody(form: Form, *, harmony: bool = False) -> list[list[SungNote]]:
    """All phrases of the song in order; the harmony sings two steps of the scale higher, in choruses only."""
    sung: list[list[SungNote]] = []
    for first in (bar for bar in form.bars if bar.is_first):
        if harmony and first.section != "chorus":
            continue
        bars = form.bars[first.index : first.index + first.bars]
        written = phrases(first.section, first.bars, form.beats_per_bar)
        for number, syllables in enumerate(written):
            pair = bars[2 * number : 2 * number + 2]
            sung.append([_note(form, pair, syllable, harmony, first.turn) for syllable in syllables])
    return sung


def _note(form: Form, bars: tuple[Bar, ...], syllable: Syllable, harmony: bool, turn: int) -> SungNote:
    start = bars[0].index * form.beats_per_bar + syllable.beat
    bar = bars[int((syllable.beat + syllable.beats / 2) // form.beats_per_bar)]
    degree = syllable.degree
    # The second time round, the short passing notes go the other way about.
    if turn % 2 and syllable.beats <= 0.5 and syllable.beat % 1:
        degree += 1
    pitch = _fit(form, bar, degree, syllable)
    if harmony:
        lead, pitch = pitch, _fit(form, bar, degree + 2, syllable)
        if pitch <= lead:
            # Both were drawn to the same tone; the harmony takes the chord's next one.
            pitch = next(p for p in range(lead + 1, lead + 12) if p % 12 in bar.chord.tones)
    return SungNote(
        start_s=form.beat_s(start),
        end_s=form.beat_s(start + syllable.beats),
        pitch=pitch,
        sounds=syllable.sounds,
    )


def _fit(form: Form, bar: Bar, degree: int, syllable: Syllable) -> int:
    """Long notes and notes on the beat take the nearest tone of the chord; the others stay on the scale."""
    tonic = _LOWEST_TONIC + (form.tonic - _LOWEST_TONIC) % 12
    pitch = tonic + scale_pitch(degree, form.mode)
    if syllable.beats >= 1 or syllable.beat % 1 == 0:
        return nearest_tone(pitch, bar.chord)
    leading_tone = (form.tonic - 1) % 12
    # The dominant's third is raised in minor; the flat seventh against it would be a mistake.
    if (pitch + 1) % 12 == leading_tone and leading_tone in bar.chord.tones:
        return pitch + 1
    return pitch
