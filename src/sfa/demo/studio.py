"""Compose, record and write the demo song, or another one by the same band."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from sfa.demo.bass import play_bass
from sfa.demo.drums import play_drums
from sfa.demo.form import SAMPLE_RATE, Form, write_form
from sfa.demo.guitar import play_guitar
from sfa.demo.keys import play_keys
from sfa.demo.master import Samples, press
from sfa.demo.room import build_room
from sfa.demo.tape import Sound
from sfa.demo.truth import Truth, truth_of
from sfa.demo.voice import play_voice

# Each player and the fader of its channel.
_BAND: dict[str, tuple[Callable[[Form, Sound], Sound], float]] = {
    "drums": (play_drums, 0.86),
    "bass": (lambda form, room: play_bass(form), 0.57),
    "guitar": (play_guitar, 1.25),
    "keys": (play_keys, 0.85),
    "vocals": (play_voice, 0.6),
}
_MASTER = 0.86
_FORMATS = {".flac": "FLAC", ".wav": "WAV"}


@dataclass(frozen=True, slots=True)
class DemoSong:
    """A recorded song. Arrays are (frames, 2), float32 on the grid of 16-bit sound, and read-only."""

    samples: Samples
    sample_rate: int
    stems: dict[str, Samples]  # drums, bass, guitar, keys, vocals; their sum is `samples` to the bit
    truth: Truth

    def four_stems(self) -> dict[str, Samples]:
        """The stems as four-stem separators name them: drums, bass, other (guitar and keys), vocals."""
        other = self.stems["guitar"] + self.stems["keys"]
        return {
            "drums": self.stems["drums"],
            "bass": self.stems["bass"],
            "other": other,
            "vocals": self.stems["vocals"],
        }


def song() -> DemoSong:
    """The demo song, the same to the bit at every call."""
    return compose()


def compose(
    *,
    bpm: float = 118,
    tonic: str = "A",
    mode: str = "minor",
    beats_per_bar: int = 4,
    repeats: int = 1,
    seed: int = 0,
    tuning_hz: float = 440.0,
    swing: float = 0.08,
) -> DemoSong:
    """Another song by the same band; without parameters, the demo song.

    Parameters
    ----------
    bpm
        50 to 200.
    tonic, mode
        "C" to "B" with # or b; "minor" or "major".
    beats_per_bar
        3 or 4.
    repeats
        How often verse, chorus, half verse, chorus come round: 28 bars each. Time and memory grow with it
        (a minute of music holds 130 MB and needs 350 MB in the making); for hours see `times` of `write`.
    seed
        Picks chord progressions (by remainder of 2) and drum patterns, and all chance in playing.
    tuning_hz
        Of the A above middle C, 400 to 480.
    swing
        Of the sixteenths, 0 to 0.5.

    Raises
    ------
    ValueError
        When a parameter is outside of these.
    """
    form = write_form(
        bpm=bpm,
        tonic=tonic,
        mode=mode,
        beats_per_bar=beats_per_bar,
        repeats=repeats,
        seed=seed,
        tuning_hz=tuning_hz,
        swing=swing,
    )
    room = build_room(seed)
    stems: dict[str, Samples] = {}
    for name, (play, fader) in _BAND.items():
        stems[name] = np.ascontiguousarray(play(form, room).T * fader, dtype=np.float32)
    samples = press(stems, _MASTER)
    for array in (samples, *stems.values()):
        array.setflags(write=False)
    return DemoSong(samples, SAMPLE_RATE, stems, truth_of(form))


def write(path: Path, recording: DemoSong | None = None, *, times: int = 1) -> Path:
    """Write a song, the demo song if none is given, as 16-bit FLAC or WAV with its title and artist.

    `times` lays that many copies end to end, for files of any length in little memory. The file appears
    under its name only when it is whole.

    Raises
    ------
    ValueError
        When the name ends neither in .flac nor in .wav.
    """
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"The demo song is written as .flac or .wav, not as {path.name!r}.")
    recording = song() if recording is None else recording
    # libsndfile would scale floats by 2**15 - 1 and lose exactness.
    frames = (recording.samples * 2.0**15).astype(np.int16)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".demo-") as scratch:
        part = Path(scratch) / path.name
        with soundfile.SoundFile(part, "w", recording.sample_rate, 2, "PCM_16", format=kind) as file:
            file.title = recording.truth.title
            file.artist = recording.truth.artist
            for _ in range(times):
                file.write(frames)
        part.replace(path)
    return path
