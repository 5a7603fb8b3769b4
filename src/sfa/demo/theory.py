"""As much harmony as the demo song needs: pitch names, scales, Roman numerals, Camelot codes."""

from __future__ import annotations

import re
from dataclasses import dataclass

PITCH_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
SCALES = {"minor": (0, 2, 3, 5, 7, 8, 10), "major": (0, 2, 4, 5, 7, 9, 11)}

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii")
_TONES = {"": (0, 4, 7), "m": (0, 3, 7), "7": (0, 4, 7, 10)}


def pitch_class(name: str) -> int:
    """The pitch class, 0 to 11 from C, of a name such as "A", "F#" or "Bb"."""
    if not re.fullmatch(r"[A-G][#b]?", name):
        raise ValueError(f"{name!r} is not a pitch name; write a letter A to G, then # or b if needed.")
    return (_LETTERS[name[0]] + {"": 0, "#": 1, "b": -1}[name[1:]]) % 12


def camelot(tonic: int, mode: str) -> str:
    """The DJ's name of a key: neighbours on the wheel are a fifth apart, A is minor and B is major."""
    fifths = tonic * 7 % 12
    return f"{(fifths + 4) % 12 + 1}A" if mode == "minor" else f"{(fifths + 7) % 12 + 1}B"


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord by its root's pitch class and its quality: "" major, "m" minor, "7" dominant seventh."""

    root: int
    quality: str

    @property
    def label(self) -> str:
        return PITCH_NAMES[self.root] + self.quality

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes, root first."""
        return tuple((self.root + step) % 12 for step in _TONES[self.quality])


def chord_of(numeral: str, tonic: int, mode: str) -> Chord:
    """The chord that a Roman numeral means in a key: "iv" of A minor is Dm, "V7" is E7."""
    plain = numeral.removesuffix("7")
    root = (tonic + SCALES[mode][_NUMERALS.index(plain.lower())]) % 12
    quality = "m" if plain.islower() else ""
    return Chord(root, "7" if numeral.endswith("7") else quality)


def scale_pitch(degree: int, mode: str) -> int:
    """Semitones from the tonic to a scale step; 0 is the tonic, 7 the octave, negative steps lie below."""
    octave, step = divmod(degree, 7)
    return 12 * octave + SCALES[mode][step]


def nearest_tone(pitch: int, chord: Chord) -> int:
    """The pitch (semitones, C is a multiple of 12) of the chord's tone nearest to `pitch`; ties go down."""
    return min((pitch + step for step in (0, -1, 1, -2, 2, -3, 3)), key=lambda p: p % 12 not in chord.tones)
