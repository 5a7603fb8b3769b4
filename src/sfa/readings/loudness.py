"""Loudness as broadcasters measure it (EBU R128), from K-weighted energies of tenths of a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sfa.readings.level import Level
from sfa.readings.reading import Reading, taken

Array = npt.NDArray[np.float64]

MOMENTARY_SLOTS, SHORT_TERM_SLOTS = 4, 30
GATE_LUFS, GATE_LU, RANGE_GATE_LU = -70.0, 10.0, 20.0
OFFSET_LUFS, FLOOR_LUFS = -0.691, -120.0
METHOD = (
    "EBU R128 (ITU-R BS.1770-4 K-weighting and gates; range after EBU Tech 3342; true peak 4x oversampled)"
)


@dataclass(frozen=True, slots=True)
class Loudness:
    """None stands for what cannot be measured: silence, or too short for the window."""

    integrated_lufs: float | None
    range_lu: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None
    true_peak_dbtp: float | None
    sample_peak_dbfs: float | None


def read_loudness(level: Level, *, downmixed: bool = False) -> Reading[Loudness]:
    """State the loudness of a whole sound; always taken, silence has no numbers."""
    momentary = windowed(level.slot_energy, MOMENTARY_SLOTS)
    short_term = windowed(level.slot_energy, SHORT_TERM_SLOTS)
    value = Loudness(
        integrated_lufs=_rounded(integrated(momentary)),
        range_lu=_rounded(loudness_range(short_term)),
        max_momentary_lufs=_rounded(_loudest(momentary)),
        max_short_term_lufs=_rounded(_loudest(short_term)),
        true_peak_dbtp=_rounded(_peak_db(level.true_peak)),
        sample_peak_dbfs=_rounded(_peak_db(level.sample_peak)),
    )
    short = len(momentary) < 1
    method = METHOD + ("; of the stereo downmix" if downmixed else "")
    method += "; shorter than the 0.4 s window, so only peaks" if short else ""
    return taken(value, method=method, confidence=0.5 if short else 0.9 if downmixed else 1.0)


def windowed(slot_energy: Array, slots: int) -> Array:
    """Mean energy in windows of so many tenths of a second, one window per tenth; shape (n - slots + 1,)."""
    if len(slot_energy) < slots:
        return np.empty(0)
    running = np.concatenate([[0.0], np.cumsum(slot_energy)])
    # A running sum may end a hair below where it was before.
    return np.asarray(np.maximum(running[slots:] - running[:-slots], 0) / slots)


def lufs(energy: npt.ArrayLike) -> Array:
    """Loudness of a mean square energy, LUFS; never below -120, so that silence stays a number."""
    return OFFSET_LUFS + 10 * np.log10(np.maximum(np.asarray(energy, np.float64), 10 ** (FLOOR_LUFS / 10)))


def integrated(momentary: Array) -> float | None:
    """Loudness of all windows that pass the absolute and the relative gate."""
    kept = momentary[lufs(momentary) > GATE_LUFS]
    if len(kept) == 0:
        return None
    kept = kept[lufs(kept) > lufs(kept.mean()) - GATE_LU]
    return float(lufs(kept.mean()))


def loudness_range(short_term: Array) -> float | None:
    """Distance from the 10th to the 95th percentile of the gated short-term loudness, LU."""
    kept = short_term[lufs(short_term) > GATE_LUFS]
    if len(kept) == 0:
        return None
    values = lufs(kept)
    values = values[values > lufs(kept.mean()) - RANGE_GATE_LU]
    low, high = np.percentile(values, [10, 95])
    return float(high - low)


def _loudest(energies: Array) -> float | None:
    return float(lufs(energies.max())) if len(energies) and energies.max() > 10 ** (FLOOR_LUFS / 10) else None


def _peak_db(peak: float) -> float | None:
    return float(20 * np.log10(peak)) if peak > 0 else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
