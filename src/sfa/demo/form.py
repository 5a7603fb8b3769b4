"""The song on paper: sections, bars and chords, and where each beat lies in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sfa.demo.theory import SCALES, Chord, chord_of, pitch_class

SAMPLE_RATE = 44100
RING_S = 1.5  # the least that the last bar may ring on
_ANSWER_S = 1.15  # of that, the room's

# Each book is a song's harmony: one numeral a bar. The first book of a mode is the demo song's.
_BOOKS: dict[str, tuple[dict[str, str], ...]] = {
    "minor": (
        {
            "intro": "i VI iv V",
            "verse": "i VI III VII i VI iv V",
            "chorus": "VI VII i i VI VII V i",
            "outro": "iv i V i",
        },
        {
            "intro": "i iv i V",
            "verse": "i VII VI V i VII iv V",
            "chorus": "iv i VI III iv i V7 i",
            "outro": "VI iv V7 i",
        },
    ),
    "major": (
        {
            "intro": "I vi IV V",
            "verse": "I V vi IV I V IV V",
            "chorus": "IV V I I IV V V I",
            "outro": "IV I V I",
        },
        {
            "intro": "I IV I V",
            "verse": "I iii IV V I iii ii V",
            "chorus": "vi IV I V vi IV V7 I",
            "outro": "ii IV V7 I",
        },
    ),
}
BOOKS = 2
_BODY = ("verse", "chorus", "half verse", "chorus")


@dataclass(frozen=True, slots=True)
class Bar:
    index: int
    section: str  # intro, verse, chorus, outro
    turn: int  # how often this section was heard before
    place: int  # of this bar in its section, from 0
    bars: int  # in its section
    chord: Chord

    @property
    def is_first(self) -> bool:
        return self.place == 0

    @property
    def is_last(self) -> bool:
        return self.place == self.bars - 1


@dataclass(frozen=True, slots=True)
class Form:
    """A whole song before any sound: what is played when, in which key."""

    bpm: float
    beats_per_bar: int
    tonic: int
    mode: str
    tuning_hz: float
    swing: float  # 0 is straight; 1 would put the second sixteenth on the next eighth
    seed: int
    bars: tuple[Bar, ...]

    @property
    def music_s(self) -> float:
        return len(self.bars) * self.beats_per_bar * 60 / self.bpm

    @property
    def frames(self) -> int:
        """Length of the recording: the bars and the ring-out, rounded up to a whole second."""
        return math.ceil(self.music_s + RING_S) * SAMPLE_RATE

    @property
    def last_hold(self) -> int:
        """Frames that notes of the last bar may sound for, so that the room has answered by the end."""
        return self.frames - self.frame(self.bars[-1], 0) - round(_ANSWER_S * SAMPLE_RATE)

    def beat_s(self, beats: float) -> float:
        """Seconds from the start to a place on the grid, counted in beats."""
        return beats * 60 / self.bpm

    def frame(self, bar: Bar, beat: float) -> int:
        """First frame of a note that is written at `beat` of `bar`, with the song's swing applied."""
        eighth, rest = divmod(beat * 2, 1)
        late = 0.5 + self.swing / 2
        swung = rest * 2 * late if rest <= 0.5 else late + (rest - 0.5) * 2 * (1 - late)
        beats = bar.index * self.beats_per_bar + (eighth + swung) / 2
        return round(beats * 60 / self.bpm * SAMPLE_RATE)

    def length(self, beats: float) -> int:
        """Frames in so many beats."""
        return round(beats * 60 / self.bpm * SAMPLE_RATE)

    def hz(self, pitch: float) -> float:
        """Frequency of a MIDI pitch; 69 is the A that the song is tuned to."""
        return float(self.tuning_hz * 2 ** ((pitch - 69) / 12))


def write_form(
    *,
    bpm: float,
    tonic: str,
    mode: str,
    beats_per_bar: int,
    repeats: int,
    seed: int,
    tuning_hz: float,
    swing: float,
) -> Form:
    """Lay out a song.

    Raises
    ------
    ValueError
        When a parameter lies outside of what the instruments can play; the message says what would do.
    """
    if mode not in SCALES:
        raise ValueError(f"There is no mode {mode!r} here; use 'minor' or 'major'.")
    if not 50 <= bpm <= 200:
        raise ValueError(f"A tempo of {bpm} BPM is out of reach; use 50 to 200.")
    if beats_per_bar not in (3, 4):
        raise ValueError(f"Bars of {beats_per_bar} beats are not written; use 3 or 4.")
    if repeats < 1 or not 400 <= tuning_hz <= 480 or not 0 <= swing <= 0.5 or seed < 0:
        raise ValueError("Use repeats of 1 or more, tuning 400 to 480 Hz, swing 0 to 0.5, seed 0 or more.")
    key = pitch_class(tonic)
    book = _BOOKS[mode][seed % BOOKS]
    bars = _bars(book, ("intro", *_BODY * repeats, "outro"), key, mode)
    return Form(bpm, beats_per_bar, key, mode, tuning_hz, swing, seed, bars)


def _bars(book: dict[str, str], order: tuple[str, ...], tonic: int, mode: str) -> tuple[Bar, ...]:
    bars: list[Bar] = []
    heard: dict[str, int] = {}
    for entry in order:
        name = entry.removeprefix("half ")
        numerals = book[name].split()
        if entry != name:
            numerals = numerals[len(numerals) // 2 :]
        turn = heard.get(name, 0)
        heard[name] = turn + 1
        for place, numeral in enumerate(numerals):
            chord = chord_of(numeral, tonic, mode)
            bars.append(Bar(len(bars), name, turn, place, len(numerals), chord))
    return tuple(bars)
