"""What a person may write: times, numbers, keys, chords. Everything is answered in words."""

from __future__ import annotations

import math
import re

from sfa.corrections.rows import FASTEST_BPM, MOST_BEATS_PER_BAR, SLOWEST_BPM, KeyName
from sfa.errors import Refused
from sfa.names import clean, shown

# As the chords of a reading are named (sfa.readings.names), which is not to be imported here.
NOTES = ("C", "C#", "Db", "D", "D#", "Eb", "E", "F", "F#", "Gb", "G", "G#", "Ab", "A", "A#", "Bb", "B")
KINDS = ("", "m", "7", "maj7", "m7", "dim", "aug", "sus4", "5")
NO_CHORD = "N"
MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
LONGEST_LABEL = 60
# Other ways to write the same chord.
_ALSO = {
    "maj": "",
    "M": "",
    "min": "m",
    "-": "m",
    "M7": "maj7",
    "Δ": "maj7",
    "Δ7": "maj7",
    "min7": "m7",
    "-7": "m7",
}
_ALSO |= {"°": "dim", "o": "dim", "+": "aug", "sus": "sus4"}
_NONE = {"", "n", "n.c.", "nc", "–", "-"}
_CHORD = re.compile(r"([A-Ga-g])([#b]?)(.*)")
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,7}(?:\.\d{0,9})?|\.\d{1,9})")


def number(text: str, what: str) -> float:
    """A number as people write it, with a point or a comma.

    Raises
    ------
    Refused
        When it is none.
    """
    try:
        value = float(text.strip().replace(",", ".").replace("−", "-"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        said = "Nothing was written" if not text.strip() else f"{shown(text)} is not a number"
        raise Refused(f"{said}: {what} was expected.", fix="Write a number, like 120 or 120.5.")
    return value


def bpm(text: str) -> float:
    return checked_bpm(number(text, "a tempo in beats per minute"))


def checked_bpm(value: float) -> float:
    if not SLOWEST_BPM <= value <= FASTEST_BPM:
        raise Refused(
            f"{value:.6g} beats a minute is not a tempo that can be counted.",
            fix=f"Write one between {SLOWEST_BPM:g} and {FASTEST_BPM:g}.",
        )
    return value


def beats_per_bar(text: str) -> int:
    value = number(text, "how many beats a bar has")
    if value != int(value) or not 1 <= value <= MOST_BEATS_PER_BAR:
        raise Refused(
            f"A bar cannot have {value:g} beats.", fix=f"Write a whole number from 1 to {MOST_BEATS_PER_BAR}."
        )
    return int(value)


def time(text: str, *, end_s: float) -> float:
    """A place in the song in seconds, written as 83.5 or 1:23.5.

    Raises
    ------
    Refused
        When it is no time, or not in the song.
    """
    match = _CLOCK.fullmatch(text.strip().replace(",", "."))
    if match is None:
        said = f"{shown(text)} is not a time" if text.strip() else "There is no time in the field"
        raise Refused(f"{said}.", fix="Write seconds like 83.5, or minutes and seconds like 1:23.5.")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    at_s = 3600 * hours + 60 * minutes + seconds
    if at_s > end_s + 0.001:
        raise Refused(f"{clock(at_s)} lies behind the end of the song.", fix=f"It ends at {clock(end_s)}.")
    return min(at_s, end_s)


def clock(at_s: float) -> str:
    """A time as it is written in a field: 1:23.500."""
    thousandths = round(at_s * 1000)
    return f"{thousandths // 60_000}:{thousandths // 1000 % 60:02}.{thousandths % 1000:03}"


def key(tonic: str, mode: str) -> KeyName:
    """A key, spelt as its signature has it: A# minor is Bb minor."""
    note = _note(tonic)
    if note is None or mode not in ("major", "minor"):
        raise Refused(
            f"{shown(f'{tonic} {mode}'.strip())} is not a key.", fix="Write one like F# minor or Bb major."
        )
    return KeyName((MAJOR_TONICS if mode == "major" else MINOR_TONICS)[_pitch(note)], mode)


def chord(text: str) -> str:
    """A chord's name as the readings write it; `N` for no chord."""
    said = "".join(text.split()).replace("♯", "#").replace("♭", "b")
    if said.casefold() in _NONE:
        return NO_CHORD
    match = _CHORD.fullmatch(said)
    note = _note(match[1] + match[2]) if match else None
    kind = _ALSO.get(match[3], match[3]) if match else ""
    if note is None or kind not in KINDS:
        kinds = ", ".join(f"A{kind}" for kind in KINDS)
        raise Refused(
            f"{shown(text)} is not a chord this studio knows.", fix=f"It knows {kinds}, and N for none."
        )
    return note + kind


def section(text: str) -> str:
    label = clean(text, LONGEST_LABEL + 1)
    if label is None:
        raise Refused("A section has no name.", fix="Write one, like Verse.")
    if len(label) > LONGEST_LABEL:
        raise Refused(
            f"The name {shown(label, 40)} is too long.", fix=f"{LONGEST_LABEL} letters are the most."
        )
    return label


def _note(text: str) -> str | None:
    said = text.strip().replace("♯", "#").replace("♭", "b")
    note = said[:1].upper() + said[1:]
    return note if note in NOTES else None


def _pitch(note: str) -> int:
    natural = MAJOR_TONICS.index(note[0])
    return (natural + {"#": 1, "b": -1}.get(note[1:], 0)) % 12
