"""Songs that can be told apart: each has a pitch and a length of its own, so a file proves which it is."""

from __future__ import annotations

import hashlib
import re
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sfa.sound.programs import ffmpeg

Kind = Literal["webm", "m4a", "mp3", "flac", "wav", "ogg", "mp4"]

MIME: dict[Kind, str] = {
    "webm": "audio/webm",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "mp4": "video/mp4",
}
# A sine costs an encoder next to nothing; a constant rate makes files as large as those of music.
_ENCODERS: dict[Kind, list[str]] = {
    "webm": ["-c:a", "libopus", "-b:a", "96k", "-vbr", "off"],
    # Fragmented as YouTube's is, so that what mends such files has something to mend.
    "m4a": [
        *("-c:a", "aac", "-b:a", "96k", "-f", "mp4", "-brand", "dash"),
        *("-movflags", "+empty_moov+default_base_moof+dash", "-frag_duration", "2000000"),
    ],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "128k"],
    "flac": ["-c:a", "flac", "-sample_fmt", "s16"],
    "wav": ["-c:a", "pcm_s16le"],
    "ogg": ["-c:a", "libopus", "-b:a", "96k", "-vbr", "off"],
    "mp4": ["-c:a", "aac", "-b:a", "96k", "-c:v", "mpeg4", "-movflags", "+faststart"],
}
_RATE = 48_000
_HEARD_RATE = 16_000


@dataclass(frozen=True, slots=True)
class Sound:
    """What a song sounds like."""

    hz: float
    seconds: float

    @property
    def ms(self) -> int:
        return round(self.seconds * 1000)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a file turned out to hold."""

    hz: float
    seconds: float

    def is_(self, sound: Sound) -> bool:
        """Half the step between two songs; as long as lossy formats pad."""
        return abs(self.hz / sound.hz - 1) < 0.006 and abs(self.seconds - sound.seconds) < 0.1


class Studio:
    """Makes files when they are first asked for, and keeps them for the session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}

    def song(self, sound: Sound, kind: Kind, tags: dict[str, str] | None = None) -> bytes:
        """A fundamental and two partials, a little softer on the right: a fold to mono would be noticed."""
        partials = "+".join(
            f"{level}*sin(2*PI*{sound.hz * n:.6f}*t)" for n, level in ((1, 0.3), (2, 0.08), (3, 0.04))
        )
        source = _generated(f"aevalsrc={partials}|0.9*({partials}):s={_RATE}:d={sound.seconds}")
        picture = _generated(f"testsrc2=s=160x90:r=10:d={sound.seconds}") if kind == "mp4" else []
        named = [part for key, value in (tags or {}).items() for part in ("-metadata", f"{key}={value}")]
        return self._made(
            f"{sound.hz:.6f}-{sound.seconds}-{sorted((tags or {}).items())}",
            kind,
            [*source, *picture, *named, *_ENCODERS[kind]],
        )

    def silent_film(self, seconds: float) -> bytes:
        """A video without a sound track."""
        picture = _generated(f"testsrc2=s=160x90:r=10:d={seconds}")
        return self._made(f"film-{seconds}", "mp4", [*picture, "-c:v", "mpeg4"])

    def cover(self, colour: str, side: int) -> bytes:
        """A square JPEG of one colour, six hexadecimal digits."""
        picture = _generated(f"color=c=0x{colour}:s={side}x{side}")
        return self._made(f"cover-{colour}-{side}", "jpg", [*picture, "-frames:v", "1"])

    def _made(self, name: str, suffix: str, arguments: list[str]) -> bytes:
        file = self._folder / f"{hashlib.sha1(name.encode()).hexdigest()}.{suffix}"
        with self._lock:
            making = self._making.setdefault(file.name, threading.Lock())
        with making:
            if not file.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                part = file.with_name(f"part-{file.name}")
                _run([*arguments, "-y", str(part)])
                part.rename(file)
            return file.read_bytes()


def heard(file: Path | str) -> Heard:
    """Decodes a whole file, as its listener would, and says its strongest pitch and its length.

    Raises
    ------
    AssertionError
        when ffmpeg finds no sound in it, with what it said.
    """
    out = _run(["-i", str(file), "-map", "0:a:0", "-ac", "1", "-ar", str(_HEARD_RATE), "-f", "f32le", "-"])
    samples = np.frombuffer(out, np.float32).astype(np.float64)
    if samples.size < _HEARD_RATE // 10 or not samples.any():
        raise AssertionError(f"{file} holds {samples.size} samples, all of them silent or too few")
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    peak = int(spectrum[1:-1].argmax()) + 1
    before, at, after = np.log(spectrum[peak - 1 : peak + 2] + 1e-12)
    between = 0.5 * (before - after) / (before - 2 * at + after)
    return Heard((peak + between) * _HEARD_RATE / samples.size, samples.size / _HEARD_RATE)


def tags(file: Path | str) -> dict[str, str]:
    """The tags of a file in small letters, whether they lie in the file or in its stream of sound."""
    said = b"".join(
        _run(["-i", str(file), "-map_metadata", where, "-f", "ffmetadata", "-"])
        for where in ("0:g", "0:s:a:0")
    )
    lines = (line.split("=", 1) for line in said.decode().splitlines() if "=" in line)
    return {name.lower(): re.sub(r"\\(.)", r"\1", value) for name, value in lines}


def picture(file: Path | str) -> bytes:
    """The cover that a file carries, byte for byte."""
    return _run(["-i", str(file), "-map", "0:v:0", "-c", "copy", "-f", "image2pipe", "-"])


def _generated(by: str) -> list[str]:
    return ["-f", "lavfi", "-i", by]


def _run(arguments: list[str]) -> bytes:
    done = subprocess.run(
        [ffmpeg(), "-v", "error", "-nostdin", *arguments], capture_output=True, check=False, timeout=60
    )
    if done.returncode:
        raise AssertionError(f"ffmpeg: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
