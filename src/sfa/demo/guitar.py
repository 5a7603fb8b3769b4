"""The acoustic guitar: plucked strings as delay lines that lose their top on every round."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import signal

from sfa.demo.form import SAMPLE_RATE, Bar, Form
from sfa.demo.room import add_room
from sfa.demo.tape import Chance, Sound, Tape, low_pass, swell

_LOWEST = 40  # the guitar's open E
_RING_S = 1.5
# Which note of the chord, counted upwards from the lowest, falls on each eighth of a bar.
_PICKING = {4: (0, 2, 3, 4, 5, 4, 3, 2), 3: (0, 2, 3, 4, 3, 2)}
_STRUMS = {4: (0.0, 1.5, 2.5, 3.5), 3: (0.0, 1.0, 2.0, 2.5)}


def play_guitar(form: Form, room: Sound) -> Sound:
    """The guitar's stem, (2, frames)."""
    tape = Tape(form.frames)
    fingers = Chance(form.seed, "guitarist")

    @cache
    def string(pitch: int) -> Sound:
        return pluck(form.hz(pitch), round(_RING_S * SAMPLE_RATE), Chance(form.seed, f"string {pitch}"))

    for bar in form.bars:
        notes = _notes(bar)
        if bar.section == "chorus" or (bar.section == "outro" and bar.is_last):
            beats = (0.0,) if bar.section == "outro" else _STRUMS[form.beats_per_bar]
            for beat in beats:
                down = beat % 1 == 0
                for number, pitch in enumerate(notes if down else notes[:1:-1]):
                    at = form.frame(bar, beat) + number * 330
                    tape.add(at, string(pitch), fingers.around(0.15 if down else 0.1, 0.02), 0.4)
            continue
        level = 0.3 if bar.section == "intro" else 0.2
        for number, step in enumerate(_PICKING[form.beats_per_bar]):
            # The second half of the verse answers with a gap, so that the voice has room.
            if bar.section == "verse" and bar.turn == 0 and bar.place < 4 and number % 2:
                continue
            at = form.frame(bar, number / 2) + round(fingers.around(60, 60))
            tape.add(at, string(notes[step]), fingers.around(level, 0.04), 0.42)
    tape.sound = _body(tape.sound)
    add_room(tape.sound, room, 0.28)
    return tape.sound


def _notes(bar: Bar) -> list[int]:
    """Six strings: root, fifth, octave, and up through the chord."""
    root = _LOWEST + (bar.chord.root - _LOWEST) % 12
    third, fifth = ((tone - bar.chord.root) % 12 for tone in bar.chord.tones[1:3])
    return [root, root + fifth, root + 12, root + 12 + third, root + 12 + fifth, root + 24]


def pluck(hz: float, frames: int, chance: Chance) -> Sound:
    """A string of pitch `hz`, (frames,), struck with a burst of noise.

    Each period is the one before it, delayed by a fraction of a frame to be in tune and smoothed over
    neighbours to lose its top; a whole period at a time, as none reads from itself.

    Source: Karplus and Strong, "Digital Synthesis of Plucked-String and Drum Timbres", Computer Music
    Journal 7(2), 1983; tuning after Jaffe and Smith in the same issue.
    """
    period = SAMPLE_RATE / hz
    whole = int(period)
    part = period - whole
    # The loss per round is set so that a string rings about as long at any pitch.
    keep = float(np.exp(-1 / (hz * 0.9)))
    taps = keep * np.convolve([0.12, 0.76, 0.12], [1 - part, part])
    reach = whole + 2
    block = whole - 1
    sound = np.zeros(reach + frames + block)
    burst = low_pass(chance.noise(whole), 3800)
    # A string plucked near its fifth lacks the fifth harmonic.
    burst -= np.roll(burst, whole // 5)
    sound[reach : reach + whole] = burst - burst.mean()
    for start in range(reach + whole, reach + frames, block):
        fed = sound[start - whole - 2 : start - whole + 1 + block]
        sound[start : start + block] = np.convolve(fed, taps, "valid")[:block]
    plucked = sound[reach : reach + frames]
    return np.asarray(plucked / np.max(np.abs(plucked)) * swell(frames, 0.0006, 0.4))


def _body(sound: Sound) -> Sound:
    """The wooden box: a little more of its two lowest resonances, nothing below them."""
    out = np.zeros_like(sound)
    for hz, q, gain in ((104.0, 6.0, 0.35), (204.0, 5.0, 0.3)):
        b, a = signal.iirpeak(hz, q, fs=SAMPLE_RATE)
        out += gain * signal.lfilter(b, a, sound)
    b, a = signal.butter(2, 85, "highpass", fs=SAMPLE_RATE)
    return np.asarray(signal.lfilter(b, a, sound + out))
