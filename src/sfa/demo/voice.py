"""The singer: a glottal wave and breath, shaped by moving formants, with the noises of consonants."""

from __future__ import annotations

import numpy as np
from scipy import signal

from sfa.demo.articulation import HOP, Course, Gesture, course_of
from sfa.demo.form import SAMPLE_RATE, Form
from sfa.demo.melody import SungNote, melody
from sfa.demo.room import add_room
from sfa.demo.tape import Chance, Sound, Tape, band_pass, high_pass, low_pass, play_wave, swell, wave

_BANDWIDTHS_HZ = (110.0, 120.0, 160.0, 220.0, 300.0)
# Waves with fewer and fewer harmonics, an octave apart from this pitch up: none may alias.
_LOWEST_HZ = 190.0
_HARMONICS = (70, 36, 18)
_WAVES = [wave(np.arange(1.0, count + 1) ** -0.85) for count in _HARMONICS]


def play_voice(form: Form, room: Sound) -> Sound:
    """The singer's stem, (2, frames): the lead in the middle, the chorus's harmony left and right."""
    tape = Tape(form.frames)
    lead = sing(form, melody(form), Chance(form.seed, "lead"))
    tape.add(0, lead, 1.0)
    harmony = melody(form, harmony=True)
    tape.add(0, sing(form, harmony, Chance(form.seed, "harmony")), 0.4, 0.45)
    # A few milliseconds late, as a second take would be.
    tape.add(610, lead, 0.12, -0.6)
    add_room(tape.sound, room, 0.26)
    return tape.sound


def sing(form: Form, phrases: list[list[SungNote]], chance: Chance) -> Sound:
    """One voice, (frames,), about 0.15 RMS while it sings."""
    tape = np.zeros(form.frames)
    for notes in phrases:
        course = course_of(notes, form.hz, chance)
        sound = _utter(course, form, chance)
        at = round(course.start_s * SAMPLE_RATE)
        skip, stop = max(0, -at), min(len(sound), form.frames - at)
        tape[at + skip : at + stop] += sound[skip:stop]
    return _level(high_pass(tape, 110))


def _utter(course: Course, form: Form, chance: Chance) -> Sound:
    frames = len(course.pitch) * HOP
    place = np.arange(frames) / HOP
    rows = np.arange(len(course.pitch))
    hz = np.interp(place, rows, form.hz(0.0) * 2 ** (course.pitch / 12))
    voice = np.interp(place, rows, course.voice)
    breath = np.interp(place, rows, course.breath)
    cycles = np.cumsum(hz) / SAMPLE_RATE
    # Air rushes while the glottis is open; held breath (no voice) rushes all the time.
    rush = high_pass(chance.noise(frames), 900, 1) * (1 + 0.7 * np.sin(2 * np.pi * cycles))
    source = voice * _glottis(cycles, hz) + breath * rush
    sound = _throat(source, course.formants_hz)
    # A close microphone: the top lifted, and air that never passed the formants.
    sound = 0.12 * (sound + 2.2 * high_pass(sound, 2200, 1)) + 0.012 * voice * high_pass(rush, 6000)
    for gesture in course.gestures:
        _add_noise(sound, gesture, course.start_s, chance)
    return sound


def _glottis(cycles: Sound, hz: Sound) -> Sound:
    octave = np.clip(np.log2(hz / _LOWEST_HZ), 0, len(_WAVES) - 1)
    sound = np.zeros(len(cycles))
    for number, period in enumerate(_WAVES):
        share = np.clip(1 - np.abs(octave - number), 0, 1)
        if share.any():
            sound += share * play_wave(period, cycles)
    return sound


def _throat(source: Sound, formants_hz: Sound) -> Sound:
    """Five resonances in a row, moved every `HOP` frames.

    Source: Klatt, "Software for a cascade/parallel formant synthesizer", Journal of the Acoustical Society
    of America 67(3), 1980, equations 1 and 2.
    """
    bandwidths = np.asarray(_BANDWIDTHS_HZ)
    c = -np.exp(-2 * np.pi * bandwidths / SAMPLE_RATE) * np.ones_like(formants_hz)
    b = 2 * np.exp(-np.pi * bandwidths / SAMPLE_RATE) * np.cos(2 * np.pi * formants_hz / SAMPLE_RATE)
    sections = np.zeros((*formants_hz.shape, 6))
    sections[..., 0] = 1 - b - c
    sections[..., 3] = 1
    sections[..., 4] = -b
    sections[..., 5] = -c
    sound = np.empty_like(source)
    state = np.zeros((formants_hz.shape[1], 2))
    for hop, moved in enumerate(sections):
        part = slice(hop * HOP, (hop + 1) * HOP)
        sound[part], state = signal.sosfilt(moved, source[part], zi=state)
    return sound


def _add_noise(sound: Sound, gesture: Gesture, start_s: float, chance: Chance) -> None:
    consonant = gesture.consonant
    if consonant is None or consonant.noise == 0:
        return
    frames = round((gesture.end_s - gesture.start_s) * SAMPLE_RATE)
    noise = band_pass(chance.noise(frames), *consonant.noise_hz)
    if consonant.burst:
        closed = round(0.55 * frames)
        noise[:closed] = 0
        noise[closed:] *= np.exp(-np.arange(frames - closed) / (0.012 * SAMPLE_RATE))
    else:
        noise *= swell(frames, 0.02, 0.025)
    at = round((gesture.start_s - start_s) * SAMPLE_RATE)
    sound[at : at + frames] += consonant.noise * noise


def _level(sound: Sound) -> Sound:
    """Ride the fader: even out vowels, whose loudness differs by 10 dB, by half of that."""
    power = np.maximum(low_pass(sound**2, 5), 0)
    return sound * 0.15 / np.sqrt(np.sqrt(power * 0.15**2 + 1e-5))
