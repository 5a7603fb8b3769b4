"""Which notes sound, and why they make this key and not another: chroma, profiles, changes of key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sfa.analysis import KeyEvidence
from sfa.analysis.rows import Key
from sfa.plots.series import Row, Series, correlation, mean

# The profiles that sfa.readings.key goes by (pages may not load that room): from the tonic up, major then
# minor; Krumhansl-Kessler 1982, Temperley 2007, Albrecht-Shanahan 2013. A test keeps them the same.
PROFILES = (
    (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
    (
        (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
        (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
    ),
    (
        (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
        (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
    ),
)
SHARPS = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
FLATS = ("C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B")
MIXED = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
MAJOR_TONICS = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
MINOR_TONICS = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"#": 1, "♯": 1, "b": -1, "♭": -1}

WINDOW_S, CHANGE_COST, HOME = 4.0, 0.8, 0.06
LEAST_CLEAR = 0.35
_BELOW = 3  # fifths below the relative major's tonic: so its seven notes lie in the middle of twelve


@dataclass(frozen=True, slots=True, order=True)
class Tonality:
    """One of the 24 keys; numbered as the evidence is, major from C up, then minor."""

    n: int

    @property
    def tonic(self) -> int:
        return self.n % 12

    @property
    def is_minor(self) -> bool:
        return self.n >= 12

    @property
    def major(self) -> int:
        """Tonic of the major key with the same notes."""
        return (self.tonic + 3) % 12 if self.is_minor else self.tonic

    @property
    def name(self) -> str:
        names = MINOR_TONICS if self.is_minor else MAJOR_TONICS
        return f"{names[self.tonic]} {'minor' if self.is_minor else 'major'}"

    @property
    def profile(self) -> list[float]:
        """What is expected of each pitch class from C up: the mean of the profiles, on one scale."""
        return _EXPECTED[self.n]


def _standard(values: Row) -> list[float]:
    middle = mean(values)
    spread = (sum((value - middle) ** 2 for value in values) / len(values)) ** 0.5
    return [(value - middle) / (spread or 1.0) for value in values]


def _expected(n: int) -> list[float]:
    raised = [_standard(pair[n // 12]) for pair in PROFILES]
    return [mean([profile[(note - n) % 12] for profile in raised]) for note in range(12)]


_EXPECTED = [_expected(n) for n in range(24)]


def tonality_of(key: Key) -> Tonality:
    tonic = _LETTERS[key.tonic[0]] + sum(_SIGNS.get(sign, 0) for sign in key.tonic[1:])
    return Tonality(tonic % 12 + (12 if key.mode == "minor" else 0))


def by_fifths(key: Tonality | None) -> list[int]:
    """The twelve pitch classes a fifth apart, so placed that the key's seven are neighbours in the middle."""
    major = key.major if key else 0
    return [(major + 7 * (place - _BELOW)) % 12 for place in range(12)]


def in_key(key: Tonality) -> set[int]:
    """The seven notes of the signature."""
    return {(key.major + 7 * step) % 12 for step in range(-1, 6)}


def note_names(key: Tonality | None) -> tuple[str, ...]:
    if key is None or key.major == 0:
        return MIXED
    return FLATS if key.major in (5, 10, 3, 8, 1) else SHARPS


@dataclass(frozen=True, slots=True)
class Fit:
    key: Tonality
    fit: float  # correlation of the notes with its profile
    score: float  # with what the chords say


def fits_of(evidence: KeyEvidence) -> list[Fit]:
    """All keys, the likeliest first."""
    keys = [Fit(Tonality(n), evidence.fits[n], evidence.scores[n]) for n in range(24)]
    return sorted(keys, key=lambda one: -one.score)


def telling_notes(strength: Row, winner: Tonality, other: Tonality) -> list[tuple[int, bool]]:
    """The notes that speak most for one key and against another: pitch class, and whether it is strong."""
    heard = _standard(strength)
    weight = [heard[note] * (winner.profile[note] - other.profile[note]) for note in range(12)]
    order = sorted(range(12), key=lambda note: -weight[note])
    return [(note, heard[note] > 0) for note in order[:2] if weight[note] > LEAST_CLEAR]


def scaled(profile: Row, strength: Row) -> list[float]:
    """A profile brought to the scale of the strengths by least squares, never below zero."""
    mean_p, mean_s = mean(profile), mean(strength)
    spread = sum((p - mean_p) ** 2 for p in profile)
    slope = sum((p - mean_p) * (s - mean_s) for p, s in zip(profile, strength, strict=True)) / spread
    slope = max(slope, 0.0)
    return [max(0.0, mean_s + slope * (p - mean_p)) for p in profile]


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch that is in one key."""

    start_s: float
    end_s: float
    key: Tonality


def stays(chroma: Series, length_s: float, home: Tonality) -> list[Stay]:
    """In which key the music is when: the likeliest path through windows of four seconds.

    A change costs as much as several windows gain by it, and the key of the whole has
    a small advantage, so that a borrowed chord is no modulation. Keys of the same
    seven notes count as one, for what tells them apart is their chords.
    """
    count = max(1, round(length_s / WINDOW_S))
    columns = chroma.columns(count, length_s)
    rows = [chroma.joined(row, columns) for row in range(12)]
    best, back = [0.0] * 24, list[list[int]]()
    for window in range(count):
        notes = [row[window] or 0.0 for row in rows]
        top = max(range(24), key=lambda n: best[n])
        came, now = [], []
        for n in range(24):
            moved = best[top] - CHANGE_COST > best[n]
            came.append(top if moved else n)
            gain = correlation(notes, _EXPECTED[n]) + (HOME if n == home.n else 0.0)
            now.append((best[top] - CHANGE_COST if moved else best[n]) + gain)
        best = now
        back.append(came)
    at = max(range(24), key=lambda n: best[n])
    found = []
    for came in reversed(back):
        found.append(at)
        at = came[at]
    found.reverse()
    return _stays(found, length_s / count, home)


def _stays(path: Sequence[int], window_s: float, home: Tonality) -> list[Stay]:
    out: list[Stay] = []
    start = 0
    for major, windows in groupby(path, key=lambda n: Tonality(n).major):
        inside = list(windows)
        key = home if major == home.major else Tonality(max(set(inside), key=inside.count))
        out.append(Stay(start * window_s, (start + len(inside)) * window_s, key))
        start += len(inside)
    return out
