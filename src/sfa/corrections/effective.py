"""What holds of a track: the readings, and above them what a person corrected. The one place where they meet.

Lists read tempo and key from the view `sfa.effective_headlines`, which follows the same rule.
"""

from __future__ import annotations

from dataclasses import replace

from sfa.analysis.rows import Chord, Key, Reading, Readings, Section
from sfa.analysis.rows import Tempo as TempoRead
from sfa.corrections.grid import beats_of
from sfa.corrections.rows import Corrections, Span

METHOD = "corrected by hand"
_SURE = 1.0


def effective(
    detected: Readings, said: Corrections, *, camelot: str | None, duration_s: float | None
) -> Readings:
    """The readings that hold; `by_name` tells of each whether it was corrected.

    Corrected readings are sure. The reading that gave way stays among the
    alternatives. What depends on something corrected follows it: beats follow
    tempo, metre and downbeat.
    """
    corrected: set[str] = set()
    changes: dict[str, object] = {}
    if said.tempo is not None:
        others = [one for one in detected.tempos if abs(one.bpm - said.tempo.bpm) > 0.05]
        changes["tempos"] = [TempoRead(said.tempo.bpm, _SURE), *others]
        corrected.add("tempo")
    metre = said.beats_per_bar or detected.beats_per_bar
    if said.beats_per_bar is not None:
        changes["beats_per_bar"] = metre
        corrected.add("metre")
    beats = beats_of(
        detected.beats,
        said,
        bpm=detected.tempos[0].bpm if detected.tempos else None,
        metre=metre,
        end_s=duration_s or 0.0,
    )
    if beats != detected.beats:
        changes["beats"] = beats
        corrected.add("beats")
    if said.key is not None and camelot is not None:
        tuning_hz = detected.keys[0].tuning_hz if detected.keys else None
        key = Key(said.key.tonic, said.key.mode, camelot, _SURE, tuning_hz)
        keys = [one for one in detected.keys if one.camelot != camelot]
        changes["keys"] = [key, *(replace(one, tuning_hz=None) for one in keys)]
        corrected.add("key")
    if said.chords:
        changes["chords"] = [Chord(one.start_s, one.end_s, one.label, _SURE) for one in said.chords]
        corrected.add("chords")
    if said.sections:
        changes["sections"] = _sections(said.sections)
        corrected.add("sections")
    if not corrected:
        return detected
    by_name = detected.by_name | {name: Reading(name, METHOD, _SURE, None, True) for name in corrected}
    return replace(detected, by_name=by_name, **changes)  # type: ignore[arg-type]


def _sections(spans: tuple[Span, ...]) -> list[Section]:
    """Sections of one name repeat each other."""
    groups: dict[str, int] = {}
    return [
        Section(
            one.start_s, one.end_s, one.label, groups.setdefault(one.label.casefold(), len(groups)), _SURE
        )
        for one in spans
    ]
