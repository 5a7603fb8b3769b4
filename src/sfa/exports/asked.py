"""What a person asked for, out of an address: every fault has its sentence, and nothing is guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sfa import names
from sfa.errors import Refused
from sfa.exports.store import Song
from sfa.separation import Stem

FORMATS = ("flac", "wav", "mp3")
GAIN_DB = (-96.0, 24.0)
PAN = (-1.0, 1.0)

_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Heard:
    """One stem of a mix."""

    stem: Stem
    gain_db: float = 0.0
    pan: float = 0.0  # −1 left, 1 right
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Mix:
    """A mix as it was set up."""

    heard: list[Heard]  # of all stems, the muted ones too
    start: int  # frames
    stop: int
    trim_db: float  # for the whole
    lower: bool  # lower it by itself where it is too loud

    @property
    def voices(self) -> list[Heard]:
        return [one for one in self.heard if not one.muted]

    @property
    def is_panned(self) -> bool:
        return any(one.pan for one in self.voices)


def format_of(text: str) -> str:
    """Raises Refused for a format that sound is not written in here."""
    if text not in FORMATS:
        raise Refused(
            f"{names.shown(text)} is no format that stems are written in.",
            fix=f"Ask for {' or '.join(FORMATS)}.",
        )
    return text


def stems_of(song: Song, wanted: Sequence[str]) -> list[Stem]:
    """The stems of these names, or all; Refused names one that there is not."""
    unknown = [name for name in wanted if name not in {stem.name for stem in song.stems}]
    if unknown:
        there = ", ".join(stem.name for stem in song.stems)
        raise Refused(
            f"This separation has no stem {names.shown(unknown[0])}.",
            fix=f"It has {there}: choose among these.",
        )
    return [stem for stem in song.stems if not wanted or stem.name in wanted]


def mix_of(song: Song, asked: Mapping[str, str]) -> Mix:
    """A mix out of `gain.<stem>` (dB), `pan.<stem>`, `mute.<stem>`, `from`, `to`, `trim` (dB) and `loud`.

    What is not said is as in the separation: 0 dB, in the middle, heard, from
    beginning to end. `loud` is `ask` or `lower`.

    Raises
    ------
    Refused
        When a number is none or out of range, or nothing is left to hear.
    """
    for key in asked:
        part, _, name = key.partition(".")
        if part in ("gain", "pan", "mute") and name:
            stems_of(song, [name])
    heard = [
        Heard(
            stem,
            _number(asked, f"gain.{stem.name}", GAIN_DB, f"The gain of {stem.name}", "dB"),
            _number(asked, f"pan.{stem.name}", PAN, f"The pan of {stem.name}", ""),
            asked.get(f"mute.{stem.name}", "") not in ("", "0", "false"),
        )
        for stem in song.stems
    ]
    start = _frame(song, asked.get("from", ""), 0)
    stop = _frame(song, asked.get("to", ""), song.frames)
    if start >= stop:
        first, last = names.clock(start / song.rate_hz), names.clock(stop / song.rate_hz)
        raise Refused(
            f"The stretch from {first} to {last} is empty.",
            fix=f"Let it end after it begins; the song is {names.clock(song.frames / song.rate_hz)} long.",
        )
    trim_db = _number(asked, "trim", GAIN_DB, "The level of the whole", "dB")
    mix = Mix(heard, start, stop, trim_db, asked.get("loud", "ask") == "lower")
    if not mix.voices:
        raise Refused("Every stem is muted, so there is nothing to hear.", fix="Switch one of them on.")
    return mix


def _number(asked: Mapping[str, str], name: str, between: tuple[float, float], what: str, unit: str) -> float:
    text = asked.get(name, "").strip().replace("−", "-")
    try:
        value = float(text or 0)
    except ValueError:
        value = math.nan
    low, high = between
    if not low <= value <= high:  # false for what is no number
        limits = f"{low:g} to {high:g} {unit}".strip().replace("-", "−")
        raise Refused(f"{what} is {names.shown(text)}, and can be from {limits}.", fix="Put it in between.")
    return value


def _frame(song: Song, text: str, otherwise: int) -> int:
    """Seconds, or minutes and seconds, as the nearest frame of the song; behind its end is its end."""
    text = text.strip()
    if not text:
        return otherwise
    match = _CLOCK.fullmatch(text)
    if match is None or len(text) > 20:
        raise Refused(
            f"{names.shown(text)} is no place in a song.",
            fix="Write seconds, as 83.5, or minutes, as 1:23.5.",
        )
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    at_s = 3600 * hours + 60 * minutes + seconds
    return min(song.frames, round(at_s * song.rate_hz))
