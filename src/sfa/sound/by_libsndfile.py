"""Files that libsndfile reads to the exact sample: wav, flac, ogg vorbis, mp3, aiff, caf and their kin."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import soundfile

from sfa.names import clean
from sfa.sound.mix import Samples
from sfa.sound.source import BLOCK_FRAMES, Heading, Undecodable

_CONTAINERS = {
    "WAV": "wav",
    "WAVEX": "wav",
    "RF64": "wav",
    "W64": "w64",
    "FLAC": "flac",
    "OGG": "ogg",
    "MP3": "mp3",
    "AIFF": "aiff",
    "CAF": "caf",
    "AU": "au",
}
_BITS = {
    "PCM_S8": 8,
    "PCM_U8": 8,
    "PCM_16": 16,
    "PCM_24": 24,
    "PCM_32": 32,
    "FLOAT": 32,
    "DOUBLE": 64,
    "ALAC_16": 16,
    "ALAC_20": 20,
    "ALAC_24": 24,
    "ALAC_32": 32,
}
_ENDLESS = 1 << 40  # libsndfile's count for a FLAC stream that was written to a pipe is far beyond
_CODECS = {
    "PCM_S8": "pcm_s8",
    "PCM_U8": "pcm_u8",
    "PCM_16": "pcm_s16",
    "PCM_24": "pcm_s24",
    "PCM_32": "pcm_s32",
    "FLOAT": "pcm_f32",
    "DOUBLE": "pcm_f64",
    "MPEG_LAYER_I": "mp1",
    "MPEG_LAYER_II": "mp2",
    "MPEG_LAYER_III": "mp3",
}


class SndfileSource:
    """One file, read through a descriptor: without a name there is no extension to be misled by."""

    def __init__(self, file: Any, heading: Heading) -> None:
        self._file = file
        self.heading = heading

    @classmethod
    def open(cls, path: Path) -> SndfileSource | None:
        """None when libsndfile does not know the content, or others know it better."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            file = soundfile.SoundFile(descriptor, closefd=True)
        except soundfile.LibsndfileError:
            # libsndfile has closed the descriptor by now.
            return None
        is_known = file.format in _CONTAINERS and file.subtype != "OPUS" and file.channels <= 2
        if not is_known or not 0 < file.frames < _ENDLESS:
            file.close()
            return None
        return cls(file, _heading(file))

    def blocks(self) -> Iterator[Samples]:
        try:
            while len(block := self._file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
                yield block
        except soundfile.LibsndfileError as error:
            raise Undecodable("it ends or is damaged there") from error

    def close(self) -> None:
        self._file.close()


def _heading(file: Any) -> Heading:
    container = _CONTAINERS[file.format]
    tags = file.copy_metadata()
    bits = _BITS.get(file.subtype)
    return Heading(
        container=container,
        codec="flac" if container == "flac" else _CODECS.get(file.subtype, file.subtype.lower()),
        sample_rate=file.samplerate,
        channels=file.channels,
        bits=bits,
        lossy=bits is None,
        title=clean(tags.get("title")),
        artist=clean(tags.get("artist")),
        album=clean(tags.get("album")),
        promised_frames=file.frames if container == "flac" else None,
        likely_frames=file.frames,
    )
