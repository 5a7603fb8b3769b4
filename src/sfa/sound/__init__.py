"""Sound files in and out: any file becomes checked float32 samples, and samples become stems on disk."""

from __future__ import annotations

from sfa.names import clock, shown
from sfa.sound.decoding import decode, verify
from sfa.sound.encoding import encode
from sfa.sound.errors import BadSound
from sfa.sound.mix import Mix, SoundFacts
from sfa.sound.programs import ffmpeg
from sfa.sound.stems import StemFile, StemWriter, write_flac

__all__ = [
    "BadSound",
    "Mix",
    "SoundFacts",
    "StemFile",
    "StemWriter",
    "clock",
    "decode",
    "encode",
    "ffmpeg",
    "shown",
    "verify",
    "write_flac",
]
