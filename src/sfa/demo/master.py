"""The mixing desk: one gain over time for all stems, so that they still add up to the mix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from sfa.demo.form import SAMPLE_RATE
from sfa.demo.tape import Sound

Samples = npt.NDArray[np.float32]  # (frames, 2)

CEILING = 0.8  # -1.9 dBFS: what peaks between two samples add stays below full scale
_GRID = 2.0**15
_LOOK_AHEAD = 221  # frames, 5 ms
_BLOCK = 1 << 16
_THRESHOLD = 0.02  # of mean power, from where the compressor leans in
_LEAN = 0.22  # 1 - 1/ratio, over 2


def press(stems: dict[str, Samples], gain: float) -> Samples:
    """Compress and limit the sum, give every stem the same gain, in place, and return the mix.

    Samples land on the grid of 16-bit sound, where sums of float32 numbers are exact: the mix is the stems'
    sum to the bit, in any order, and a 16-bit file holds it without loss. The grid is also so much coarser
    than what processors disagree on in the last bit of a sine that they all arrive at the same song.
    """
    mix = np.zeros(next(iter(stems.values())).shape, dtype=np.float32)
    dry = np.zeros(mix.shape)
    for stem in stems.values():
        dry += gain * stem
    steps = _ride(dry) * (gain * _GRID)
    del dry
    for stem in stems.values():
        for start in range(0, len(mix), _BLOCK):
            part = slice(start, start + _BLOCK)
            # Adding zero makes one zero of two, so that equal stems have equal bytes.
            stem[part] = np.round(stem[part] * steps[part, None]) / _GRID + 0.0
        mix += stem
    return mix


def _ride(mix: Sound) -> Sound:
    """Gain for each frame of a mix, (frames, 2): a soft slow compressor, then a limiter that sees ahead."""
    left, right = mix.T
    power = (left**2 + right**2) / 2
    rate = 1 - np.exp(-1 / (0.09 * SAMPLE_RATE))
    heard = signal.lfilter([rate], [1, rate - 1], power)
    lean = (1 + heard / _THRESHOLD) ** -_LEAN
    peaks = np.maximum(np.abs(left), np.abs(right)) * lean
    allowed = CEILING / np.maximum(peaks, CEILING)
    lowest = ndimage.minimum_filter1d(allowed, 2 * _LOOK_AHEAD + 1, mode="nearest")
    # Means over windows within the minimum's reach stay at or below what each frame allows.
    for _ in range(2):
        lowest = ndimage.uniform_filter1d(lowest, _LOOK_AHEAD, mode="nearest")
    return np.asarray(lean * lowest)
