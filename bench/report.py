"""What a measurement found, as tables for people and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Cell = str | float | int | None


@dataclass(slots=True)
class Table:
    """Numbers are shown with three digits that count; None is shown as a dash."""

    columns: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What was to be reached, and what was."""

    what: str
    limit: float
    value: float | None

    @property
    def met(self) -> bool:
        return self.value is not None and self.value <= self.limit


@dataclass(slots=True)
class Part:
    """One measurement. `figures` are the bare numbers, for programs."""

    name: str
    title: str
    method: str
    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    load: str = ""  # of the machine, before and after
    took_s: float = 0.0
    failed: str | None = None


def as_json(parts: Iterable[Part], conditions: dict[str, str]) -> dict[str, Any]:
    return {
        "conditions": conditions,
        "parts": [
            asdict(part) | {"targets": [asdict(t) | {"met": t.met} for t in part.targets]} for part in parts
        ],
    }


def as_markdown(parts: Sequence[Part], conditions: dict[str, str]) -> str:
    """The whole of bench/RESULTS.md."""
    lines = [
        "# Measurements",
        "",
        "Made by `python -m bench --write`, which needs nothing but the environment of `./sfa setup --all`.",
        "What is compared ran in turn, round after round, in one run; where nothing else is said a figure is",
        "the least of its rounds, and ratios are of these.",
        "",
    ]
    if targets := [target for part in parts for target in part.targets]:
        lines += ["| target | at most | here | |", "|---|---|---|---|"]
        lines += [
            f"| {t.what} | {shown(t.limit)} | {shown(t.value)} | {'met' if t.met else '**missed**'} |"
            for t in targets
        ]
        lines.append("")
    for part in parts:
        lines += _part(part)
    lines += ["## Conditions", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in conditions.items()]
    return "\n".join(lines) + "\n"


def _part(part: Part) -> list[str]:
    lines = [f"## {part.title}", "", part.method, ""]
    if part.failed:
        lines += [f"**This part failed**: {part.failed}", ""]
    for table in part.tables:
        if table.caption:
            lines += [table.caption, ""]
        lines.append("| " + " | ".join(table.columns) + " |")
        lines.append("|" + "---|" * len(table.columns))
        lines += ["| " + " | ".join(shown(cell) for cell in row) + " |" for row in table.rows]
        lines.append("")
    lines += [f"- {note}" for note in part.notes]
    if part.load:
        lines.append(f"- {part.load}; the part took {part.took_s:.0f} s.")
    return [*lines, ""]


def shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    if not isinstance(cell, float):
        return str(cell)
    size = abs(cell)
    return f"{cell:.0f}" if size >= 100 else f"{cell:.1f}" if size >= 10 else f"{cell:.2f}"


def quantile(values: Sequence[float], share: float) -> float:
    """The least value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def least_and_median(values: Sequence[float]) -> tuple[float, float]:
    return min(values), statistics.median(values)
