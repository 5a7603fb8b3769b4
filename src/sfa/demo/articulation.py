"""From sung notes to what mouth and throat do: a line of gestures, and their course over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sfa.demo.form import SAMPLE_RATE
from sfa.demo.melody import SungNote
from sfa.demo.phonemes import CONSONANTS, GLIDES, VOWELS, Consonant, Formants
from sfa.demo.tape import Chance, Sound

HOP = 256  # frames between two positions of the mouth
_BEFORE_S = 0.25  # a phrase's recording starts so long before its first note
_AFTER_S = 0.3
_SIZE = 0.95  # of the formants against the table's: a slightly longer throat, an alto's
_UPPER_HZ = (3850.0, 4800.0)
_VOWEL_BREATH = 0.055


@dataclass(frozen=True, slots=True)
class Gesture:
    """One position of the mouth, held from `start_s` to `end_s`."""

    start_s: float
    end_s: float
    formants: Formants
    voice: float
    breath: float
    consonant: Consonant | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A phrase as it moves: one row for every `HOP` frames from `start_s` on."""

    start_s: float
    pitch: Sound  # (hops,) MIDI
    formants_hz: Sound  # (hops, 5)
    voice: Sound  # (hops,)
    breath: Sound  # (hops,)
    gestures: tuple[Gesture, ...]


def gestures_of(notes: list[SungNote]) -> list[Gesture]:
    """Put consonants before the beat and vowels on it, as singers do."""
    line: list[Gesture] = []
    for number, note in enumerate(notes):
        onset, vowel, coda = _split(note)
        if number == 0:
            line += _consonants(onset, note.start_s - sum(c.seconds for c in onset), 1.0)
        after = notes[number + 1] if number + 1 < len(notes) else None
        next_onset = _split(after)[0] if after is not None else []
        # Where notes touch, what lies between two vowels takes at most half of the first one's time.
        between = sum(c.seconds for c in (*coda, *next_onset))
        room_s = (after.start_s if after is not None else note.end_s + 0.2) - note.start_s
        pace = min(1.0, 0.5 * room_s / between) if between else 1.0
        next_s = after.start_s - pace * sum(c.seconds for c in next_onset) if after is not None else np.inf
        end_s = min(note.end_s, next_s)
        vowel_end_s = end_s - pace * sum(c.seconds for c in coda)
        line += _vowel(vowel, note.start_s, vowel_end_s)
        line += _consonants(coda, vowel_end_s, pace)
        if after is not None:
            line += _consonants(next_onset, next_s, pace)
    return line


def _split(note: SungNote) -> tuple[list[Consonant], str, list[Consonant]]:
    vowel = next(n for n, sound in enumerate(note.sounds) if sound not in CONSONANTS)
    onset = [CONSONANTS[sound] for sound in note.sounds[:vowel]]
    return onset, note.sounds[vowel], [CONSONANTS[sound] for sound in note.sounds[vowel + 1 :]]


def _consonants(consonants: list[Consonant], start_s: float, pace: float) -> list[Gesture]:
    line = []
    for each in consonants:
        end_s = start_s + pace * each.seconds
        line.append(Gesture(start_s, end_s, each.formants, each.voice, each.breath, each))
        start_s = end_s
    return line


def _vowel(name: str, start_s: float, end_s: float) -> list[Gesture]:
    if name in VOWELS:
        return [Gesture(start_s, end_s, VOWELS[name], 1.0, _VOWEL_BREATH)]
    first, last = GLIDES[name]
    turn_s = end_s - min(0.14, 0.45 * (end_s - start_s))
    return [
        Gesture(start_s, turn_s, VOWELS[first], 1.0, _VOWEL_BREATH),
        Gesture(turn_s, end_s, VOWELS[last], 0.9, _VOWEL_BREATH),
    ]


def course_of(notes: list[SungNote], hz: Callable[[float], float], chance: Chance) -> Course:
    """The phrase's movement; no part of a body jumps, so every course is smoothed."""
    line = gestures_of(notes)
    start_s = line[0].start_s - _BEFORE_S
    hops = int((line[-1].end_s + _AFTER_S - start_s) * SAMPLE_RATE / HOP)
    clock = start_s + np.arange(hops) * HOP / SAMPLE_RATE
    voice, breath = np.zeros(hops), np.zeros(hops)
    formants = np.tile(np.asarray(line[0].formants, dtype=np.float64), (hops, 1))
    for gesture in line:
        now = (clock >= gesture.start_s) & (clock < gesture.end_s)
        voice[now], breath[now] = gesture.voice, gesture.breath
        formants[clock >= gesture.start_s] = gesture.formants
    pitch = _pitch(notes, clock, chance)
    lower = np.stack([_smooth(row, 0.07) for row in formants.T], axis=1) * _SIZE
    # Singers open the mouth on high notes, so that the first formant never lies below the note.
    lower[:, 0] = np.maximum(lower[:, 0], 1.06 * np.asarray([hz(p) for p in pitch]))
    lower[:, 1] = np.maximum(lower[:, 1], 1.15 * lower[:, 0])
    upper = np.tile(_UPPER_HZ, (hops, 1))
    return Course(
        start_s=start_s,
        pitch=pitch,
        formants_hz=np.concatenate([lower, upper], axis=1),
        voice=_smooth(voice * _dynamics(notes, clock), 0.03),
        breath=_smooth(breath, 0.03),
        gestures=tuple(line),
    )


def _pitch(notes: list[SungNote], clock: Sound, chance: Chance) -> Sound:
    """Notes joined by short glides, reached from below at first; long ones gain vibrato; none is still."""
    pitch = np.full(len(clock), float(notes[0].pitch))
    vibrato = np.zeros(len(clock))
    for note in notes:
        pitch[clock >= note.start_s - 0.03] = note.pitch
        if note.end_s - note.start_s > 0.45:
            grown = np.clip((clock - note.start_s - 0.2) / 0.35, 0, 1) * (clock < note.end_s + 0.1)
            vibrato += 0.3 * grown
    scoop = -0.9 * np.exp(-np.maximum(clock - notes[0].start_s + 0.08, 0) / 0.07)
    rate_hz = chance.around(5.5, 0.25)
    sway = _smooth(chance.noise(len(clock)), 0.12)
    sung: Sound = _smooth(pitch, 0.06) + scoop + 0.25 * sway
    sung += vibrato * np.sin(2 * np.pi * rate_hz * (clock - clock[0]))
    return sung


def _dynamics(notes: list[SungNote], clock: Sound) -> Sound:
    """Each note speaks and then eases off; a phrase's last note fades over its second half."""
    level = np.ones(len(clock))
    for note in notes:
        since = np.clip((clock - note.start_s) / max(note.end_s - note.start_s, 0.2), 0, 1)
        now = (clock >= note.start_s) & (clock < note.end_s + 0.05)
        level[now] = 1.0 - 0.25 * since[now]
    last = notes[-1]
    late = np.clip((clock - last.start_s) / (last.end_s - last.start_s), 0, 1)
    return level * (1 - 0.55 * np.clip(2 * late - 1, 0, 1))


def _smooth(course: Sound, seconds: float) -> Sound:
    reach = max(1, round(seconds * SAMPLE_RATE / HOP / 2))
    bell = np.hanning(2 * reach + 3)[1:-1]
    padded = np.pad(course, reach, mode="edge")
    return np.asarray(np.convolve(padded, bell / bell.sum(), "valid"), dtype=np.float64)
