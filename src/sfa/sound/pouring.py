"""Sound written to a pipe as it is made: flac, wav or mp3, with a head that tells its true length.

Nothing here seeks, so the first bytes leave at once and memory stays flat however long the sound is.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, BinaryIO

import numpy as np

from sfa import wav
from sfa.sound import gapless
from sfa.sound.programs import ffmpeg
from sfa.sound.voices import Frames

_PIECE = 1 << 16

CODERS: Mapping[str, tuple[str, ...]] = {
    "flac": ("-c:a", "flac", "-f", "flac"),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "320k", "-id3v2_version", "3", "-f", "mp3"),
}
# Rates that MPEG sound has; others are resampled to the nearest above, or to the highest.
_MP3_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


@dataclass(frozen=True, slots=True)
class Shape:
    """What comes: so many frames of so many channels, to be written with so many bits."""

    frames: int
    rate_hz: int
    channels: int
    bits: int  # 16 or 24


def pour(
    blocks: Iterator[Frames], out: BinaryIO, shape: Shape, fmt: str, tags: Mapping[str, str | None]
) -> None:
    """Write the blocks, full scale at 1.0, as one file; samples are rounded to the nearest step.

    `mp3` is 320 kbit/s, or the most that MPEG sound of a low rate can be, and
    resampled above 48 kHz.

    Raises
    ------
    BadSound
        When the blocks do, or there is no ffmpeg.
    RuntimeError
        When ffmpeg fails, with its words.
    """
    if fmt != "wav":
        _encode(blocks, out, shape, fmt, tags)
        return
    out.write(
        wav.head(
            frames=shape.frames,
            rate_hz=shape.rate_hz,
            channels=shape.channels,
            bits=shape.bits,
            tags=tags,
        )
    )
    for block in blocks:
        out.write(whole_numbers(block, shape.bits))
    out.write(b"\0" * (shape.frames * shape.channels * shape.bits // 8 % 2))


def whole_numbers(block: Frames, bits: int) -> bytes:
    """Samples as little-endian whole numbers of 16 or 24 bits; what is beyond full scale is clipped."""
    scale = 1 << (bits - 1)
    whole = np.rint(block * scale).clip(-scale, scale - 1).astype("<i4")
    if bits == 16:
        return whole.astype("<i2").tobytes()
    return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def _encode(
    blocks: Iterator[Frames], out: BinaryIO, shape: Shape, fmt: str, tags: Mapping[str, str | None]
) -> None:
    rate_hz = _mp3_rate(shape.rate_hz) if fmt == "mp3" else shape.rate_hz
    argv = [*reading(shape), "-map_metadata", "-1", "-ar", str(rate_hz), *CODERS[fmt], *metadata(tags), "-"]
    with feeding(argv, blocks, shape.bits, f"write {fmt}") as coded:
        if fmt == "flac":
            _pass_flac(coded, out, shape.frames)
        else:
            _pass_mp3(coded, out, resampled(shape.frames, shape.rate_hz, rate_hz))
        while piece := coded.read(_PIECE):
            out.write(piece)


@contextmanager
def feeding(argv: Sequence[str], blocks: Iterator[Frames], bits: int, what: str) -> Iterator[IO[bytes]]:
    """A program that is given the blocks on its standard input; its standard output, to be read to the end.

    Raises
    ------
    RuntimeError
        When the block has ended and the program did not do `what`, with its words.
    """
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    feeder = _Feeder(process, blocks, bits)
    listener = _Listener(process.stderr)
    try:
        yield process.stdout
    except BaseException:
        process.kill()
        raise
    finally:
        process.stdout.close()
        process.wait()
        said = listener.words()
        feeder.join()
    feeder.complain()
    if process.returncode:
        raise RuntimeError(f"ffmpeg could not {what}: {said}")


def reading(shape: Shape) -> list[str]:
    """The beginning of an ffmpeg command that reads such samples from its standard input."""
    return [
        *(ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", "-f", f"s{shape.bits}le"),
        *("-ar", str(shape.rate_hz), "-ac", str(shape.channels), "-i", "pipe:0"),
    ]


def metadata(tags: Mapping[str, str | None]) -> list[str]:
    return [part for key, text in tags.items() if text for part in ("-metadata", f"{key}={text}")]


def resampled(frames: int, from_hz: int, to_hz: int) -> int:
    """How many frames ffmpeg makes of so many, within one."""
    return -(-frames * to_hz // from_hz)


def _mp3_rate(rate_hz: int) -> int:
    return next((rate for rate in _MP3_RATES if rate >= rate_hz), _MP3_RATES[-1])


def _pass_flac(coded: IO[bytes], out: BinaryIO, frames: int) -> None:
    head = coded.read(gapless.FLAC_HEAD_BYTES)
    out.write(gapless.with_length(head, frames) if len(head) == gapless.FLAC_HEAD_BYTES else head)


def _pass_mp3(coded: IO[bytes], out: BinaryIO, frames: int) -> None:
    head = coded.read(10)
    tag = head + coded.read(max(0, gapless.id3_bytes(head) - len(head)))
    first = coded.read(4)
    if len(first) == 4:
        out.write(tag + gapless.info_frame(first, frames) + first)


class _Feeder:
    """Writes the blocks to a program's standard input, beside whoever reads what comes out."""

    def __init__(self, process: subprocess.Popen[bytes], blocks: Iterator[Frames], bits: int) -> None:
        self._process = process
        self._blocks = blocks
        self._bits = bits
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def complain(self) -> None:
        """Raise what kept it from writing everything."""
        if self._error is not None:
            raise self._error

    def join(self) -> None:
        self._thread.join()

    def _feed(self) -> None:
        pipe = self._process.stdin
        assert pipe
        try:
            for block in self._blocks:
                pipe.write(whole_numbers(block, self._bits))
        except BrokenPipeError:
            return  # it died; its own words say why
        except BaseException as error:  # noqa: BLE001 - told to whoever waits for the end
            self._error = error
            self._process.kill()  # a file that ends too early must not look like one that is whole
        finally:
            with suppress(BrokenPipeError):
                pipe.close()


class _Listener:
    """Keeps the last words of a program, so that it never waits for somebody to hear them."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._said = b""
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def words(self) -> str:
        self._thread.join()
        self._pipe.close()
        return self._said.decode("utf-8", "replace").strip()[-500:]

    def _listen(self) -> None:
        while piece := self._pipe.read(4096):
            self._said = (self._said + piece)[-4096:]
