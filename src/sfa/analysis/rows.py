"""What was read from a track, as rows: the row classes of `sfa.analysis.store`."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading that was tried: how it was taken and how sure it is, or why it is absent."""

    name: str
    method: str | None
    confidence: float | None
    absent: str | None
    corrected: bool = False  # by a person, see sfa.corrections


@dataclass(frozen=True, slots=True)
class Tempo:
    bpm: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Beat:
    at_s: float
    position: int  # within the bar; 1 is the downbeat, 0 not known


@dataclass(frozen=True, slots=True)
class Key:
    tonic: str
    mode: str  # major or minor
    camelot: str
    confidence: float
    tuning_hz: float | None  # of the A above middle C; None for runners-up

    @property
    def name(self) -> str:
        return f"{self.tonic} {self.mode}"


@dataclass(frozen=True, slots=True)
class KeyEvidence:
    """What the key was told from."""

    strength: list[float]  # (12,): of each pitch class from C up, the strongest 1
    fits: list[float]  # (24,): correlation with the profiles, twelve major keys from C up, then minor
    scores: list[float]  # (24,): the same with what the chords say; the largest is the key


@dataclass(frozen=True, slots=True)
class Chord:
    start_s: float
    end_s: float
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Section:
    start_s: float
    end_s: float
    label: str
    group_n: int  # sections of one number repeat each other
    confidence: float


@dataclass(frozen=True, slots=True)
class Loudness:
    """EBU R128 and peaks; None where the level is minus infinity."""

    integrated_lufs: float | None
    range_lu: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None
    true_peak_dbtp: float | None
    sample_peak_dbfs: float | None


@dataclass(frozen=True, slots=True)
class Feature:
    feature: str
    mean: float
    std: float
    unit: str


@dataclass(frozen=True, slots=True)
class Balance:
    harmonic_share: float
    percussive_share: float


@dataclass(frozen=True, slots=True)
class Onsets:
    count: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A quantity over time: little-endian numbers in row-major order."""

    name: str
    unit: str
    hop_s: float | None  # None: not evenly spaced
    start_s: float
    dtype: str
    shape: list[int]
    data: bytes
    deflated: bool = False  # by zlib, as it lies in the database; a curve that was read is not


@dataclass(frozen=True, slots=True)
class Peaks:
    """A waveform: one byte per stretch of frames, its largest |sample| times 255."""

    frames_per_peak: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Headline:
    """What a list of tracks shows."""

    track_id: UUID
    bpm: float | None
    tonic: str | None
    mode: str | None
    camelot: str | None
    integrated_lufs: float | None


@dataclass(frozen=True, slots=True)
class Readings:
    """Everything that was read from one track; what is absent is empty or None, and `by_name` says why."""

    by_name: dict[str, Reading] = field(default_factory=dict)
    tempos: list[Tempo] = field(default_factory=list)  # the reading first, then its alternatives
    beats: list[Beat] = field(default_factory=list)
    beats_per_bar: int | None = None
    keys: list[Key] = field(default_factory=list)  # the reading first, then the runners-up
    chords: list[Chord] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    loudness: Loudness | None = None
    spectrum: list[Feature] = field(default_factory=list)
    balance: Balance | None = None
    onsets: Onsets | None = None
