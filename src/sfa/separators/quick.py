"""Engine `quick`: stems from signal processing alone, without weights; rough, and labelled so.

One short-time spectrum is shared out among four stems by soft masks that sum
to one, so the stems add up to the mix again. Blocks with a little of their
surroundings keep memory the same for a minute and for three hours.

Sources
-------
D. Fitzgerald, "Harmonic/percussive separation using median filtering", Proc.
DAFx-10, 2010: what lasts and what strikes. Z. Rafii and B. Pardo,
"Music/voice separation using the similarity matrix", Proc. ISMIR 2012
(REPET-SIM): what repeats is accompaniment, what does not is voice. C. Avendano,
"Frequency-domain source identification and manipulation in stereo mixes", Proc.
WASPAA 2003: what is alike in both channels stands in the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from sfa.sound.mix import Mix, Samples

STEMS = ("vocals", "drums", "bass", "other")

Spectrum = NDArray[np.complex64]
Tick = Callable[[float], None]

_WINDOW_S = 0.093
_OVERLAP = 4  # windows over every sample
_BLOCK = 512  # spectra shared out at a time
_AROUND = 176  # spectra on either side that may count as repetitions
_MASKED_HZ = 16_000  # above, the masks of the topmost bands go on
_LASTS = 31  # spectra, 0.7 s
_STRIKES_HZ = 180  # Fitzgerald's 17 bins of 4096 at 44.1 kHz
_KICK_HZ = 70  # below `_KICK_TOP_HZ`, where a drum is a band and not a whole spectrum
_KICK_TOP_HZ = 300
_BANDS = 96
_APART = 32  # spectra: of each such stretch only the most alike is a repetition
_SELF = 12  # spectra that are too near to be repetitions
_BASS_HZ = (110.0, 280.0)
_VOICE_HZ = (130.0, 220.0)
_FAVOUR = 8  # what repeats is seen too small where voice covers it, so what is new counts for more
_TINY = np.float32(1e-12)
# Compare-exchange pairs after which the fourth of seven is their median.
_MEDIAN_OF_7 = (
    *((0, 5), (0, 3), (1, 6), (2, 4), (0, 1), (3, 5), (2, 6)),
    *((2, 3), (3, 6), (4, 5), (1, 4), (1, 3), (3, 4)),
)


@dataclass(frozen=True, slots=True)
class _Grid:
    """How a recording is cut into windows: window `t` begins at sample `t * hop - pad`."""

    size: int
    hop: int
    pad: int
    count: int
    window: Samples
    bin_hz: float

    @classmethod
    def over(cls, frames: int, rate_hz: int) -> _Grid:
        size = 1 << max(6, round(np.log2(_WINDOW_S * rate_hz)))
        hop = size // _OVERLAP
        pad = size - hop
        window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
        return cls(size, hop, pad, -(-(frames + pad) // hop), window, rate_hz / size)


def separate(mix: Mix, *, bits: int, tick: Tick = lambda done: None) -> Iterator[Samples]:
    """Share a recording out among `STEMS`.

    Parameters
    ----------
    mix
        The recording, one or two channels.
    bits
        Size of the samples in the files to come. All stems but `other` are
        rounded to that grid and `other` takes the remainder, so that stems of
        a mix that is on the grid itself add up to it without any error.
    tick
        Told the share that is done, 0 to 1, after each block.

    Yields
    ------
    Consecutive stretches, shape (stem, frames, channels), full scale at 1.0;
    together as many frames as the mix has.
    """
    grid = _Grid.over(mix.frames, mix.sample_rate)
    carry = np.zeros((3, _OVERLAP - 1, grid.hop, mix.channels), np.float32)
    for first in range(0, grid.count, _BLOCK):
        last = min(first + _BLOCK, grid.count)
        spectra, core = _spectra(mix, grid, first, last)
        masks = _masks(spectra, core, grid)
        voiced = _overlap_add(spectra[core], masks, grid)
        voiced[:, : _OVERLAP - 1] += carry
        carry = voiced[:, last - first :]
        start = first * grid.hop - grid.pad
        stretch = voiced[:, : last - first].reshape(3, -1, mix.channels)
        if last == grid.count:
            stretch = np.concatenate([stretch, carry.reshape(3, -1, mix.channels)], axis=1)
        begin, end = max(0, start), min(mix.frames, start + stretch.shape[1])
        yield _complete(stretch[:, begin - start : end - start], mix.block(begin, end), bits)
        tick(last / grid.count)


def _spectra(mix: Mix, grid: _Grid, first: int, last: int) -> tuple[Spectrum, slice]:
    """Spectra of windows `first` to `last` and of those around, shape (window, channel, bin)."""
    low, high = max(0, first - _AROUND), min(grid.count, last + _AROUND)
    start = low * grid.hop - grid.pad
    stop = (high - 1) * grid.hop - grid.pad + grid.size
    sound = mix.block(max(0, start), stop)
    padded = np.zeros((stop - start, mix.channels), np.float32)
    padded[max(0, -start) : max(0, -start) + len(sound)] = sound
    windows = np.lib.stride_tricks.sliding_window_view(padded, grid.size, axis=0)[:: grid.hop]
    return scipy.fft.rfft(windows * grid.window, axis=-1), slice(first - low, last - low)


def _masks(spectra: Spectrum, core: slice, grid: _Grid) -> Samples:
    """Masks of vocals, drums and bass over the core, shape (3, window, bin); `other` has the rest."""
    bins = spectra.shape[-1]
    top = min(bins, int(_MASKED_HZ / grid.bin_hz) + 1)
    heard = spectra[..., :top]
    power = np.sum(heard.real**2 + heard.imag**2, axis=1) / np.float32(heard.shape[1])
    loudness = np.sqrt(power)
    strikes = _striking(loudness, core, grid)
    hz = np.arange(top, dtype=np.float32) * np.float32(grid.bin_hz)
    low = 1 - _rise(hz, *_BASS_HZ)
    lasts = 1 - strikes
    bass = lasts * low
    voice = (lasts - bass) * _rise(hz, *_VOICE_HZ) * _fresh(loudness, core) * _central(heard[core])
    masks = np.empty((3, strikes.shape[0], bins), np.float32)
    masks[0, :, :top], masks[1, :, :top], masks[2, :, :top] = voice, strikes, bass
    masks[..., top:] = masks[..., max(0, top - 32) : top].mean(axis=-1, keepdims=True)
    return masks


def _striking(loudness: Samples, core: slice, grid: _Grid) -> Samples:
    """Share of each bin that strikes rather than lasts (Fitzgerald 2010, soft masks of his eq. 5)."""
    near = slice(max(0, core.start - _LASTS), core.stop + _LASTS)
    by_bin = np.ascontiguousarray(loudness[near].T)
    # One row at a time takes scipy's one-dimensional path, nine times faster than the other.
    for row in by_bin:
        row[:] = median_filter(row, _LASTS, mode="nearest")
    lasting = by_bin.T[core.start - near.start : core.stop - near.start]
    sudden = np.stack([_across(row, _STRIKES_HZ, grid) for row in loudness[core]])
    low = round(2 * _KICK_TOP_HZ / grid.bin_hz)
    kick = np.stack([_across(row[:low], _KICK_HZ, grid) for row in loudness[core]])
    sudden[:, : low // 2] = kick[:, : low // 2]
    share: Samples = sudden**2 / (sudden**2 + lasting**2 + _TINY)
    return share


def _across(row: Samples, width_hz: float, grid: _Grid) -> Samples:
    """Median over neighbouring bins."""
    smooth: Samples = median_filter(row, max(3, round(width_hz / grid.bin_hz) | 1), mode="nearest")
    return smooth


def _fresh(loudness: Samples, core: slice) -> Samples:
    """Share of each bin that does not come again in spectra that are alike (REPET-SIM)."""
    here = loudness[core]
    alike = _repetitions(loudness, core)
    if alike.shape[1] < 7:
        return np.ones_like(here)  # too short to repeat anything
    seven = [loudness[alike[:, place]] for place in range(7)]
    for a, b in _MEDIAN_OF_7:
        seven[a], seven[b] = np.minimum(seven[a], seven[b]), np.maximum(seven[a], seven[b])
    repeating = np.minimum(seven[3], here)
    new = _FAVOUR * (here - repeating) ** 2
    share: Samples = new / (new + repeating**2 + _TINY)
    return share


def _repetitions(loudness: Samples, core: slice) -> NDArray[np.intp]:
    """For each spectrum of the core, up to seven that are most like it, shape (window, place)."""
    edges = np.unique(np.geomspace(1, loudness.shape[1], _BANDS + 1).astype(int))[:-1]
    bands = np.sqrt(np.add.reduceat(loudness, edges, axis=1))
    bands /= np.linalg.norm(bands, axis=1, keepdims=True) + _TINY
    likeness = bands[core] @ bands.T
    windows = np.arange(likeness.shape[1])
    for place, row in enumerate(likeness, start=core.start):
        row[max(0, place - _SELF) : place + _SELF + 1] = -1
    stretches = len(windows) // _APART
    if stretches < 7:
        return np.empty((len(likeness), 0), np.intp)
    by_stretch = likeness[:, : stretches * _APART].reshape(len(likeness), stretches, _APART)
    best = by_stretch.argmax(axis=2)
    value = np.take_along_axis(by_stretch, best[..., None], axis=2)[..., 0]
    chosen = np.argpartition(value, -7, axis=1)[:, -7:]
    places: NDArray[np.intp] = np.take_along_axis(best, chosen, axis=1) + chosen * _APART
    return places


def _central(heard: Spectrum) -> Samples | float:
    """How alike both channels are in each bin, 0 to 1; a mono recording is all middle."""
    if heard.shape[1] == 1:
        return 1.0
    left, right = heard[:, 0], heard[:, 1]
    shared = 2 * (left.real * right.real + left.imag * right.imag)
    whole = left.real**2 + left.imag**2 + right.real**2 + right.imag**2
    alike: Samples = np.clip(shared / (whole + _TINY), 0, 1) ** 2
    return alike


def _rise(hz: Samples, low: float, high: float) -> Samples:
    """From 0 below `low` to 1 above `high`, as a raised cosine over the logarithm of frequency."""
    place = np.clip(np.log(np.maximum(hz, 1) / low) / np.log(high / low), 0, 1)
    rise: Samples = (0.5 - 0.5 * np.cos(np.pi * place)).astype(np.float32)
    return rise


def _overlap_add(spectra: Spectrum, masks: Samples, grid: _Grid) -> Samples:
    """Masked spectra back to sound: shape (3, window + overlap - 1, hop, channel)."""
    count, channels, _ = spectra.shape
    sound = np.zeros((3, count + _OVERLAP - 1, grid.hop, channels), np.float32)
    scale = grid.window * np.float32(2 / _OVERLAP)
    for stem, mask in enumerate(masks):
        for channel in range(channels):
            waves = scipy.fft.irfft(spectra[:, channel] * mask, grid.size, axis=-1) * scale
            parts = waves.reshape(count, _OVERLAP, grid.hop)
            for part in range(_OVERLAP):
                sound[stem, part : part + count, :, channel] += parts[:, part]
    return sound


def _complete(three: Samples, mix: Samples, bits: int) -> Samples:
    """Add `other`, and keep every stem within full scale without changing the sum.

    Where a stem would clip, all four are drawn towards a quarter of the mix
    each, just so far that the loudest fits.
    """
    room = 1 - 2.0**-12
    four = np.concatenate([three, (mix - three.sum(axis=0))[None]])
    quarter = mix / 4
    farthest = np.abs(four - quarter).max(axis=0)
    keep = np.clip((room - np.abs(quarter)) / np.maximum(farthest, _TINY), 0, 1).astype(np.float32)
    steps = np.float32(1 << (bits - 1))
    rounded: Samples = np.rint((quarter + keep * (four - quarter)) * steps) / steps
    rounded[3] = mix - rounded[:3].sum(axis=0)
    return rounded
