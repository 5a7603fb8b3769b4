"""Stems on disk: FLAC, written as the samples come, with exactly as many frames as were promised."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import soundfile

from sfa.sound.errors import disk_full, is_full
from sfa.sound.mix import Samples

_SUBTYPES = {16: "PCM_16", 24: "PCM_24"}
_BLOCK_FRAMES = 1 << 18


@dataclass(frozen=True, slots=True)
class StemFile:
    """One finished file. `peak` is the largest absolute sample in it, 0 to 1."""

    path: Path
    frames: int
    sample_rate: int
    channels: int
    bytes: int
    sha256: str
    peak: float


class StemWriter:
    """Writes float32 blocks, shape (frames, channels), to one FLAC file of 16 or 24 bits.

    Samples beyond full scale are clipped; rounding is to nearest, without
    dither, so that samples that are on the grid of the file come back as they
    were. Leaving the block by an exception removes the file.
    """

    def __init__(self, path: Path, *, sample_rate: int, channels: int, frames: int, bits: int = 16) -> None:
        self.path = path
        self._promised = frames
        self._bits = bits
        self._written = 0
        self._peak = 0
        try:
            self._file: Any = soundfile.SoundFile(
                path, "w", sample_rate, channels, subtype=_SUBTYPES[bits], format="FLAC"
            )
        except soundfile.LibsndfileError as error:
            self._say_if_full(error)
            raise

    def __enter__(self) -> StemWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abandon()
        else:
            self.close()

    def write(self, block: Samples) -> None:
        """Append frames, shape (frames, channels), full scale at 1.0."""
        scale = 1 << (self._bits - 1)
        # int16 holds 16 bits; libsndfile takes 24 bits from the top of an int32.
        whole = np.rint(block * np.float32(scale)).clip(-scale, scale - 1)
        data = whole.astype(np.int16) if self._bits == 16 else whole.astype(np.int32) << 8
        if len(whole):
            self._peak = max(self._peak, int(whole.max()), int(-whole.min()))
        try:
            self._file.write(data)
        except soundfile.LibsndfileError as error:
            self._say_if_full(error)
            raise
        self._written += len(block)

    def close(self) -> StemFile:
        """Finish the file and look at it once more.

        Raises
        ------
        BadSound
            `disk_full`; libsndfile itself says nothing when the last bytes find no room.
        RuntimeError
            When it was not given the promised number of frames.
        """
        self._file.close()
        if self._written != self._promised:
            self.abandon()
            raise RuntimeError(f"{self.path.name}: {self._written} frames written, {self._promised} promised")
        self._check_whole()
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return StemFile(
            path=self.path,
            frames=self._written,
            sample_rate=self._file.samplerate,
            channels=self._file.channels,
            bytes=self.path.stat().st_size,
            sha256=digest,
            peak=self._peak / (1 << (self._bits - 1)),
        )

    def abandon(self) -> None:
        """Close and remove the unfinished file."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _check_whole(self) -> None:
        try:
            with soundfile.SoundFile(self.path) as file:
                file.seek(max(0, self._promised - 1))
                is_whole = file.frames == self._promised and len(file.read(2)) == min(1, self._promised)
        except soundfile.LibsndfileError:
            is_whole = False
        if not is_whole:
            error = RuntimeError(f"{self.path.name} was not written completely")
            self._say_if_full(error)
            self.abandon()
            raise error

    def _say_if_full(self, error: Exception) -> None:
        if is_full(self.path.parent):
            self.path.unlink(missing_ok=True)
            raise disk_full("the stems") from error


def write_flac(path: Path, samples: Samples, sample_rate: int, bits: int = 16) -> StemFile:
    """Write a whole array, shape (frames, channels), as one FLAC file."""
    frames, channels = samples.shape
    writer = StemWriter(path, sample_rate=sample_rate, channels=channels, frames=frames, bits=bits)
    try:
        for start in range(0, frames, _BLOCK_FRAMES):
            writer.write(samples[start : start + _BLOCK_FRAMES])
    except BaseException:
        writer.abandon()
        raise
    return writer.close()
