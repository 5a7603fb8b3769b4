"""Signals with a known answer: clicks, sines, chords, drums, silence, noise. Mono float32 unless said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]

RATE_HZ = 22050
NAMES = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
STEPS = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus4": (0, 5, 7),
}
Chord = tuple[int, str]  # pitch class of the root (0 = C), kind
MAJOR_CADENCE: list[Chord] = [
    (0, "maj"),
    (5, "maj"),
    (7, "7"),
    (0, "maj"),
    (9, "min"),
    (2, "min"),
    (7, "maj"),
    (0, "maj"),
]
MINOR_CADENCE: list[Chord] = [
    (0, "min"),
    (5, "min"),
    (7, "maj"),
    (0, "min"),
    (8, "maj"),
    (5, "min"),
    (7, "7"),
    (0, "min"),
]


def frames(seconds: float, rate_hz: int = RATE_HZ) -> int:
    return round(seconds * rate_hz)


def silence(seconds: float, rate_hz: int = RATE_HZ) -> Sound:
    return np.zeros(frames(seconds, rate_hz), np.float32)


def sine(hz: float, seconds: float, *, peak: float = 0.5, rate_hz: int = RATE_HZ) -> Sound:
    t = np.arange(frames(seconds, rate_hz)) / rate_hz
    return (peak * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def noise(seconds: float, *, peak: float = 0.3, rate_hz: int = RATE_HZ, seed: int = 0) -> Sound:
    drawn = np.random.default_rng(seed).uniform(-peak, peak, frames(seconds, rate_hz))
    return drawn.astype(np.float32)


def stereo(left: Sound, right: Sound | None = None) -> Sound:
    return np.stack([left, left if right is None else right], axis=1)


def at_times(times_s: npt.ArrayLike, hit: Sound, seconds: float, rate_hz: int = RATE_HZ) -> Sound:
    """`hit` laid down at each of the times."""
    out = silence(seconds, rate_hz)
    for time_s in np.asarray(times_s, dtype=np.float64):
        start = round(time_s * rate_hz)
        piece = hit[: max(0, len(out) - start)]
        out[start : start + len(piece)] += piece
    return out


def tick(*, hz: float = 1500.0, seconds: float = 0.03, peak: float = 0.8, rate_hz: int = RATE_HZ) -> Sound:
    t = np.arange(frames(seconds, rate_hz)) / rate_hz
    return (peak * np.sin(2 * np.pi * hz * t) * np.exp(-t / (seconds / 5))).astype(np.float32)


def beat_times(bpm: float, seconds: float, *, first_s: float = 0.5) -> npt.NDArray[np.float64]:
    return np.arange(first_s, seconds, 60.0 / bpm)


def clicks(
    bpm: float, seconds: float, *, first_s: float = 0.5, every: int = 0, rate_hz: int = RATE_HZ
) -> Sound:
    """A click on every beat; with `every`, each first of so many is a lower and louder one."""
    times = beat_times(bpm, seconds, first_s=first_s)
    if not every:
        return at_times(times, tick(rate_hz=rate_hz), seconds, rate_hz)
    first = np.arange(len(times)) % every == 0
    low = tick(hz=180.0, seconds=0.08, peak=0.9, rate_hz=rate_hz)
    return at_times(times[first], low, seconds, rate_hz) + at_times(
        times[~first], tick(peak=0.35, rate_hz=rate_hz), seconds, rate_hz
    )


def kick(rate_hz: int = RATE_HZ) -> Sound:
    t = np.arange(frames(0.18, rate_hz)) / rate_hz
    phase = 2 * np.pi * (48 * t + 90 * 0.03 * (1 - np.exp(-t / 0.03)))
    return (0.8 * np.sin(phase) * np.exp(-t / 0.06) * (1 - t / 0.18)).astype(np.float32)


def snare(rate_hz: int = RATE_HZ) -> Sound:
    t = np.arange(frames(0.15, rate_hz)) / rate_hz
    hiss = np.random.default_rng(7).standard_normal(len(t))
    return (np.exp(-t / 0.04) * (0.18 * hiss + 0.25 * np.sin(2 * np.pi * 190 * t))).astype(np.float32)


def hat(rate_hz: int = RATE_HZ) -> Sound:
    t = np.arange(frames(0.05, rate_hz)) / rate_hz
    hiss = np.diff(np.random.default_rng(9).standard_normal(len(t) + 1))
    return (0.09 * np.exp(-t / 0.012) * hiss).astype(np.float32)


def drums(
    bpm: float,
    seconds: float,
    *,
    beats_per_bar: int = 4,
    first_s: float = 0.3,
    rate_hz: int = RATE_HZ,
) -> Sound:
    """A plain kit: kick on one (and three of four), snare on the back beats, hats on eighths."""
    times = beat_times(bpm, seconds, first_s=first_s)
    place = np.arange(len(times)) % beats_per_bar
    low = (place == 0) | ((beats_per_bar == 4) & (place == 2))
    eighths = np.concatenate([times, times + 30.0 / bpm])
    return (
        at_times(times[low], kick(rate_hz), seconds, rate_hz)
        + at_times(times[~low], snare(rate_hz), seconds, rate_hz)
        + at_times(eighths, hat(rate_hz), seconds, rate_hz)
    )


def tone(
    midi: float,
    seconds: float,
    *,
    peak: float = 0.1,
    a4_hz: float = 440.0,
    partials: int = 8,
    rate_hz: int = RATE_HZ,
) -> Sound:
    """A struck string, roughly: falling partials, a quick attack, a slow decay."""
    t = np.arange(frames(seconds, rate_hz)) / rate_hz
    hz = a4_hz * 2 ** ((midi - 69) / 12)
    out = np.zeros(len(t))
    for n in range(1, partials + 1):
        if n * hz < rate_hz / 2.2:
            out += 0.6 ** (n - 1) * np.sin(2 * np.pi * n * hz * t + n) * np.exp(-t * (0.8 + 0.3 * n))
    fade = np.minimum(1.0, np.minimum(t / 0.005, (t[-1] - t) / 0.01 + 1e-3) if len(t) else 1.0)
    return (peak * out * fade).astype(np.float32)


def triad(
    root: int, kind: str, seconds: float, *, bass: bool = True, a4_hz: float = 440.0, rate_hz: int = RATE_HZ
) -> Sound:
    """A chord in the middle of the keyboard (root 0 = C), with its root two octaves below."""
    notes = [60 + (root + step) % 12 for step in STEPS[kind]]
    out = np.sum([tone(n, seconds, a4_hz=a4_hz, rate_hz=rate_hz) for n in notes], axis=0)
    if bass:
        out = out + tone(36 + root % 12, seconds, peak=0.2, a4_hz=a4_hz, rate_hz=rate_hz)
    return np.asarray(out, np.float32)


def progression(
    chords: Sequence[Chord], chord_s: float, *, strikes: int = 2, a4_hz: float = 440.0, rate_hz: int = RATE_HZ
) -> Sound:
    """Each chord for `chord_s` seconds, struck so many times."""
    one: dict[Chord, Sound] = {}
    for root, kind in set(chords):
        struck = triad(root, kind, chord_s / strikes, a4_hz=a4_hz, rate_hz=rate_hz)
        one[root, kind] = np.tile(struck, strikes)
    return np.concatenate([one[c] for c in chords])


def transposed(chords: Sequence[Chord], by: int) -> list[Chord]:
    return [((root + by) % 12, kind) for root, kind in chords]
