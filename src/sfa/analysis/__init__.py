"""What was read from the sound: tempo, beats, key, chords, sections, loudness, curves, waveforms."""

from sfa.analysis.rows import Curve, Headline, KeyEvidence, Peaks, Reading, Readings
from sfa.analysis.store import (
    curve_of_track,
    headlines,
    key_evidence_of_track,
    peaks_of_stem,
    peaks_of_track,
    readings_of_track,
)

__all__ = [
    "Curve",
    "Headline",
    "KeyEvidence",
    "Peaks",
    "Reading",
    "Readings",
    "curve_of_track",
    "headlines",
    "key_evidence_of_track",
    "peaks_of_stem",
    "peaks_of_track",
    "readings_of_track",
]
