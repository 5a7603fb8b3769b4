"""Readings over time, thinned to what a page can draw and a person can tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sfa.readings.chroma import Tuning
from sfa.readings.level import SLOTS_PER_S
from sfa.readings.likeness import Likeness
from sfa.readings.listening import FINE_HOP_S, HOP_S, RATE_HZ, Heard
from sfa.readings.loudness import MOMENTARY_SLOTS, SHORT_TERM_SLOTS, lufs, windowed
from sfa.readings.pitch import PER_SEMITONE

MOST_POINTS, MOST_ROWS_POINTS, MOST_FINE_POINTS = 20_000, 8_000, 60_000
FLOOR_DB = -100.0

Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Curve:
    """`values` is (n,) or (rows, n); point i is at `start_s + i * hop_s`. Without `hop_s`, times."""

    name: str
    unit: str
    hop_s: float | None
    start_s: float
    values: Numbers
    dtype: Literal["float16", "float32", "uint8"] = "float16"


def curves_of(
    heard: Heard, tuning: Tuning, onset_times_s: npt.NDArray[np.float64], likeness: Likeness | None
) -> list[Curve]:
    """All curves of a sound, none longer than 60,000 points but the onset times."""
    timbre, level = heard.timbre, heard.level
    energy = np.maximum(20 * np.log10(np.maximum(timbre.rms, 1e-9)), FLOOR_DB).astype(np.float32)
    peaks = np.maximum(20 * np.log10(np.maximum(level.slot_peak, 1e-9)), FLOOR_DB).astype(np.float32)
    curves = [
        thinned("energy", "dBFS", HOP_S, energy),
        _loudness("momentary_loudness", level.slot_energy, MOMENTARY_SLOTS),
        _loudness("short_term_loudness", level.slot_energy, SHORT_TERM_SLOTS),
        thinned("true_peak", "dBTP", 1 / SLOTS_PER_S, peaks, peaks=True),
        thinned(
            "onset_strength",
            "log10",
            FINE_HOP_S,
            heard.pulse.rise.sum(axis=1),
            most=MOST_FINE_POINTS,
            peaks=True,
        ),
        Curve("onset_times", "s", None, 0.0, onset_times_s.astype(np.float32), "float32"),
        thinned("chroma", "share", HOP_S, chroma(heard.pitch.cqt, tuning).T, most=MOST_ROWS_POINTS),
        thinned("mfcc", "dB", HOP_S, timbre.mfcc.T, most=MOST_ROWS_POINTS),
        thinned("spectral_centroid", "Hz", HOP_S, timbre.centroid_hz),
        thinned("spectral_bandwidth", "Hz", HOP_S, timbre.bandwidth_hz),
        thinned("spectral_rolloff", "Hz", HOP_S, timbre.rolloff_hz),
        thinned("spectral_flatness", "ratio", HOP_S, timbre.flatness),
        thinned("spectral_contrast", "dB", HOP_S, timbre.contrast_db.T, most=MOST_ROWS_POINTS),
        thinned("zero_crossing_rate", "1/s", HOP_S, timbre.zero_crossing_rate * RATE_HZ),
    ]
    return curves + ([] if likeness is None else [_likeness(likeness)])


def chroma(cqt: Numbers, tuning: Tuning) -> Numbers:
    """Constant-Q chroma: amplitude per pitch class, C first, the strongest of each frame 1; shape (n, 12)."""
    bins = cqt.shape[1]
    shift = tuning.semitones * PER_SEMITONE
    place = (np.arange(bins) - shift) / PER_SEMITONE
    pitch_class = np.round(place).astype(np.int64) % 12
    weight = np.cos(np.pi * (place - np.round(place))) ** 2
    fold = np.zeros((bins, 12), np.float32)
    fold[np.arange(bins), pitch_class] = weight
    out = cqt @ fold
    strongest = out.max(axis=1, keepdims=True, initial=0)
    return np.where(strongest > 1e-4, out / np.maximum(strongest, 1e-4), 0).astype(np.float32)


def thinned(
    name: str, unit: str, hop_s: float, values: Numbers, *, most: int = MOST_POINTS, peaks: bool = False
) -> Curve:
    """The curve with every so many points joined to one, their mean or peak, so that it is short enough."""
    n = values.shape[-1]
    step = -(-n // most)
    if step > 1:
        starts = np.arange(0, n, step)
        if peaks:
            values = np.maximum.reduceat(values, starts, axis=-1)
        else:
            sums = np.add.reduceat(values, starts, axis=-1, dtype=np.float64)
            values = (sums / np.diff([*starts, n])).astype(np.float32)
    start_s = 0.0 if peaks else 0.5 * (step - 1) * hop_s
    return Curve(name, unit, hop_s * step, start_s, np.ascontiguousarray(values, np.float32))


def _likeness(likeness: Likeness) -> Curve:
    return Curve(
        "likeness", "1/255", likeness.hop_s, 0.5 * likeness.hop_s, likeness.values.astype(np.float32), "uint8"
    )


def _loudness(name: str, slot_energy: npt.NDArray[np.float64], slots: int) -> Curve:
    """Loudness at the end of each window, as a meter would show it then."""
    values = np.maximum(lufs(windowed(slot_energy, slots)), FLOOR_DB).astype(np.float32)
    curve = thinned(name, "LUFS", 1 / SLOTS_PER_S, values)
    return Curve(name, curve.unit, curve.hop_s, curve.start_s + slots / SLOTS_PER_S, curve.values)
