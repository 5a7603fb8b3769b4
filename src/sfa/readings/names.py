"""Names of notes, keys and chords."""

from __future__ import annotations

SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
MIXED = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
SUFFIXES = {
    "maj": "",
    "min": "m",
    "7": "7",
    "maj7": "maj7",
    "min7": "m7",
    "dim": "dim",
    "aug": "aug",
    "sus4": "sus4",
    "5": "5",
}


def tonic_name(tonic: int, mode: str) -> str:
    """The key note as its key signature spells it, e.g. Bb major but G# minor."""
    return (MAJOR_TONICS if mode == "major" else MINOR_TONICS)[tonic]


def camelot(tonic: int, mode: str) -> str:
    """Place on the Camelot wheel, e.g. 8B for C major, 8A for A minor."""
    major = tonic if mode == "major" else (tonic + 3) % 12
    return f"{(major * 7 + 7) % 12 + 1}{'B' if mode == 'major' else 'A'}"


def note_names(tonic: int | None, mode: str = "major") -> tuple[str, ...]:
    """Twelve note names as a reader of this key expects them; a mixture without a key or a signature."""
    if tonic is None:
        return MIXED
    major = tonic if mode == "major" else (tonic + 3) % 12
    if major == 0:
        return MIXED
    return FLATS if major in (5, 10, 3, 8, 1) else SHARPS


def chord_name(root: int, kind: str, names: tuple[str, ...] = MIXED) -> str:
    return names[root] + SUFFIXES[kind]
