"""What a person may correct: each edit takes a song and a form, and says what holds from then on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sfa.analysis.rows import Beat
from sfa.corrections import grammar, spans
from sfa.corrections.grid import nearest, period_at
from sfa.corrections.rows import Corrections, Part, Song, Span, Tempo
from sfa.errors import NotFound, Refused
from sfa.names import shown

Form = Mapping[str, Sequence[str]]
_LONGEST_NUDGE_MS = 1000
_TIMES = {"double": 2.0, "halve": 0.5}


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that can be corrected."""

    part: Part
    apply: Callable[[Song, Form], tuple[Corrections, str]]  # what holds then, and what was done in words
    restore: Callable[[Corrections], Corrections]  # as it was detected
    noun: str


def edit_of(what: str) -> Edit:
    """The edit of this name.

    Raises
    ------
    NotFound
        When nothing of this name can be corrected.
    """
    if what not in EDITS:
        raise NotFound(f"{shown(what)} is nothing that can be corrected.")
    return EDITS[what]


def field(form: Form, name: str) -> str:
    """The first value of a field; empty when there is none."""
    values = form.get(name) or [""]
    return values[0]


def draft_in(form: Form) -> spans.Draft:
    """The rows of an editor, as they were sent.

    Raises
    ------
    Refused
        When they are more than an editor has.
    """
    rows = zip(form.get("start", ()), form.get("label", ()), strict=False)
    return spans.bounded(
        spans.Draft(tuple(spans.Row(start, label) for start, label in rows), field(form, "end"))
    )


def spans_now(song: Song, what: str) -> tuple[Span, ...]:
    """The chords or sections that hold."""
    found = song.effective.chords if what == "chords" else song.effective.sections
    return tuple(Span(one.start_s, one.end_s, one.label) for one in found)


def length_of(song: Song) -> float:
    if song.duration_s is None or not song.detected.by_name:
        raise Refused("This song has not been read yet.", fix="Correct it once its readings are there.")
    return song.duration_s


def _tempo(song: Song, form: Form) -> tuple[Corrections, str]:
    length_of(song)
    said, now = song.corrections, song.effective.tempos
    times = _TIMES.get(field(form, "do"))
    if times is not None:
        if not now:
            raise Refused("There is no tempo to multiply.", fix="Write one in beats per minute.")
        steady = said.tempo.steady if said.tempo else False
        tempo = Tempo(grammar.checked_bpm(now[0].bpm * times), steady)
        words = "Doubled" if times > 1 else "Halved"
        return replace(said, tempo=tempo), f"{words} the tempo of {shown(song.title)}"
    tempo = Tempo(grammar.bpm(field(form, "bpm")), bool(field(form, "steady")))
    after = replace(said, tempo=tempo)
    if tempo.steady and said.anchor_s is None and song.effective.beats:
        # Or the next analysis would carry the beats away with it.
        after = replace(after, anchor_s=_first(song.effective.beats).at_s)
    return after, f"Set the tempo of {shown(song.title)} to {tempo.bpm:.5g} BPM"


def _beats(song: Song, form: Form) -> tuple[Corrections, str]:
    end_s = length_of(song)
    if field(form, "at_s").strip() and not field(form, "ms"):
        at_s = grammar.time(field(form, "at_s"), end_s=end_s)
        if not song.effective.beats and not field(form, "bpm"):
            raise Refused("There are no beats to move there.", fix="Write a tempo too.")
        after = replace(song.corrections, anchor_s=at_s)
        if field(form, "bpm").strip():
            after = replace(after, tempo=Tempo(grammar.bpm(field(form, "bpm")), True))
        return after, f"Put a beat of {shown(song.title)} at {grammar.clock(at_s)}"
    ms = grammar.number(field(form, "ms"), "by how many milliseconds")
    if not 0 < abs(ms) <= _LONGEST_NUDGE_MS:
        raise Refused("The beats cannot be moved by that much at once.", fix="Put a beat where you hear one.")
    return _nudged(song, ms), f"Moved the beats of {shown(song.title)} by {ms:+g} ms".replace("-", "−")


