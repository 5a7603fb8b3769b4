"""One pass over a sound that gathers what all readings need, in blocks, so that length does not matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
import soxr

from sfa.readings import pitch, pulse, timbre
from sfa.readings.bands import BandMeter, Powers
from sfa.readings.level import PEAK_FRAMES, Level, LevelMeter
from sfa.readings.pitch import Pitch
from sfa.readings.pulse import Pulse
from sfa.readings.spectra import Floats
from sfa.readings.timbre import Brightness, Timbre

RATE_HZ = 22050
HOP_S = timbre.HOP / RATE_HZ
FINE_HOP_S = pulse.HOP / RATE_HZ
SEGMENT = 512 * timbre.HOP
REACH = -(-max(timbre.REACH, pitch.REACH, pulse.REACH) // timbre.HOP) * timbre.HOP
LANES = 2

Progress = Callable[[float], None]
Parts = TypeVar("Parts", Brightness, Pitch, Pulse, Timbre)


def _nobody(_share: float) -> None:
    """For callers that do not want to know how far it is."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything the readings stand on. Long frames lie `HOP_S` apart, short ones `FINE_HOP_S`."""

    duration_s: float
    source_rate_hz: int
    level: Level
    pulse: Pulse
    pitch: Pitch
    timbre: Timbre


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a stem is asked for; the rest would only repeat the mix."""

    duration_s: float
    level: Level
    pulse: Pulse
    brightness: Brightness
    bands: Powers  # (windows, 30): see `sfa.readings.bands`


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the resampled sound with `REACH` samples more on either side."""

    sound: Floats
    length: int


def block_frames(rate_hz: int) -> int:
    """How many source frames to read at a time: about 24 s, a whole number of the coarsest waveform peaks."""
    return max(1, round(SEGMENT / RATE_HZ * rate_hz / PEAK_FRAMES[-1])) * PEAK_FRAMES[-1]


def listen(
    blocks: Iterable[Floats], *, rate_hz: int, channels: int, frames: int, progress: Progress = _nobody
) -> Heard:
    """Hear a sound through once.

    Parameters
    ----------
    blocks : iterable of arrays, shape (any, channels), 1 = full scale
        In order; each but the last has `block_frames(rate_hz)` frames. All samples must be numbers.
    rate_hz, channels, frames : int
        Of the whole sound.
    progress : callable
        Told the share that has been heard, 0..1.

    Notes
    -----
    Memory grows by about 30 kB per second of sound; a block takes some 200 MB whatever the length.
    """
    meter = LevelMeter(rate_hz, channels)
    pulses: list[Pulse] = []
    pitches: list[Pitch] = []
    timbres: list[Timbre] = []
    with ThreadPoolExecutor(LANES) as lanes:
        for segment, share in _heard_so_far(blocks, rate_hz, frames, meter, lanes):
            low = lanes.submit(_pitch, segment)
            high = lanes.submit(_timbre, segment)
            pulses.append(_pulse(segment))
            pitches.append(low.result())
            timbres.append(high.result())
            progress(share)
    return Heard(
        duration_s=frames / rate_hz,
        source_rate_hz=rate_hz,
        level=meter.level(),
        pulse=_joined(pulses),
        pitch=_joined(pitches),
        timbre=_joined(timbres),
    )


def glance(
    blocks: Iterable[Floats], *, rate_hz: int, channels: int, frames: int, progress: Progress = _nobody
) -> Glimpse:
    """Hear a sound through once for its level, onsets, brightness and bands only; otherwise as `listen`."""
    meter, bands = LevelMeter(rate_hz, channels), BandMeter(rate_hz, channels)

    def measured() -> Iterator[Floats]:
        for block in blocks:
            bands.feed(block)
            yield block

    pulses: list[Pulse] = []
    brightness: list[Brightness] = []
    with ThreadPoolExecutor(LANES) as lanes:
        for segment, share in _heard_so_far(measured(), rate_hz, frames, meter, lanes):
            pulses.append(_pulse(segment))
            brightness.append(_brightness(segment))
            progress(share)
    return Glimpse(
        duration_s=frames / rate_hz,
        level=meter.level(),
        pulse=_joined(pulses),
        brightness=_joined(brightness),
        bands=bands.powers(),
    )


def _heard_so_far(
    blocks: Iterable[Floats], rate_hz: int, frames: int, meter: LevelMeter, lanes: Executor
) -> Iterator[tuple[Segment, float]]:
    """Segments of the sound and the share heard after each; the meter hears the same blocks beside."""

    def mono() -> Iterator[Floats]:
        for block in blocks:
            measured = lanes.submit(meter.feed, block)
            yield block @ np.full(block.shape[1], 1 / block.shape[1], np.float32)
            measured.result()

    heard = 0
    for segment in segments(resampled(mono(), rate_hz)):
        heard += segment.length
        yield segment, min(1.0, heard / RATE_HZ / max(frames / rate_hz, 1e-9))


def resampled(mono: Iterable[Floats], rate_hz: int) -> Iterator[Floats]:
    """The same sound at `RATE_HZ`, piece by piece."""
    if rate_hz == RATE_HZ:
        yield from mono
        return
    stream = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="HQ")
    for piece in mono:
        yield stream.resample_chunk(np.ascontiguousarray(piece, np.float32))
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)


def segments(pieces: Iterable[Floats]) -> Iterator[Segment]:
    """Cut a sound into stretches of `SEGMENT` samples (the last is shorter), silence before and after it."""
    held = np.zeros(REACH, np.float32)
    for piece in pieces:
        held = np.concatenate([held, piece])
        while len(held) >= SEGMENT + 2 * REACH:
            yield Segment(held[: SEGMENT + 2 * REACH], SEGMENT)
            held = held[SEGMENT:]
    left = len(held) - REACH
    held = np.concatenate([held, np.zeros(REACH + timbre.HOP, np.float32)])
    while left > 0:
        length = min(left, SEGMENT)
        yield Segment(held[: length + 2 * REACH + timbre.HOP], length)
        held, left = held[length:], left - length


def _frames_in(length: int, hop: int) -> int:
    return -(-length // hop)


def _pulse(segment: Segment) -> Pulse:
    count = _frames_in(segment.length, pulse.HOP)
    return pulse.pulse_of(segment.sound, first=REACH, count=count, rate_hz=RATE_HZ)


def _pitch(segment: Segment) -> Pitch:
    count = _frames_in(segment.length, pitch.HOP)
    return pitch.pitch_of(segment.sound, first=REACH, count=count, rate_hz=RATE_HZ)


def _timbre(segment: Segment) -> Timbre:
    count = _frames_in(segment.length, timbre.HOP)
    return timbre.timbre_of(segment.sound, first=REACH, count=count, rate_hz=RATE_HZ)


def _brightness(segment: Segment) -> Brightness:
    count = _frames_in(segment.length, timbre.HOP)
    return timbre.brightness_of(segment.sound, first=REACH, count=count, rate_hz=RATE_HZ)


def _joined(parts: list[Parts]) -> Parts:
    """One of all; a sound of no samples has been refused long before."""
    kind = type(parts[0])
    return kind(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(kind)))
