"""What a person corrected, and a track with it: the nouns of this room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sfa.analysis import Readings

# What is written together and has one version: of two who write into one part the second is asked.
Part = Literal["grid", "key", "chords", "sections"]
PARTS: tuple[Part, ...] = ("grid", "key", "chords", "sections")

SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0
MOST_BEATS_PER_BAR = 16


@dataclass(frozen=True, slots=True)
class Tempo:
    bpm: float
    steady: bool  # beats at even distances; else where they were heard


@dataclass(frozen=True, slots=True)
class KeyName:
    tonic: str  # as the key's signature spells it
    mode: str  # major or minor

    @property
    def name(self) -> str:
        return f"{self.tonic} {self.mode}"


@dataclass(frozen=True, slots=True)
class Span:
    """A chord or a section."""

    start_s: float
    end_s: float
    label: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """All that was corrected of one track; what is None or empty is as it was read."""

    tempo: Tempo | None = None
    anchor_s: float | None = None  # a beat is here
    downbeat_s: float | None = None  # a bar begins here
    beats_per_bar: int | None = None
    key: KeyName | None = None
    chords: tuple[Span, ...] = ()
    sections: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """How often a part was changed, and when last."""

    part: Part
    version: int
    age_s: float


@dataclass(frozen=True, slots=True)
class Song:
    """A track as it was read, as a person corrected it, and what holds."""

    track_id: UUID
    title: str
    duration_s: float | None  # None: not decoded yet
    detected: Readings
    corrections: Corrections
    camelot: str | None  # of the corrected key
    effective: Readings
    versions: Mapping[str, Version] = field(default_factory=dict)

    def version(self, part: Part) -> int:
        """Names the state of a part; zero while nothing was ever corrected."""
        known = self.versions.get(part)
        return known.version if known else 0

    @property
    def is_read(self) -> bool:
        """Whether there is anything to correct."""
        return self.duration_s is not None and bool(self.detected.by_name)
