"""Progress on standard error: a moving picture on a terminal, a line per change elsewhere."""

from __future__ import annotations

import math
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sfa import names, runs
from sfa.cli.forge import report, song
from sfa.cli.forge.song import Song
from sfa.runs import Run

_TURN = "Waits for its turn."
_AWAY = "Waiting for the database."
_IN_FULL = 2  # as many songs are shown stage by stage; of more, each has a line
_STATES = {"done": "done", "failed": "failed", "cancelled": "cancelled"}


class Display(Protocol):
    """What a command shows while it works; nothing of it goes to standard output but results."""

    def start(self) -> None: ...

    def close(self) -> None: ...

    def changed(self) -> None:
        """Rows were read anew."""

    def away(self, is_away: bool) -> None:
        """The database went, or is back."""

    def ended(self, one: Song) -> None:
        """A song has a result, or never will have one."""

    def say(self, sentence: str) -> None: ...


def display_for(songs: list[Song], results: report.Results) -> Display:
    console = Console(stderr=True, highlight=False, emoji=False)
    moves = console.is_terminal and not console.is_dumb_terminal
    return Moving(console, songs, results) if moves else Plain(console, songs, results)


class Plain:
    """For logs and pipes."""

    def __init__(self, console: Console, songs: list[Song], results: report.Results) -> None:
        self._console = console
        self._songs = songs
        self._results = results
        self._said: dict[tuple[Song, int], str] = {}
        self._was_away = False

    def start(self) -> None:
        """Nothing moves here."""

    def close(self) -> None:
        """Nothing moved here."""

    def changed(self) -> None:
        for one in self._songs:
            for run in one.runs:
                self._tell(one, run)

    def away(self, is_away: bool) -> None:
        if is_away != self._was_away:
            self.say(_AWAY if is_away else "The database is back.")
        self._was_away = is_away

    def ended(self, one: Song) -> None:
        for sentence in ending(one):
            self.say(sentence)
        self._results.show(one)

    def say(self, sentence: str) -> None:
        self._console.print(Text(f"sfa: {sentence}"), soft_wrap=True)

    def _tell(self, one: Song, run: Run) -> None:
        line = _in_words(run)
        before = self._said.get((one, run.run_id))
        self._said[one, run.run_id] = line
        # What was done before this command came is told at the end, in one sentence.
        if line and line != before and (before is not None or run.is_open):
            self.say(f"{one.shown}: {line}")


def _in_words(run: Run) -> str:
    """Where a run is. What it says while it runs changes too often to be told line by line."""
    again = f", attempt {run.attempts} of {run.max_attempts}" if run.attempts > 1 else ""
    match run.state:
        case "running":
            return f"{run.stage_title} has begun{again}."
        case "done":
            return f"{run.stage_title} is done, {run.took_s or 0:.1f} s."
        case "queued" if run.note != _TURN:
            return f"{run.stage_title} waits. {run.note or ''}".rstrip()
        case "failed" | "cancelled":
            return f"{run.stage_title}: {run.state}."
    return ""


class Moving:
    """For people at a terminal."""

    def __init__(self, console: Console, songs: list[Song], results: report.Results) -> None:
        self._console = console
        self._songs = songs
        self._results = results
        self._is_away = False
        self._live = Live(
            console=console,
            get_renderable=self._picture,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            vertical_overflow="crop",
        )

    def start(self) -> None:
        self._live.start()

    def close(self) -> None:
        self._live.stop()

    def changed(self) -> None:
        """It is drawn from the songs themselves, eight times a second."""

    def away(self, is_away: bool) -> None:
        self._is_away = is_away

    def ended(self, one: Song) -> None:
        self._live.stop()  # a result goes to standard output, which may be this very terminal
        for sentence in ending(one):
            self.say(sentence)
        self._results.show(one)
        if any(another.is_open for another in self._songs):
            self._live.start()

    def say(self, sentence: str) -> None:
        self._console.print(Text(sentence), soft_wrap=True)

    def _picture(self) -> RenderableType:
        now = [one for one in self._songs if one.is_open and one.phase != song.WAITING]
        parts: list[RenderableType] = []
        if len(self._songs) > 1:
            parts.append(self._count())
        in_full = len(now) <= _IN_FULL
        room = max(1, self._console.height - 3) if not in_full else len(now)
        parts += [_in_full(one) if in_full else _in_short(one) for one in now[:room]]
        if self._is_away:
            parts.append(Text(_AWAY, style="yellow"))
        return Group(*parts)

    def _count(self) -> Text:
        def count(*phases: str) -> int:
            return sum(one.phase in phases for one in self._songs)

        lost = count(song.FAILED, song.CANCELLED, song.LEFT)
        text = Text(f"{count(song.DONE)} of {len(self._songs)} done", style="bold")
        return text.append(f", {lost} not", style="red") if lost else text


def _in_full(one: Song) -> RenderableType:
    head = Text(one.shown, style="bold")
    if (eta_s := runs.eta_s(one.runs)) is not None:
        head.append(f"  {_left(eta_s)}", style="dim")
    table = _grid()
    if one.phase == song.COPYING:
        _row(table, "Copy", one.copied, "")
    for run in one.runs:
        if run.state in ("blocked", "queued"):
            table.add_row(f"  {run.stage_title}", "", "", "", Text(names.clean(run.note) or ""))
            continue
        words = _STATES.get(run.state) or names.clean(run.note) or ""
        eta = _left(run.eta_s) if run.is_open and run.eta_s is not None else ""
        took = f"{run.took_s:.1f} s" if run.state == "done" and run.took_s is not None else eta
        _row(table, run.stage_title, run.progress, took, words, moving=run.state == "running")
    if one.phase == song.EXPORTING:
        _row(table, "Export", one.copied, "")
    return Group(head, table)


def _in_short(one: Song) -> RenderableType:
    table = _grid(width=30)
    doing = ", ".join(run.stage_title for run in one.runs if run.state == "running")
    eta_s = runs.eta_s(one.runs)
    words = {song.COPYING: "Copy", song.EXPORTING: "Export"}.get(one.phase, doing or "waits")
    done = song.progress(one.runs) if one.phase == song.WORKING else one.copied
    _row(table, one.shown, done, "" if eta_s is None else _left(eta_s), words, moving=bool(doing))
    return table


def _grid(width: int = 12) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=width, no_wrap=True, overflow="ellipsis")
    table.add_column(width=24)
    table.add_column(width=5, justify="right")
    table.add_column(width=13, no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis", style="dim")
    return table


def _row(table: Table, title: str, done: float, time: str, words: str = "", *, moving: bool = True) -> None:
    percent = f"{round(100 * done)} %" if 0 < done < 1 or moving else ""
    table.add_row(f"  {title}", ProgressBar(total=1.0, completed=done, width=24), percent, time, Text(words))


def _left(eta_s: float) -> str:
    return f"{names.clock(math.ceil(eta_s))} left"


def ending(one: Song) -> list[str]:
    """What is said when a song has ended, beside its result."""
    if one.trouble is not None:
        message = one.trouble.message
        said = message if one.name in message or one.shown in message else f"{one.shown}: {message}"
        return [said, *([f"  {one.trouble.fix}"] if one.trouble.fix else [])]
    if one.asked:
        return []
    return [f"{one.shown} was in the library already, with all that was asked for."]
