"""The keyboards: an electric piano by frequency modulation, and a warm pad that widens in the chorus."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from sfa.demo.form import Bar, Form
from sfa.demo.room import add_room
from sfa.demo.tape import Chance, Sound, Tape, play_wave, swell, times, wave
from sfa.demo.theory import Chord

_CENTRE = 62  # the hand hovers around the D above middle C
_COMPING = {
    (4, "verse"): ((0, 1.4), (1.5, 0.9), (2.5, 1.4)),
    (4, "chorus"): ((0, 0.7), (0.75, 0.7), (1.5, 1.0), (2.75, 0.4), (3.25, 0.7)),
    (3, "verse"): ((0, 0.9), (1, 0.9), (2, 0.9)),
    (3, "chorus"): ((0, 0.7), (0.75, 0.7), (1.5, 0.45), (2, 0.9)),
}


def play_keys(form: Form, room: Sound) -> Sound:
    """The keyboards' stem, (2, frames)."""
    tape = Tape(form.frames)
    voicings = voice_leading([bar.chord for bar in form.bars])
    hands = Chance(form.seed, "keys")

    @cache
    def piano(pitch: int, frames: int) -> Sound:
        return _piano_note(form.hz(pitch), frames)

    @cache
    def pad(pitch: int, frames: int, bright: bool, release_s: float) -> Sound:
        return _pad_note(form.hz(pitch), frames, bright) * swell(frames, 0.12, release_s)

    for bar, voicing in zip(form.bars, voicings, strict=True):
        last = bar is form.bars[-1]
        bright = bar.section == "chorus"
        frames, release_s = (form.last_hold, 1.2) if last else (form.length(form.beats_per_bar * 1.06), 0.18)
        for number, pitch in enumerate(voicing):
            for beat, beats in _rhythm(form, bar):
                gain = hands.around(0.115 if beat == 0 else 0.095, 0.012)
                # The hand rolls the chord by a few milliseconds.
                at = form.frame(bar, beat) + 130 * number
                held = form.last_hold if last else form.length(beats)
                tape.add(at, piano(pitch, held), gain, -0.3 + 0.12 * number)
            tape.add(form.frame(bar, 0), pad(pitch, frames, bright, release_s), 0.05)
            if bright and number > 1:
                tape.add(form.frame(bar, 0), pad(pitch + 12, frames, bright, release_s), 0.022)
    add_room(tape.sound, room, 0.3)
    return tape.sound


def _rhythm(form: Form, bar: Bar) -> tuple[tuple[float, float], ...]:
    if bar.section == "intro":
        return ()
    if bar.section == "outro":
        return ((0, form.beats_per_bar * 0.85),)
    return _COMPING[form.beats_per_bar, bar.section]


def voice_leading(chords: list[Chord]) -> list[tuple[int, ...]]:
    """Four voices for each chord, MIDI pitches from low to high, each moving as little as it can.

    Triads double their root or their fifth, never the third, which would stand out.
    """
    voicings: list[tuple[int, ...]] = []
    before: tuple[int, ...] = (_CENTRE - 7, _CENTRE - 2, _CENTRE + 2, _CENTRE + 7)
    for chord in chords:
        before = min(_hands(chord), key=lambda hand: _movement(hand, before))
        voicings.append(before)
    return voicings


def _hands(chord: Chord) -> list[tuple[int, ...]]:
    """Every way to play a chord in four voices near the middle of the keyboard."""
    fourths = chord.tones[3:] or chord.tones[::2]
    hands: set[tuple[int, ...]] = set()
    for fourth in fourths:
        places = [
            [pitch for pitch in range(_CENTRE - 12, _CENTRE + 13) if pitch % 12 == tone]
            for tone in (*chord.tones[:3], fourth)
        ]
        hands |= {tuple(sorted(choice)) for choice in product(*places)}
    return sorted(hand for hand in hands if min(np.diff(hand)) >= 2 and hand[-1] - hand[0] <= 16)


def _movement(hand: tuple[int, ...], before: tuple[int, ...]) -> float:
    moved = sum(abs(a - b) for a, b in zip(hand, before, strict=True))
    # Without a pull to the middle the hand would drift off over a long song.
    return moved + 0.5 * abs(sum(hand) / 4 - _CENTRE)


def _piano_note(hz: float, frames: int) -> Sound:
    """A tine: carrier and modulator at the same pitch, and the short bell fourteen times above."""
    clock = times(frames)
    index = 1.1 * np.exp(-clock / 0.5) + 0.25
    tine = np.sin(2 * np.pi * hz * clock + index * np.sin(2 * np.pi * hz * clock))
    bell = np.sin(2 * np.pi * hz * clock + 0.5 * np.exp(-clock / 0.06) * np.sin(2 * np.pi * 14 * hz * clock))
    tremolo = 1 + 0.1 * np.sin(2 * np.pi * 4.6 * clock)
    return (0.8 * tine + 0.4 * bell) * np.exp(-clock / 1.1) * tremolo * swell(frames, 0.003, 0.07)


def _pad_note(hz: float, frames: int, bright: bool) -> Sound:
    """Two slightly detuned waves, one for each ear, (2, frames)."""
    k = np.arange(1.0, 17 if bright else 9)
    period = wave(np.power(k, -1.25 if bright else -1.8), 0.7 * k * k)
    clock = times(frames)
    drift = 0.0004 * np.sin(2 * np.pi * 0.31 * clock)
    ears = [play_wave(period, hz * (clock * (1 + cents * 5.8e-4) + drift)) for cents in (-3, 3)]
    return np.stack(ears)
