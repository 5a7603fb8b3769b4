"""Results on standard output: a table for people."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sfa import names
from sfa.analysis import Readings
from sfa.cli.forge.result import Result
from sfa.cli.forge.song import Song
from sfa.library import Track

_WIDTH = 110  # of lines that go into a file or a pipe
_CHORDS = 6
_CHANGES = 8
_MANY_SECTIONS = 24


class Results(Protocol):
    """Where the result of a song goes as soon as there is one."""

    def show(self, one: Song) -> None: ...


class Tables:
    """For people."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, emoji=False)
        if not self._console.is_terminal:
            self._console.width = _WIDTH

    def show(self, one: Song) -> None:
        if one.result is None or not (one.result.readings.by_name or one.result.stems):
            return
        for part in table_of(one.result):
            self._console.print(part, soft_wrap=isinstance(part, Text))


class Silence:
    """For programs, which get everything at the end."""

    def show(self, one: Song) -> None:
        """Not now."""


def table_of(found: Result) -> list[Table | Text]:
    """The facts, then where the stems are; paths stand alone, so that they are never broken."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True, min_width=10)
    grid.add_column(overflow="fold")
    for name, said in _facts(found):
        grid.add_row(f"  {name}", Text(said))
    return [
        Text(names.clean(found.track.title) or "", style="bold"),
        grid,
        *(Text(f"  {line}", style="yellow") for line in _stand_in(found)),
        *(Text(f"  {line}") for line in _where(found)),
        Text(),
    ]


def _facts(found: Result) -> list[tuple[str, str]]:
    track, readings = found.track, found.readings
    facts = [("Artist", track.artist or ""), ("Album", track.album or ""), ("Length", _length(track))]
    if readings.by_name:
        facts += [
            ("Tempo", _tempo(readings)),
            ("Key", _key(readings)),
            ("Metre", _metre(readings)),
            ("Loudness", _loudness(readings)),
            ("Sections", _sections(readings)),
            ("Chords", _chords(readings)),
        ]
    if found.separation is not None:
        facts.append(("Stems", _stems(found)))
    return [(name, said) for name, said in facts if said]


def _length(track: Track) -> str:
    if track.duration_s is None or track.sample_rate is None:
        return ""
    kind = {1: "mono", 2: "stereo"}.get(track.channels or 0, f"{track.channels} channels")
    return f"{names.clock(track.duration_s)}, {track.sample_rate / 1000:g} kHz, {kind}, {track.format}"


def _tempo(readings: Readings) -> str:
    if not readings.tempos:
        return _absent(readings, "tempo")
    first, *others = readings.tempos
    instead = ", ".join(f"{tempo.bpm:.1f}" for tempo in others)
    return f"{first.bpm:.1f} bpm{_sure(readings, 'tempo')}" + (f"; or {instead}" if instead else "")


def _key(readings: Readings) -> str:
    if not readings.keys:
        return _absent(readings, "key")
    first, *others = readings.keys
    instead = ", ".join(f"{key.name} {key.camelot}" for key in others[:3])
    return f"{first.name}, Camelot {first.camelot}{_sure(readings, 'key')}" + (
        f"; or {instead}" if instead else ""
    )


def _metre(readings: Readings) -> str:
    if readings.beats_per_bar is None:
        return _absent(readings, "metre")
    return f"{readings.beats_per_bar} beats to the bar{_sure(readings, 'metre')}"


def _loudness(readings: Readings) -> str:
    level = readings.loudness
    if level is None:
        return _absent(readings, "loudness")
    if level.integrated_lufs is None:
        return "silent"
    said = [f"{_signed(level.integrated_lufs)} LUFS"]
    if level.true_peak_dbtp is not None:
        said.append(f"true peak {_signed(level.true_peak_dbtp)} dBTP")
    if level.range_lu is not None:
        said.append(f"range {level.range_lu:.1f} LU")
    return ", ".join(said)


def _sections(readings: Readings) -> str:
    if not readings.sections:
        return _absent(readings, "sections")
    shown = readings.sections[:_MANY_SECTIONS]
    said = ", ".join(f"{part.label} {names.clock(part.start_s)}–{names.clock(part.end_s)}" for part in shown)
    return said + (", …" if len(shown) < len(readings.sections) else "")


def _chords(readings: Readings) -> str:
    """Which ones and how much of the time, then how it begins."""
    if not readings.chords:
        return _absent(readings, "chords")
    lasts: dict[str, float] = defaultdict(float)
    for chord in readings.chords:
        lasts[chord.label] += chord.end_s - chord.start_s
    whole = sum(lasts.values())
    most = sorted(lasts, key=lambda label: -lasts[label])[:_CHORDS]
    shares = ", ".join(f"{_chord(label)} {100 * lasts[label] / whole:.0f} %" for label in most)
    begins = " ".join(_chord(chord.label) for chord in readings.chords[:_CHANGES])
    return f"{shares}; begins {begins}"


def _chord(label: str) -> str:
    return "none" if label == "N" else label


def _sure(readings: Readings, name: str) -> str:
    reading = readings.by_name.get(name)
    if reading is None or reading.confidence is None:
        return ""
    return f" ({100 * reading.confidence:.0f} % sure)"


def _absent(readings: Readings, name: str) -> str:
    reading = readings.by_name.get(name)
    return f"not known: {reading.absent}" if reading is not None and reading.absent else ""


def _signed(level: float) -> str:
    return f"{level:.1f}".replace("-", "−")


def _stand_in(found: Result) -> list[str]:
    """Nobody shall take rough stems for the real ones."""
    if found.separation is None or not found.stand_in:
        return (
            ["Quick, rough stems, as asked."]
            if found.separation and found.separation.engine == "quick"
            else []
        )
    said = [f"ROUGH STEMS: {found.separation.ran} stood in for {found.separation.model}."]
    return [*said, *(line for line in (found.separation.why, found.separation.fix) if line)]


def _stems(found: Result) -> str:
    assert found.separation is not None
    how = {"quick": "signal processing", "demucs": "Demucs"}.get(
        found.separation.engine, found.separation.engine
    )
    who = f"by {found.separation.ran} ({how}, on {found.separation.device})"
    return f"{', '.join(place.name for place in _places(found))}; {who}"


def _places(found: Result) -> list[Path]:
    return [found.exported.get(stem.name, found.named[stem.name]) for stem in found.stems]


def _where(found: Result) -> list[str]:
    """On a line of its own that is never broken, in the column of the facts."""
    return [f"{'in':8}  {place.parent.absolute()}" for place in _places(found)[:1]]
