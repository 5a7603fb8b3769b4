"""Short ways from a sound to what the readings make of it."""

from __future__ import annotations

import numpy as np

from sfa.readings.level import Level, LevelMeter
from sfa.readings.listening import Heard, block_frames, listen
from sfa.readings.music import Music, read_music
from tests import sound


def as_frames(samples: sound.Sound) -> sound.Sound:
    return samples if samples.ndim == 2 else samples[:, None]


def hear(samples: sound.Sound, rate_hz: int = sound.RATE_HZ) -> Heard:
    frames = as_frames(samples)
    size = block_frames(rate_hz)
    blocks = (frames[i : i + size] for i in range(0, len(frames), size))
    return listen(blocks, rate_hz=rate_hz, channels=frames.shape[1], frames=len(frames))


def music(samples: sound.Sound, rate_hz: int = sound.RATE_HZ) -> Music:
    return read_music(hear(samples, rate_hz))


def level(samples: sound.Sound, rate_hz: int = sound.RATE_HZ) -> Level:
    frames = as_frames(samples)
    meter = LevelMeter(rate_hz, frames.shape[1])
    meter.feed(frames)
    return meter.level()


def share_found(found: np.ndarray, true: np.ndarray, within_s: float) -> float:
    """F-measure: matched found and true times over all of them."""
    hits = sum(np.abs(found - time).min(initial=np.inf) <= within_s for time in true)
    return 2 * hits / (len(found) + len(true))
