"""Two who corrected the same thing: what each of them has, side by side. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sfa.corrections.grammar import clock
from sfa.corrections.rows import Corrections, Part, Song, Span
from sfa.names import clock as roughly

_MOST = 40  # differences that are shown; who has more of them compares nothing by eye
_DETECTED = "as detected"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two versions differ."""

    what: str
    mine: list[str]
    theirs: list[str]


def differences(song: Song, part: Part, mine: Corrections) -> list[Difference]:
    """Where `mine` differs from what the song has now."""
    theirs = song.corrections
    if part == "chords":
        return _of_spans(mine.chords, theirs.chords)
    if part == "sections":
        return _of_spans(mine.sections, theirs.sections)
    pairs = zip(_values(mine, part), _values(theirs, part), strict=True)
    return [Difference(what, [own], [other]) for (what, own), (_, other) in pairs if own != other]


def _values(said: Corrections, part: Part) -> list[tuple[str, str]]:
    if part == "key":
        return [("Key", said.key.name if said.key else _DETECTED)]
    tempo = said.tempo and f"{said.tempo.bpm:.6g} BPM{', even' if said.tempo.steady else ''}"
    return [
        ("Tempo", tempo or _DETECTED),
        ("A beat at", _DETECTED if said.anchor_s is None else clock(said.anchor_s)),
        ("A bar begins at", _DETECTED if said.downbeat_s is None else clock(said.downbeat_s)),
        ("Metre", _DETECTED if said.beats_per_bar is None else f"{said.beats_per_bar} beats in a bar"),
    ]


def _of_spans(mine: Sequence[Span], theirs: Sequence[Span]) -> list[Difference]:
    own, others = _lines(mine), _lines(theirs)
    if not own or not others:
        return [Difference("All", own[:_MOST] or [_DETECTED], others[:_MOST] or [_DETECTED])]
    found = []
    for tag, first, last, other_first, other_last in SequenceMatcher(
        a=own, b=others, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            at_s = mine[min(first, len(mine) - 1)].start_s
            what = f"Around {roughly(at_s)}"
            found.append(Difference(what, own[first:last], others[other_first:other_last]))
    return found[:_MOST]


def _lines(spans: Sequence[Span]) -> list[str]:
    return [f"{clock(span.start_s)} {span.label}" for span in spans] + [
        f"{clock(spans[-1].end_s)} end"
    ] * bool(spans)
