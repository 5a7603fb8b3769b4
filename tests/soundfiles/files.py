"""Files of sound with a known content, in whatever container a test asks for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from sfa.sound import Mix, SoundFacts, ffmpeg

Sound = npt.NDArray[np.float32]


def tones(seconds: float = 1.0, *, rate_hz: int = 44_100, channels: int = 2, peak: float = 0.4) -> Sound:
    """Channel `i` is a sine of 220 * (i + 1) Hz; on the grid of 16 bits."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    waves = np.stack([peak * np.sin(2 * np.pi * 220 * (i + 1) * t) for i in range(channels)], axis=1)
    return (np.rint(waves * 32768) / 32768).astype(np.float32)


def wav(path: Path, sound: Sound, rate_hz: int = 44_100, subtype: str = "PCM_16", kind: str = "WAV") -> Path:
    soundfile.write(path, sound, rate_hz, subtype=subtype, format=kind)
    return path


def converted(source: Path, target: Path, *options: str) -> Path:
    """`source` through ffmpeg; `target`'s ending chooses the container."""
    tags = ("-metadata", "title=Tïtle 😀", "-metadata", "artist=Ärtist", "-metadata", "album=Album")
    subprocess.run([ffmpeg(), "-v", "error", "-y", "-i", source, *tags, *options, target], check=True)
    return target


def film(target: Path, *sound: str) -> Path:
    """A second of moving pictures, with `-i FILE` with sound."""
    picture = ("-f", "lavfi", "-i", "testsrc=d=1:s=64x64")
    subprocess.run(
        [ffmpeg(), "-v", "error", "-y", *picture, *sound, "-pix_fmt", "yuv420p", target], check=True
    )
    return target


def mix_of(sound: Sound, rate_hz: int, spool: Path, bits: int = 16) -> Mix:
    """Samples as `decode` leaves them."""
    sound.astype("<f4").tofile(spool)
    frames, channels = sound.shape
    facts = SoundFacts(
        "wav", "pcm", rate_hz, channels, frames, frames / rate_hz, bits, False, None, None, None
    )
    return Mix(spool, facts, channels)
