"""Any file of sound to raw float32 on disk, in blocks, with every sample looked at once.

libsndfile goes first, because it gives wav, flac, ogg and mp3 back to the exact
sample; ffmpeg reads the rest. What decides is the content, never the name.
"""

from __future__ import annotations

import errno
import hashlib
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sfa.names import clock, shown
from sfa.sound import by_ffmpeg, claims, promise
from sfa.sound.by_libsndfile import SndfileSource
from sfa.sound.errors import BadSound, room_on_disk
from sfa.sound.mix import Mix, Samples, SoundFacts
from sfa.sound.mp4 import read_boxes
from sfa.sound.source import Heading, Source, Undecodable, is_playable_rate

Report = Callable[[float, str], None]

_LOUDEST = 1e10  # times full scale; 32-bit whole numbers written as floats stay below, squares are finite
_TRY_ANOTHER = "Choose a file with sound in it: mp3, flac, wav, m4a, ogg, opus or the like."
_COPY_AGAIN = "Copy or download the file again; the part that is missing cannot be made up."
_EXPORT_AGAIN = "Export the file again from the program that made it."


def decode(path: Path, spool: Path, *, name: str, report: Report | None = None) -> Mix:
    """Decode all of `path` into the raw float32 file `spool`.

    Mono stays mono; more than two channels are mixed down to two (ITU-R BS.775).
    `name` is what the user calls the file. On any error `spool` is gone.

    Raises
    ------
    BadSound
        In every case of bad input, and when the disk is full.
    """
    with _spooling(spool, name) as out:
        facts, channels = _read_all(path, name, lambda block: _spool(out, block), report)
    return Mix(spool, facts, channels)


def verify(path: Path, *, name: str, report: Report | None = None) -> tuple[SoundFacts, str]:
    """Decode all of `path` and keep nothing but its facts and the sha-256 of what `decode` would write."""
    digest = hashlib.sha256()
    facts, _ = _read_all(path, name, lambda block: digest.update(block.tobytes()), report)
    return facts, digest.hexdigest()


def _read_all(
    path: Path, name: str, take: Callable[[Samples], None], report: Report | None
) -> tuple[SoundFacts, int]:
    with _finding(name):
        source = _open(path, name)
    frames, channels = 0, 1
    with closing(source), _finding(name):
        heading = source.heading
        try:
            for block in source.blocks():
                _check_numbers(block, frames, heading.sample_rate, name)
                take(block)
                frames, channels = frames + len(block), block.shape[1]
                if report is not None and heading.likely_frames:
                    report(min(1.0, frames / heading.likely_frames), "reading the file")
        except Undecodable as error:
            problem = None if frames else _absurd(path, name)
            raise problem or _broken(name, heading, frames, str(error)) from error
        if not frames:
            raise _absurd(path, name) or _silent_header(name)
    if heading.promised_frames is not None and frames < heading.promised_frames:
        raise _broken(name, heading, frames, "it ends too early there")
    return _facts(heading, frames), channels


def _open(path: Path, name: str) -> Source:
    """The decoder for the content, after all that can be known without decoding."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
        raise BadSound("unreadable", f"{shown(name)} is {what}.", "Give the sound file itself.")
    if status.st_size == 0:
        raise BadSound("empty_file", f"{shown(name)} is empty: it has no bytes at all.", _COPY_AGAIN)
    with path.open("rb") as file:
        _check_structure(file, status.st_size, name)
    source = SndfileSource.open(path) or _open_with_ffmpeg(path, name)
    rate_hz = source.heading.sample_rate
    if not is_playable_rate(rate_hz):
        source.close()
        # Decoders change what they cannot believe, so ask the header first.
        raise _absurd(path, name) or _not_believed(name, claims.rate(rate_hz))
    return source


def _check_structure(file: BinaryIO, size: int, name: str) -> None:
    boxes = read_boxes(file, size)
    if boxes is not None and boxes.is_locked:
        raise _locked(name)
    if (boxes is not None and boxes.is_cut_off) or promise.is_cut_off(file, size):
        raise BadSound(
            "truncated",
            f"{shown(name)} breaks off: its header promises more than the {size:,} bytes that are there.",
            _COPY_AGAIN,
        )


def _open_with_ffmpeg(path: Path, name: str) -> Source:
    seen = by_ffmpeg.probe(path)
    if seen.is_protected:
        raise _locked(name)
    if seen.has_pictures and not seen.has_sound:
        raise BadSound("no_sound", f"{shown(name)} holds pictures and no sound.", _TRY_ANOTHER)
    if seen.is_known and not seen.has_sound:
        raise _absurd(path, name, has_decoder=False) or _silent_header(name)
    if not seen.is_known or seen.is_guess or seen.heading is None:
        if _has_sound_header(path):
            raise _absurd(path, name, has_decoder=False) or _silent_header(name)
        raise BadSound(
            "not_audio", f"{shown(name)} is not sound in any format that can be read here.", _TRY_ANOTHER
        )
    return by_ffmpeg.FfmpegSource(path, seen.heading, is_known_layout=seen.is_known_layout)


def _absurd(path: Path, name: str, *, has_decoder: bool = True) -> BadSound | None:
    """What is wrong with the header's figures, if that is why there is no sound."""
    said = claims.absurdity(path, has_decoder=has_decoder)
    return _not_believed(name, said) if said else None


