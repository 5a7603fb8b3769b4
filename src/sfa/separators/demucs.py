"""Engine `demucs`: the models of demucs 4.1 on samples that we decode, a segment at a time.

demucs itself keeps the whole recording and every stem of it in memory, 4.6 MB
for each second. Here a segment is read, taken apart, added to its neighbours
and handed on; the numbers are those of `demucs.apply.apply_model` with
`shifts=0` and the default overlap of a quarter.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from sfa.separators.models import Weights
from sfa.sound.mix import Mix, Samples

Tick = Callable[[int, int], None]

OVERLAP = 0.25  # of a segment, demucs' own
_BLOCK_FRAMES = 1 << 18

# The fused kernel of torch builds the whole attention matrix, 231 MB for a segment; the other way does not.
torch.backends.mha.set_fastpath_enabled(False)


@dataclass(slots=True)
class Bag:
    """One or more loaded models whose estimates are averaged, each with a share in each stem."""

    models: list[Any]
    shares: list[list[float]]
    sources: list[str] = field(init=False)
    rate_hz: int = field(init=False)
    channels: int = field(init=False)

    def __post_init__(self) -> None:
        first = self.models[0]
        self.sources = [str(source) for source in first.sources]
        self.rate_hz = int(first.samplerate)
        self.channels = int(first.audio_channels)

    @classmethod
    def load(cls, weights: Weights) -> Bag:
        """Raises `CannotSeparate` when the weights are no good."""
        from sfa.separators.checkpoint import load

        models = load(weights)
        even = [[1.0] * len(models[0].sources) for _ in models]
        shares = [list(row) for row in weights.weights] if weights.weights else even
        return cls(models, shares)


class Runner:
    """Runs models where they run fastest; when a GPU fails, on the CPU from that segment on."""

    def __init__(self, models: Sequence[Any], device: str) -> None:
        self.device = device
        self.why: str | None = None
        self._models = models
        self._placed: list[Any] = []
        if device != "cpu":
            try:
                self._placed = [copy.deepcopy(model).to(device) for model in models]
            except (RuntimeError, AssertionError) as error:
                self._leave(error)

    @torch.inference_mode()
    def __call__(self, index: int, segment: torch.Tensor) -> torch.Tensor:
        """Estimates of model `index`, on the CPU: (1, stems, channels, frames) for (1, channels, frames)."""
        if self.device != "cpu":
            try:
                placed: torch.Tensor = self._placed[index](segment.to(self.device)).cpu()
                return placed
            except RuntimeError as error:
                self._leave(error)
        here: torch.Tensor = self._models[index](segment)
        return here

    def _leave(self, error: Exception) -> None:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        is_memory = isinstance(error, torch.OutOfMemoryError)
        reason = "it ran out of memory" if is_memory else lines[0][:160]
        self.why = f"The GPU ({self.device}) failed, so the CPU took over: {reason}."
        self._placed = []
        if self.device == "cuda" and is_memory:
            torch.cuda.empty_cache()
        self.device = "cpu"


def choose_device(wanted: str) -> tuple[str, str | None]:
    """The device for `auto`, `cpu`, `cuda` or `mps`, and why it is not the one that was asked for."""
    there = [
        name
        for name, is_there in (
            ("cuda", torch.cuda.is_available()),
            ("mps", torch.backends.mps.is_available()),
            ("cpu", True),
        )
        if is_there
    ]
    if wanted in {"auto", *there}:
        return (there[0] if wanted == "auto" else wanted), None
    return "cpu", f"No {wanted} device can be used on this machine, so the CPU did it."


def separate(
    bag: Bag, mix: Mix, stems: Sequence[str], runner: Runner, tick: Tick = lambda done, total: None
) -> Iterator[Samples]:
    """Take a recording apart.

    Parameters
    ----------
    bag
        Loaded models.
    mix
        The recording at the rate of the models, one or two channels.
    stems
        Which of `bag.sources` to give, in which order. Models that have no
        share in any of them are not run.
    runner
        Made for `bag.models`.
    tick
        Told after each segment how many of how many are done.

    Yields
    ------
    Consecutive stretches, shape (stem, frames, model channels), at the level of
    the mix; together as many frames as the mix has.
    """
    mean, spread = _level(mix)
    places = [bag.sources.index(stem) for stem in stems]
    needed = [i for i, row in enumerate(bag.shares) if any(row[place] for place in places)]
    total = sum(len(_offsets(mix.frames, bag.models[i])) for i in needed)
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        tick(done, total)

    estimates = [_estimate(bag, i, mix, mean, spread, runner, count) for i in needed]
    shares = torch.tensor([[bag.shares[i][place] for place in places] for i in needed])[..., None, None]
    whole = shares.sum(0)
    for stretch in _in_step([(stretch[places] for stretch in estimate) for estimate in estimates]):
        mixed = sum(share * part for share, part in zip(shares, stretch, strict=True)) / whole
        yield (mixed * spread + mean).transpose(1, 2).contiguous().numpy()


def _level(mix: Mix) -> tuple[float, float]:
    """Mean and deviation of the mono sum: demucs normalises with these."""
    total = squares = 0.0
    for start in range(0, mix.frames, _BLOCK_FRAMES):
        mono = mix.block(start, start + _BLOCK_FRAMES).mean(axis=1).astype(np.float64)
        total += float(mono.sum())
        squares += float((mono * mono).sum())
    mean = total / mix.frames
    variance = max(0.0, squares - mix.frames * mean * mean) / max(1, mix.frames - 1)
    return mean, variance**0.5 + 1e-8


def _segment_frames(model: Any) -> int:
    return int(model.samplerate * model.segment)


def _offsets(frames: int, model: Any) -> range:
    return range(0, frames, int((1 - OVERLAP) * _segment_frames(model)))


def _estimate(
    bag: Bag, index: int, mix: Mix, mean: float, spread: float, runner: Runner, count: Callable[[], None]
) -> Iterator[torch.Tensor]:
    """Normalised estimates of one model, shape (stem, channel, frame), stretch by stretch."""
    model = bag.models[index]
    length = _segment_frames(model)
    weight = torch.cat([torch.arange(1, length // 2 + 1), torch.arange(length - length // 2, 0, -1)]).float()
    weight /= weight.max()
    sums = torch.zeros(len(bag.sources), bag.channels, length)
    weights = torch.zeros(length)
    offsets = _offsets(mix.frames, model)
    for offset in offsets:
        frames = min(length, mix.frames - offset)
        segment, left = _segment(bag, model, mix, offset, frames, mean, spread)
        part = runner(index, segment[None])[0, ..., left : left + frames]
        sums[..., :frames] += part * weight[:frames]
        weights[:frames] += weight[:frames]
        count()
        final = min(offsets.step, mix.frames - offset)
        yield sums[..., :final] / weights[:final]
        sums = torch.cat([sums[..., final:], sums.new_zeros(*sums.shape[:2], final)], -1)
        weights = torch.cat([weights[final:], weights.new_zeros(final)])


def _segment(
    bag: Bag, model: Any, mix: Mix, offset: int, frames: int, mean: float, spread: float
) -> tuple[torch.Tensor, int]:
    """One normalised segment, shape (channel, frame), as wide as the model takes, and what was added left.

    Like demucs: what is added is real sound where there is any, then silence.
    """
    wanted = model.valid_length(frames) if hasattr(model, "valid_length") else frames
    left = (wanted - frames) // 2
    start = offset - left
    sound = (mix.block(max(0, start), start + wanted) - np.float32(mean)) / np.float32(spread)
    if mix.channels > bag.channels:
        sound = sound.mean(axis=1, keepdims=True)
    widened = np.zeros((bag.channels, wanted), np.float32)
    at = max(0, -start)
    widened[:, at : at + len(sound)] = sound.T
    return torch.from_numpy(widened), left


def _in_step(streams: Sequence[Iterator[torch.Tensor]]) -> Iterator[list[torch.Tensor]]:
    """Stretches of all streams over the same frames, however each of them is cut."""
    held = [next(stream) for stream in streams]
    while True:
        frames = min(part.shape[-1] for part in held)
        yield [part[..., :frames] for part in held]
        held = [part[..., frames:] for part in held]
        for place, stream in enumerate(streams):
            if not held[place].shape[-1]:
                following = next(stream, None)
                if following is None:
                    return  # all streams are equally long
                held[place] = following
