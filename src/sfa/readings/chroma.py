"""Notes under the partials: constant-Q spectra, tuned, whitened, and explained by notes with harmonics."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.ndimage

from sfa.readings.pitch import BINS, LOWEST_MIDI, PER_SEMITONE, SEMITONES, SIZE, Pitch, bin_hz

Array = npt.NDArray[np.float64]

PARTIALS, FALL = 12, 0.7
ROUNDS, SPARSITY = 60, 1.0
HALF_OCTAVE = 6 * PER_SEMITONE
BASS_MIDI, TREBLE_MIDI, LOWEST = 43.0, 58.0, 6.0
AUDIBLE = 2e-4  # about -68 dB re a full-scale sine


@dataclass(frozen=True, slots=True)
class Tuning:
    a4_hz: float
    semitones: float  # how far the music lies above A = 440 Hz, -0.5..0.5
    clarity: float  # 0..1: how closely partials keep to twelve equal steps


@dataclass(frozen=True, slots=True)
class Notes:
    """Strength of each note in each stretch of time."""

    strength: Array  # (n, 84): from C1
    bass: Array  # (n, 12): row sums to 1, or all 0
    treble: Array  # (n, 12)
    tonal: Array  # (n,): 0..1, how closely the partials keep to the tuning; 0 for noise


def find_tuning(pitch: Pitch) -> Tuning:
    """Reference pitch from how far the partials lie from twelve equal steps at 440 Hz (circular mean)."""
    total = float(pitch.detune_weight.sum())
    turn = complex(pitch.detune.sum())
    if total <= 0:
        return Tuning(a4_hz=440.0, semitones=0.0, clarity=0.0)
    semitones = float(np.angle(turn) / (2 * np.pi))
    return Tuning(a4_hz=440 * 2 ** (semitones / 12), semitones=semitones, clarity=abs(turn) / total)


def stretch_spectra(cqt: npt.NDArray[np.float32], edges_s: Array, hop_s: float) -> Array:
    """Mean constant-Q spectrum between neighbouring edges, shape (len(edges_s) - 1, 252)."""
    edges = np.clip(np.round(edges_s / hop_s).astype(np.int64), 0, len(cqt) - 1)
    out = np.empty((len(edges) - 1, cqt.shape[1]))
    for row, (start, stop) in enumerate(itertools.pairwise(edges)):
        out[row] = cqt[start : max(stop, start + 1)].mean(axis=0)
    return out


def tuned_share(pitch: Pitch, tuning: Tuning, edges_s: Array, hop_s: float) -> Array:
    """How closely the partials of each stretch keep to the tuning, 0..1, shape (len(edges_s) - 1,)."""
    aligned = np.real(pitch.detune * np.exp(-2j * np.pi * tuning.semitones))
    sums = [np.concatenate([[0.0], np.cumsum(values)]) for values in (aligned, pitch.detune_weight)]
    # Only every fourth frame was asked, so a stretch looks that far beyond its ends.
    start = np.clip(np.floor(edges_s[:-1] / hop_s).astype(np.int64) - 1, 0, len(aligned))
    stop = np.clip(np.ceil(edges_s[1:] / hop_s).astype(np.int64) + 2, 0, len(aligned))
    inside, weight = (total[stop] - total[start] for total in sums)
    return np.asarray(np.clip(inside / np.maximum(weight, 1e-9), 0, 1))


def explain(spectra: Array, tuning: Tuning, tonal: Array, rate_hz: int) -> Notes:
    """Explain each spectrum as a sum of notes with falling partials (non-negative least squares).

    Parameters
    ----------
    spectra : array, shape (n, 252)
        From `stretch_spectra`.
    tonal : array, shape (n,), 0..1
        From `tuned_share`.

    Source
    ------
    M. Mauch, S. Dixon, "Approximate note transcription for the improved identification of
    difficult chords", ISMIR 2010.
    """
    tuned = _retuned(spectra, tuning.semitones * PER_SEMITONE)
    white = _whitened(tuned)
    strength = _non_negative(white, _note_spectra(rate_hz))
    midi = LOWEST_MIDI + np.arange(SEMITONES)
    below = np.cumsum(strength, axis=1) - strength
    # The bass is the lowest strong note: what lies above others counts less.
    lowest = np.exp(-LOWEST * below / np.maximum(strength.sum(axis=1, keepdims=True), 1e-9))
    bass = strength * lowest * np.exp(-0.5 * ((midi - BASS_MIDI) / 8.0) ** 2)
    treble = strength * np.exp(-0.5 * ((midi - TREBLE_MIDI) / 11.0) ** 2)
    audible = (tuned.max(axis=1) > AUDIBLE)[:, None]
    return Notes(
        strength=strength, bass=_folded(bass) * audible, treble=_folded(treble) * audible, tonal=tonal
    )


def _folded(strength: Array) -> Array:
    chroma = strength.reshape(len(strength), -1, 12).sum(axis=1)
    total = chroma.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 1e-6, chroma / np.maximum(total, 1e-6), 0.0))


def _retuned(spectra: Array, bins: float) -> Array:
    """Shift the bin axis so that notes fall on every third bin whatever the tuning."""
    wanted = np.clip(np.arange(BINS) + bins, 0, BINS - 1)
    low = np.minimum(wanted.astype(np.int64), BINS - 2)
    share = wanted - low
    return np.asarray(spectra[:, low] * (1 - share) + spectra[:, low + 1] * share)


def _whitened(spectra: Array) -> Array:
    """What stands above the local mean, in local deviations (a window of one octave), times a soft level."""
    level = np.log1p(spectra / np.maximum(1e-5, 0.02 * spectra.max(axis=1, keepdims=True)))
    mean = scipy.ndimage.uniform_filter1d(level, 2 * HALF_OCTAVE + 1, axis=1, mode="nearest")
    square = scipy.ndimage.uniform_filter1d(level**2, 2 * HALF_OCTAVE + 1, axis=1, mode="nearest")
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    return np.asarray(np.maximum(level - mean, 0) / (deviation + 0.1))


@functools.cache
def _note_spectra(rate_hz: int) -> Array:
    """What the transform makes of one note each, shape (84, 252)."""
    hz = bin_hz(np.arange(BINS))
    step = 2 ** (1 / (12 * PER_SEMITONE)) - 1
    reach = np.maximum(
        1.0, rate_hz / (hz * step) / SIZE
    )  # bins to half height: wider where windows are capped
    notes = np.zeros((SEMITONES, BINS))
    for note in range(SEMITONES):
        for partial in range(1, PARTIALS + 1):
            at = note * PER_SEMITONE + 12 * PER_SEMITONE * np.log2(partial)
            distance = np.abs(np.arange(BINS) - at) / reach
            lobe = np.where(distance < 2, 0.5 + 0.5 * np.cos(np.pi * distance / 2), 0.0)
            notes[note] += FALL ** (partial - 1) * lobe
    return notes


def _non_negative(spectra: Array, notes: Array) -> Array:
    """Few activations whose sum of notes is close to the spectra; every note costs a little.

    Source
    ------
    P. O. Hoyer, "Non-negative sparse coding", NNSP 2002.
    """
    wanted = np.maximum(spectra @ notes.T - SPARSITY, 1e-9)
    overlap = notes @ notes.T
    out = wanted.copy()
    for _ in range(ROUNDS):
        out *= wanted / (out @ overlap + 1e-9)
    return out