def _not_believed(name: str, said: str) -> BadSound:
    return BadSound("not_audio", f"The header of {shown(name)} {said}.", _EXPORT_AGAIN)


def _has_sound_header(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    return head[8:12] in {b"WAVE", b"AIFF", b"AIFC"} or head[:4] in {b"fLaC", b"OggS", b"caff", b".snd"}


def _check_numbers(block: Samples, start: int, rate_hz: int, name: str) -> None:
    good = np.abs(block) < _LOUDEST  # false for NaN
    if good.all():
        return
    place = int(np.argmin(good.all(axis=1)))
    what = "far beyond full scale" if np.isfinite(block[place]).all() else "not numbers (NaN or infinite)"
    raise BadSound(
        "not_numbers",
        f"{shown(name)} holds samples that are {what}, from {clock((start + place) / rate_hz)}.",
        _EXPORT_AGAIN,
    )


def _broken(name: str, heading: Heading, frames: int, why: str) -> BadSound:
    if not frames and not heading.promised_frames:
        return BadSound(
            "not_audio",
            f"{shown(name)} looks like {heading.container} but nothing in it can be decoded.",
            _TRY_ANOTHER,
        )
    reached = clock(frames / heading.sample_rate)
    whole = f" of {clock(heading.likely_frames / heading.sample_rate)}" if heading.likely_frames else ""
    return BadSound(
        "truncated", f"{shown(name)} can be read only up to {reached}{whole}: {why}.", _COPY_AGAIN
    )


def _silent_header(name: str) -> BadSound:
    return BadSound("empty_file", f"{shown(name)} has a header and not one sample of sound.", _COPY_AGAIN)


def _locked(name: str) -> BadSound:
    return BadSound(
        "protected",
        f"{shown(name)} is locked by the shop it came from (DRM), so its sound cannot be read.",
        "Use a copy without a lock: a purchase without DRM, or your own CD.",
    )


def _facts(heading: Heading, frames: int) -> SoundFacts:
    return SoundFacts(
        container=heading.container,
        codec=heading.codec,
        sample_rate=heading.sample_rate,
        channels=heading.channels,
        frames=frames,
        duration_s=frames / heading.sample_rate,
        bits=heading.bits,
        lossy=heading.lossy,
        title=heading.title,
        artist=heading.artist,
        album=heading.album,
    )


def _spool(out: BinaryIO, block: Samples) -> None:
    out.write(block.tobytes())


@contextmanager
def _spooling(spool: Path, name: str) -> Iterator[BinaryIO]:
    """A file that is whole when the block ends well, and gone when it does not."""
    try:
        with room_on_disk(f"the samples of {shown(name)}"), spool.open("wb") as out:
            yield out
    except BaseException:
        if spool.is_file():  # and not a device
            spool.unlink()
        raise


@contextmanager
def _finding(name: str) -> Iterator[None]:
    """Say in a sentence what the file system says in a number."""
    try:
        yield
    except FileNotFoundError as error:
        raise BadSound(
            "gone", f"{shown(name)} is not there any more.", "Put the file back, or forge it again."
        ) from error
    except PermissionError as error:
        raise BadSound(
            "unreadable", f"{shown(name)} may not be read by this program.", "Give it read permission."
        ) from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise
        raise BadSound(
            "unreadable", f"{shown(name)} cannot be read: {error.strerror}.", "Check the disk it is on."
        ) from error
