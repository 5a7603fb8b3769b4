"""Which of the candidates is the song that was asked for, and which of them a person should listen to first.

Pure. The score of a candidate is the downloader's: how alike title and artists are, of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sfa import names

ENOUGH = 0.8  # spotdl takes a label's recording from here on without a look at the next
_TOLERANCE_MS = 3000  # or the share, whichever is more: how far two pressings of one recording differ
_TOLERANCE_SHARE = 0.02

# What a title says when it is another recording. What is asked for may be called so too.
_VERSIONS = {
    "a live recording": r"live|concert|konzert|unplugged|en vivo|ao vivo|en directo",
    "a cover": r"cover(ed)?|tribute|in the style of|made famous by",
    "made for singing to": r"karaoke|instrumental|backing track|minus one|sing.?along",
    "played at another speed": r"sped.?up|slowed|nightcore|daycore|chopped",
    "a remix": r"remix(ed)?|mash.?up|bootleg|8d( audio)?|bass.?boosted",
    "an acoustic version": r"acoustic|piano version|orchestral",
    "sung without instruments": r"a.?cap+ella",
    "a demo": r"demo",
}


@dataclass(frozen=True, slots=True)
class Asked:
    title: str
    artists: list[str]
    duration_ms: int | None
    explicit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What may be the song, as the downloader's child tells it."""

    url: str
    provider: str
    title: str
    artists: list[str]
    duration_ms: int | None
    score: float  # 0 to 1
    explicit: bool = False
    verified: bool = False  # delivered by a label
    isrc: bool = False  # found by the number of the recording


@dataclass(frozen=True, slots=True)
class Judged:
    candidate: Candidate
    doubt: str | None  # why a person should listen first, as a sentence; None: it is the song


def judge(asked: Asked, candidates: Iterable[Candidate]) -> list[Judged]:
    """Best first: those without doubt, then by number, likeness, label and length."""
    judged = [Judged(candidate, doubt(asked, candidate)) for candidate in candidates]

    def rank(one: Judged) -> tuple[object, ...]:
        it = one.candidate
        off = abs((it.duration_ms or 0) - (asked.duration_ms or 0))
        is_clean = asked.explicit and not it.explicit
        return (one.doubt is not None, not it.isrc, is_clean, -it.score, not it.verified, off)

    return sorted(judged, key=rank)


def doubt(asked: Asked, candidate: Candidate) -> str | None:
    for version, words in _VERSIONS.items():
        if _says(words, candidate.title) and not _says(words, asked.title):
            return f"Its title says that it is {version}."
    if asked.duration_ms and not candidate.duration_ms:
        return "Its length is not known."
    if not is_as_long(asked, candidate.duration_ms):
        return f"It lasts {clock(candidate.duration_ms)}, not {clock(asked.duration_ms)}."
    if candidate.score < ENOUGH:
        return "Its title or its artist is only similar."
    return None


def is_as_long(asked: Asked, duration_ms: float | None) -> bool:
    """Whether a recording may be the one that was asked for, as far as lengths are known."""
    if not asked.duration_ms or not duration_ms:
        return True
    tolerance_ms = max(_TOLERANCE_MS, _TOLERANCE_SHARE * asked.duration_ms)
    return abs(duration_ms - asked.duration_ms) <= tolerance_ms


def both(asked: Asked, found: Candidate, why: str) -> str:
    """What was asked for beside the best that was found."""
    shows = not is_as_long(asked, found.duration_ms)
    return (
        f"Asked: {named(asked.title, asked.artists)}{_length(asked.duration_ms)}."
        f" Best found: {named(found.title, found.artists)}{_length(found.duration_ms)}."
        + ("" if shows else f" {why}")
    )


def named(title: str, artists: list[str]) -> str:
    return f"“{title}” by {', '.join(artists)}" if artists else f"“{title}”"


def clock(duration_ms: float | None) -> str:
    return names.clock(round((duration_ms or 0) / 1000))


def _length(duration_ms: int | None) -> str:
    return f", {clock(duration_ms)}" if duration_ms else ""


def _says(words: str, title: str) -> bool:
    return re.search(rf"\b({words})\b", title, re.IGNORECASE) is not None
