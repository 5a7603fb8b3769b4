"""The script that one would write for oneself: `python -m bench.plain SONG [--stems FOLDER] [--out FILE]`.

The readings that a studio run gives, each by the call that librosa has for it,
from the samples, with librosa's own defaults. What a call has returned is used
again where any reader of librosa's tutorial would do so (the beats, the
chroma), and nothing is tuned.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import scipy.signal
import scipy.sparse.csgraph
import soundfile
from numpy.typing import NDArray
from sklearn.cluster import KMeans

Array = NDArray[Any]
Beats = Any  # an array of frames, which librosa annotates as a list

_TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
# Krumhansl and Kessler's probe tone ratings.
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_CHORDS = {"": (0, 4, 7), "m": (0, 3, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "m7": (0, 3, 7, 10)}
_CHORDS |= {"dim": (0, 3, 6), "sus4": (0, 5, 7)}


def read_mix(path: Path) -> dict[str, Any]:
    """Everything about a song."""
    samples, rate = soundfile.read(path, always_2d=True)
    y, sr = librosa.load(path)
    tempo, beat_frames = librosa.beat.beat_track(y=y, sr=sr)
    chroma = librosa.feature.chroma_cqt(y=y, sr=sr)
    onsets = librosa.onset.onset_detect(y=y, sr=sr, units="time")
    harmonic, percussive = librosa.effects.hpss(y)
    spectrum = {
        "centroid": librosa.feature.spectral_centroid(y=y, sr=sr),
        "bandwidth": librosa.feature.spectral_bandwidth(y=y, sr=sr),
        "rolloff": librosa.feature.spectral_rolloff(y=y, sr=sr),
        "contrast": librosa.feature.spectral_contrast(y=y, sr=sr),
        "flatness": librosa.feature.spectral_flatness(y=y),
        "zero_crossing_rate": librosa.feature.zero_crossing_rate(y),
    }
    power = float((harmonic**2).sum()), float((percussive**2).sum())
    return {
        "tempo_bpm": float(np.atleast_1d(tempo)[0]),
        "tempo_alternatives": _tempo_alternatives(y, sr),
        "beats_s": librosa.frames_to_time(beat_frames, sr=sr).tolist(),
        "beats_per_bar": _beats_per_bar(y, sr, beat_frames),
        "key": _key(chroma),
        "tuning": float(librosa.estimate_tuning(y=y, sr=sr)),
        "chords": _chords(y, sr, beat_frames),
        "sections": _sections(y, sr, beat_frames),
        "loudness": _loudness(samples, rate),
        "onsets": {"count": len(onsets), "times_s": onsets.tolist()},
        "balance": power[0] / max(sum(power), 1e-20),
        "spectrum": {name: [row.mean(1).tolist(), row.std(1).tolist()] for name, row in spectrum.items()},
        "curves": {
            "energy": librosa.feature.rms(y=y).shape,
            "onset_strength": librosa.onset.onset_strength(y=y, sr=sr).shape,
            "chroma": chroma.shape,
            "mfcc": librosa.feature.mfcc(y=y, sr=sr).shape,
        },
        "peaks": [len(level) for level in _peaks(samples)],
    }


def read_stems(folder: Path) -> dict[str, Any]:
    """What a mixer shows of each stem."""
    found: dict[str, Any] = {}
    for path in sorted(file for file in folder.iterdir() if file.suffix in (".wav", ".flac")):
        samples, rate = soundfile.read(path, always_2d=True)
        y, sr = librosa.load(path)
        loudness = _loudness(samples, rate)
        found[path.stem] = {
            "integrated_lufs": loudness["integrated_lufs"],
            "true_peak_dbtp": loudness["true_peak_dbtp"],
            "energy": float((samples**2).mean()),
            "active_share": float((librosa.feature.rms(y=y) > 1e-3).mean()),
            "onsets_per_s": len(librosa.onset.onset_detect(y=y, sr=sr)) / librosa.get_duration(y=y, sr=sr),
            "spectral_centroid_hz": float(librosa.feature.spectral_centroid(y=y, sr=sr).mean()),
            "peaks": [len(level) for level in _peaks(samples)],
        }
    total = sum(stem["energy"] for stem in found.values()) or 1.0
    for stem in found.values():
        stem["energy_share"] = stem["energy"] / total
    return found


def _tempo_alternatives(y: Array, sr: float) -> list[float]:
    tempogram = librosa.feature.tempogram(y=y, sr=sr).mean(axis=1)
    bpm = librosa.tempo_frequencies(len(tempogram), sr=sr)
    peaks = scipy.signal.find_peaks(tempogram)[0]
    best = peaks[np.argsort(-tempogram[peaks])]
    return [float(bpm[peak]) for peak in best if 40 <= bpm[peak] <= 240][:4]


def _beats_per_bar(y: Array, sr: float, beats: Beats) -> int | None:
    if len(beats) < 12:
        return None
    strength = librosa.util.sync(librosa.onset.onset_strength(y=y, sr=sr), beats)
    contrast = {}
    for count in (3, 4):
        phases = [strength[phase::count].mean() for phase in range(count)]
        contrast[count] = max(phases) / (np.mean(phases) + 1e-9)
    return max(contrast, key=lambda count: contrast[count])


def _key(chroma: Array) -> list[str]:
    profile = chroma.mean(axis=1)
    scores = {}
    for tonic, name in enumerate(_TONICS):
        for mode, weights in (("major", _MAJOR), ("minor", _MINOR)):
            scores[f"{name} {mode}"] = np.corrcoef(np.roll(weights, tonic), profile)[0, 1]
    return sorted(scores, key=lambda key: -scores[key])[:4]


def _chords(y: Array, sr: float, beats: Beats) -> list[str]:
    chroma = librosa.util.sync(librosa.feature.chroma_cens(y=y, sr=sr), beats, aggregate=np.median)
    names, templates = [], []
    for tonic, name in enumerate(_TONICS):
        for suffix, steps in _CHORDS.items():
            template = np.zeros(12)
            template[[(tonic + step) % 12 for step in steps]] = 1
            names.append(name + suffix)
            templates.append(template)
    unit = librosa.util.normalize(np.array(templates), norm=2, axis=1)
    likeness = np.exp(8 * unit @ librosa.util.normalize(chroma, norm=2))
    likeness /= likeness.sum(axis=0)
    moves = librosa.sequence.transition_loop(len(names), 0.8)
    states = librosa.sequence.viterbi_discriminative(likeness, moves)
    return [names[state] for state in states]


def _sections(y: Array, sr: float, beats: Beats, kinds: int = 4) -> list[int]:
    """Laplacian segmentation of CQT levels by beat (McFee and Ellis, ISMIR 2014), without its timbre path."""
    levels = librosa.amplitude_to_db(np.abs(librosa.cqt(y=y, sr=sr)), ref=np.max)
    by_beat = librosa.util.sync(levels, beats, aggregate=np.median)
    if by_beat.shape[1] < 4 * kinds:
        return [0]
    likeness = librosa.segment.recurrence_matrix(by_beat, width=3, mode="affinity", sym=True)
    likeness += np.eye(len(likeness), k=1) + np.eye(len(likeness), k=-1)
    _, vectors = np.linalg.eigh(scipy.sparse.csgraph.laplacian(likeness, normed=True))
    return [int(kind) for kind in KMeans(kinds, n_init=10, random_state=0).fit_predict(vectors[:, :kinds])]


def _loudness(samples: Array, rate: int) -> dict[str, float]:
    """EBU R128 by the book: ITU-R BS.1770 filters and gates, EBU Tech 3342 range."""
    weighted = _k_weighted(samples, rate)
    slot = rate // 10
    whole = len(weighted) // slot * slot
    tenths = (weighted[:whole] ** 2).reshape(-1, slot, samples.shape[1]).mean(axis=1).sum(axis=1)
    momentary = np.convolve(tenths, np.ones(4) / 4, "valid") if len(tenths) >= 4 else tenths
    short = np.convolve(tenths, np.ones(30) / 30, "valid") if len(tenths) >= 30 else tenths
    oversampled = scipy.signal.resample_poly(samples, 4, 1, axis=0)
    low, high = np.percentile(_lufs(_gated(short, -20)), (10, 95)) if len(short) else (0.0, 0.0)
    return {
        "integrated_lufs": float(_lufs(_gated(momentary, -10).mean())) if len(momentary) else -math.inf,
        "range_lu": float(high - low),
        "max_momentary_lufs": float(_lufs(momentary.max(initial=0.0))),
        "max_short_term_lufs": float(_lufs(short.max(initial=0.0))),
        "true_peak_dbtp": float(20 * np.log10(np.abs(oversampled).max() + 1e-12)),
        "sample_peak_dbfs": float(20 * np.log10(np.abs(samples).max() + 1e-12)),
    }


def _lufs(power: Any) -> Any:
    return -0.691 + 10 * np.log10(power + 1e-12)


def _gated(power: Array, below_lu: float) -> Array:
    loud = power[_lufs(power) > -70]
    kept = loud[_lufs(loud) > _lufs(loud.mean()) + below_lu] if len(loud) else loud
    return kept if len(kept) else np.zeros(1)


def _k_weighted(samples: Array, rate: int) -> Array:
    """The two filters of BS.1770 for any rate, by the bilinear transform."""
    k = math.tan(math.pi * 1681.974450955533 / rate)
    q, gain = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    mid = gain**0.4996667741545416
    a = [1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k]
    b = [gain + mid * k / q + k * k, 2 * (k * k - gain), gain - mid * k / q + k * k]
    shelved = scipy.signal.lfilter(np.array(b) / a[0], np.array(a) / a[0], samples, axis=0)
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    a = [1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k]
    weighted: Array = scipy.signal.lfilter([1.0, -2.0, 1.0], np.array(a) / a[0], shelved, axis=0)
    return weighted


def _peaks(samples: Array) -> list[Array]:
    loudest = np.abs(samples).max(axis=1)
    levels = []
    for size in (256, 2048, 16384):
        padded = np.pad(loudest, (0, -len(loudest) % size))
        levels.append((padded.reshape(-1, size).max(axis=1) * 255).astype(np.uint8))
    return levels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("song", type=Path)
    parser.add_argument("--stems", type=Path, help="also read the stems in this folder")
    parser.add_argument("--out", type=Path, help="where the readings go, as JSON")
    parser.add_argument("--passes", type=int, default=1, help="do it again, to see what a warm process takes")
    args = parser.parse_args()
    for _ in range(args.passes):
        began = time.perf_counter()
        found = read_mix(args.song)
        if args.stems:
            found["stems"] = read_stems(args.stems)
        print(f"{time.perf_counter() - began:.3f}", flush=True)
        if args.out:
            args.out.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
