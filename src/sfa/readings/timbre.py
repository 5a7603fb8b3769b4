"""What one long transform tells, frame by frame: spectral shape, MFCC, level, and what lasts or strikes."""

from __future__ import annotations

from dataclasses import dataclass

import librosa
import numpy as np
import scipy.ndimage

from sfa.readings.spectra import Floats, amplitude_spectrum, decibels, frames, mel_bank

SIZE, HOP = 2048, 1024
MFCC_COUNT, MEL_BANDS = 20, 128
CONTRAST_LOW_HZ, CONTRAST_BANDS, CONTRAST_SHARE = 200.0, 7, 0.02
ROLLOFF_SHARE = 0.85
HARMONIC_FRAMES, PERCUSSIVE_BINS = 17, 31
REACH = SIZE // 2 + HOP * (HARMONIC_FRAMES // 2)


@dataclass(frozen=True, slots=True)
class Timbre:
    """One row per frame; frame i is centred on sample `i * HOP`."""

    rms: Floats  # (n,), 1 = full scale
    zero_crossing_rate: Floats  # (n,), crossings per sample
    centroid_hz: Floats
    bandwidth_hz: Floats
    rolloff_hz: Floats
    flatness: Floats  # 0..1
    contrast_db: Floats  # (n, 7)
    mfcc: Floats  # (n, 20), from mel levels in dB re full scale
    harmonic: Floats  # (n,) spectral power in the harmonic part
    percussive: Floats  # (n,)


@dataclass(frozen=True, slots=True)
class Brightness:
    """The cheap part of `Timbre`, for stems."""

    rms: Floats
    centroid_hz: Floats


def brightness_of(sound: Floats, *, first: int, count: int, rate_hz: int) -> Brightness:
    """Level and spectral centroid of `count` frames, the first one centred on sample `first`."""
    cut = frames(sound, first=first, count=count, size=SIZE, hop=HOP)
    centroid = librosa.feature.spectral_centroid(S=amplitude_spectrum(cut).T, sr=rate_hz)
    return Brightness(rms=np.sqrt(np.einsum("ij,ij->i", cut, cut) / SIZE), centroid_hz=_row(centroid))


def timbre_of(sound: Floats, *, first: int, count: int, rate_hz: int) -> Timbre:
    """Read `count` frames, the first one centred on sample `first` of `sound`.

    `sound` must reach `REACH` samples beyond the outer frames' centres.
    """
    context = HARMONIC_FRAMES // 2
    cut = frames(sound, first=first - context * HOP, count=count + 2 * context, size=SIZE, hop=HOP)
    wide = amplitude_spectrum(cut)
    own = wide[context : context + count]
    bins = own.T  # as librosa has them: one column per frame
    centroid = librosa.feature.spectral_centroid(S=bins, sr=rate_hz)
    harmonic, percussive = _split(wide, context)
    plain = cut[context : context + count]
    mel = own**2 @ mel_bank(SIZE, rate_hz, MEL_BANDS, 0, rate_hz / 2)
    return Timbre(
        rms=np.sqrt(np.einsum("ij,ij->i", plain, plain) / SIZE),
        zero_crossing_rate=_crossings(plain),
        centroid_hz=_row(centroid),
        bandwidth_hz=_row(librosa.feature.spectral_bandwidth(S=bins, sr=rate_hz, centroid=centroid)),
        rolloff_hz=_row(librosa.feature.spectral_rolloff(S=bins, sr=rate_hz, roll_percent=ROLLOFF_SHARE)),
        flatness=_row(librosa.feature.spectral_flatness(S=bins, amin=1e-14)),
        contrast_db=_contrast(bins, rate_hz),
        mfcc=_mfcc(mel),
        harmonic=harmonic,
        percussive=percussive,
    )


def _row(feature: Floats) -> Floats:
    return np.asarray(feature[0], np.float32)


def _crossings(cut: Floats) -> Floats:
    return np.asarray(librosa.zero_crossings(cut, pad=False).sum(axis=1) / SIZE, np.float32)


def _mfcc(mel: Floats) -> Floats:
    return np.asarray(librosa.feature.mfcc(S=decibels(mel, -100).T, n_mfcc=MFCC_COUNT).T, np.float32)


def _contrast(bins: Floats, rate_hz: int) -> Floats:
    """Peak over valley level per octave band, in dB; shape (n_frames, CONTRAST_BANDS).

    librosa takes its input for a power. An amplitude halves the decibels, and the range that it
    keeps below the loudest one, relative to each call, is wide enough to hold all of them.
    """
    contrast = librosa.feature.spectral_contrast(
        S=bins, sr=rate_hz, fmin=CONTRAST_LOW_HZ, n_bands=CONTRAST_BANDS - 1, quantile=CONTRAST_SHARE
    )
    return np.asarray(2 * contrast.T, np.float32)


def _split(magnitude: Floats, context: int) -> tuple[Floats, Floats]:
    """Spectral power per frame that lasts in time, and that stands alone in time.

    Source
    ------
    D. FitzGerald, "Harmonic/percussive separation using median filtering", DAFx 2010.
    """
    inner = slice(context, len(magnitude) - context)
    lasting = np.ascontiguousarray(_row_medians(np.ascontiguousarray(magnitude.T), HARMONIC_FRAMES).T[inner])
    abrupt = _row_medians(magnitude[inner], PERCUSSIVE_BINS)
    lasting *= lasting
    abrupt *= abrupt
    power = magnitude[inner] ** 2
    share = lasting / np.maximum(lasting + abrupt, 1e-20)
    harmonic = np.einsum("ij,ij->i", power, share)
    return harmonic, power.sum(axis=1) - harmonic


def _row_medians(rows: Floats, width: int) -> Floats:
    """Running median of each row: scipy is nine times faster on one dimension than on two."""
    out = np.empty_like(rows)
    for row, smooth in zip(rows, out, strict=True):
        scipy.ndimage.median_filter(row, size=width, mode="reflect", output=smooth)
    return out