def _nudged(song: Song, ms: float) -> Corrections:
    beats, said = song.effective.beats, song.corrections
    if not beats:
        raise Refused("There are no beats to move.", fix="Set a tempo first.")
    from_s = said.anchor_s if said.anchor_s is not None else _first(beats).at_s
    at_s = from_s + ms / 1000
    if at_s < 0:
        at_s += period_at(beats, nearest(beats, from_s))
    after = replace(said, anchor_s=round(at_s, 6))
    if said.downbeat_s is not None:
        after = replace(after, downbeat_s=max(0.0, round(said.downbeat_s + ms / 1000, 6)))
    return after


def _downbeat(song: Song, form: Form) -> tuple[Corrections, str]:
    at_s = grammar.time(field(form, "at_s"), end_s=length_of(song))
    beats = song.effective.beats
    if not beats:
        raise Refused("There are no beats a bar could begin with.", fix="Set a tempo first.")
    if song.effective.beats_per_bar is None:
        raise Refused("It is not known how many beats a bar has.", fix="Set the metre first.")
    index = nearest(beats, at_s)
    if abs(beats[index].at_s - at_s) > period_at(beats, index):
        raise Refused(f"There is no beat near {grammar.clock(at_s)}.", fix="Put a beat there first.")
    at_s = beats[index].at_s
    return replace(
        song.corrections, downbeat_s=at_s
    ), f"Let a bar of {shown(song.title)} begin at {grammar.clock(at_s)}"


def _metre(song: Song, form: Form) -> tuple[Corrections, str]:
    length_of(song)
    count = grammar.beats_per_bar(field(form, "beats_per_bar"))
    after = replace(song.corrections, beats_per_bar=count)
    return after, f"Set the metre of {shown(song.title)} to {count} in a bar"


def _key(song: Song, form: Form) -> tuple[Corrections, str]:
    length_of(song)
    tonic, mode = field(form, "tonic"), field(form, "mode")
    key = grammar.key(tonic, mode)
    return replace(song.corrections, key=key), f"Set the key of {shown(song.title)} to {key.name}"


def _chords(song: Song, form: Form) -> tuple[Corrections, str]:
    found = _spans(song, form, "chords", grammar.chord)
    return replace(song.corrections, chords=found), f"Edited the chords of {shown(song.title)}"


def _sections(song: Song, form: Form) -> tuple[Corrections, str]:
    found = _spans(song, form, "sections", grammar.section)
    return replace(song.corrections, sections=found), f"Edited the sections of {shown(song.title)}"


def _spans(song: Song, form: Form, what: str, label: Callable[[str], str]) -> tuple[Span, ...]:
    end_s = length_of(song)
    now = spans_now(song, what)
    found = spans.spans_of(
        draft_in(form),
        end_s=end_s,
        known=spans.borders_of(now),
        beats=song.effective.beats,
        snap=bool(field(form, "snap")),
        label=label,
    )
    before = song.corrections.chords if what == "chords" else song.corrections.sections
    return before if found == now else found


def _first(beats: Sequence[Beat]) -> Beat:
    """The first downbeat, or the first beat where bars are not known."""
    return next((beat for beat in beats if beat.position == 1), beats[0])


EDITS = {
    "tempo": Edit("grid", _tempo, lambda said: replace(said, tempo=None), "tempo"),
    "beats": Edit("grid", _beats, lambda said: replace(said, anchor_s=None), "places of the beats"),
    "downbeat": Edit("grid", _downbeat, lambda said: replace(said, downbeat_s=None), "first downbeat"),
    "metre": Edit("grid", _metre, lambda said: replace(said, beats_per_bar=None), "metre"),
    "key": Edit("key", _key, lambda said: replace(said, key=None), "key"),
    "chords": Edit("chords", _chords, lambda said: replace(said, chords=()), "chords"),
    "sections": Edit("sections", _sections, lambda said: replace(said, sections=()), "sections"),
}
