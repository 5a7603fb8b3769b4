"""The bass guitar: a few harmonics that die away one after the other, from the top down."""

from __future__ import annotations

from functools import cache

import numpy as np

from sfa.demo.form import Bar, Form
from sfa.demo.tape import Chance, Sound, Tape, swell, times

# Place and length in beats, and what of the chord is played; "lead" leads into the next bar's root.
_Figure = tuple[tuple[float, float, str], ...]
_PUSH: _Figure = ((0, 0.7, "root"), (0.75, 0.65, "root"), (1.5, 0.4, "octave"), (2, 0.7, "root"))
_FIGURES: dict[tuple[int, str], tuple[_Figure, ...]] = {
    (4, "verse"): (
        ((0, 1.4, "root"), (1.5, 0.9, "root"), (2.5, 1.4, "fifth")),
        ((0, 1.4, "root"), (1.5, 0.4, "root"), (2, 1.4, "root"), (3.5, 0.45, "lead")),
    ),
    (4, "chorus"): (
        (*_PUSH, (2.75, 0.4, "root"), (3.25, 0.6, "fifth")),
        (*_PUSH, (2.75, 0.4, "fifth"), (3.25, 0.2, "octave"), (3.5, 0.45, "lead")),
    ),
    (3, "verse"): (
        ((0, 1.8, "root"), (2, 0.9, "fifth")),
        ((0, 1.4, "root"), (1.5, 0.9, "fifth"), (2.5, 0.45, "lead")),
    ),
    (3, "chorus"): (
        ((0, 0.9, "root"), (1, 0.9, "octave"), (2, 0.9, "fifth")),
        ((0, 0.7, "root"), (0.75, 0.65, "root"), (1.5, 0.9, "octave"), (2.5, 0.45, "lead")),
    ),
}
_LOWEST = 31  # a low G: deeper ones are felt more than heard


def play_bass(form: Form) -> Sound:
    """The bass's stem, (2, frames)."""
    tape = Tape(form.frames)
    fingers = Chance(form.seed, "bassist")

    @cache
    def note(pitch: int, frames: int) -> Sound:
        return _note(form.hz(pitch), frames)

    for bar, after in zip(form.bars, (*form.bars[1:], form.bars[-1]), strict=True):
        for beat, beats, part in _figure(form, bar):
            pitch = _pitch(part, bar, after)
            gain = fingers.around(0.8 if beat == 0 else 0.68, 0.05)
            frames = form.last_hold if bar is form.bars[-1] else form.length(beats)
            tape.add(form.frame(bar, beat), note(pitch, frames), gain)
    return tape.sound


def _figure(form: Form, bar: Bar) -> _Figure:
    beats = form.beats_per_bar
    if bar.section == "intro":
        # The bass walks in on the intro's last chord.
        return ((beats - 2, 1.4, "root"), (beats - 0.5, 0.45, "lead")) if bar.is_last else ()
    if bar.section == "outro":
        return ((0, beats * 0.95, "root"),)
    return _FIGURES[beats, bar.section][bar.place % 2]


def _pitch(part: str, bar: Bar, after: Bar) -> int:
    root = _LOWEST + (bar.chord.root - _LOWEST) % 12
    if part == "octave":
        return root + 12
    if part == "fifth":
        return root + 7
    if part == "lead":
        # The next root's fifth pulls into it, where the present chord has that tone.
        target = _LOWEST + (after.chord.root - _LOWEST) % 12
        fifth = target + 7 if target + 7 <= root + 9 else target - 5
        return fifth if fifth >= _LOWEST and fifth % 12 in bar.chord.tones else root
    return root


def _note(hz: float, frames: int) -> Sound:
    """A plucked string of `frames` frames; the higher a harmonic, the sooner it is gone."""
    clock = times(frames)
    sound = np.zeros(frames)
    for k in range(1, 13):
        level = (0.9, 0.8, 0.46, 0.3, 0.2, 0.16, 0.11, 0.08, 0.06, 0.045, 0.03, 0.02)[k - 1]
        # A stiff string's overtones are a little sharp.
        partial = np.sin(2 * np.pi * hz * k * np.sqrt(1 + 2e-5 * k * k) * clock)
        sound += level * partial * np.exp(-clock * (0.55 + 0.85 * k))
    return np.tanh(0.9 * sound) * swell(frames, 0.004, 0.035)
