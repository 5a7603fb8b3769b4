"""One file of the command line, from being named to its end, and what its runs say about it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sfa import names
from sfa.cli.forge.pipes import Opened
from sfa.cli.forge.result import Result
from sfa.errors import CODES, BadSettings, SfaError
from sfa.runs import Run
from sfa.separation import Separation

WAITING, COPYING, WORKING, EXPORTING = "waiting", "copying", "working", "exporting"
DONE, FAILED, CANCELLED, LEFT = "done", "failed", "cancelled", "left"
DEMO_NAME = "Lead to Gold.flac"
_OPEN = (WAITING, COPYING, WORKING, EXPORTING)
_TRY_AGAIN = 75
_SAME_AGAIN = "The same command goes on where it stopped."


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no result, as rows and sentences have it."""

    code: str
    message: str
    fix: str

    @property
    def exit_status(self) -> int:
        return CODES[self.code].exit_status if self.code in CODES else _TRY_AGAIN

    @classmethod
    def of(cls, error: SfaError) -> Trouble:
        other = "settings" if isinstance(error, BadSettings) else "studio"
        return cls(getattr(error, "code", other), str(error), error.fix)


@dataclass(slots=True, eq=False)
class Song:
    """What was asked for one file, and where it stands."""

    given: str | None  # as it was typed; None: the demo song
    pipe: Opened | None = None  # if that is what it names
    phase: str = WAITING
    copied: float = 0.0  # 0 to 1, while it is copied in, or its stems out
    track_id: UUID | None = None
    is_new: bool = False  # to the library
    asked: bool = False  # this command gave it work; else it was done, or under way for somebody else
    model: str = ""  # whose stems were asked for
    answer: int | None = None  # the run that makes, or made, these stems
    runs: list[Run] = field(default_factory=list)  # those that were asked for, in the order of the pipeline
    result: Result | None = None
    trouble: Trouble | None = None
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """Of the file, as the library will know it."""
        return DEMO_NAME if self.given is None else Path(self.given).name or self.given

    @property
    def shown(self) -> str:
        return "The demo song" if self.given is None else names.shown(self.name)

    @property
    def is_open(self) -> bool:
        return self.phase in _OPEN

    def give_up(self, trouble: Trouble) -> None:
        """The command cannot go on; work that has been asked for does."""
        if self.phase in (WORKING, EXPORTING):
            self.end(LEFT, trouble)
        elif self.is_open:
            self.end(FAILED, trouble)

    def end(self, phase: str, trouble: Trouble | None = None) -> None:
        self.phase = phase
        self.trouble = trouble or self.trouble
        self.seconds = time.monotonic() - self.began


@dataclass(frozen=True, slots=True)
class Order:
    """The stems that are asked for: of which model, which of them, and may another stand in?"""

    model: str
    stems: tuple[str, ...] | None
    fallback: bool

    def answered_by(self, separation: Separation) -> bool:
        """Whether a finished separation is what was asked for; the rule of `sfa.has_separation`."""
        return (
            separation.model == self.model
            and (
                separation.wanted is None
                or (self.stems is not None and set(self.stems) <= set(separation.wanted))
            )
            and (self.fallback or separation.ran == self.model)
        )

    def answer(self, separations: Sequence[Separation], runs: Sequence[Run]) -> int | None:
        """The run whose stems these are: a finished one that will do, else the newest."""
        done = [one.run_id for one in separations if self.answered_by(one)]
        newest = [run.run_id for run in runs if run.stage == "separation" and run.variant == self.model]
        return max(done or newest, default=None)


def asked_for(runs: Sequence[Run], model: str, answer: int | None) -> list[Run]:
    """Of all runs of a track those that a song waits for: not what was asked of other models."""
    mine = [run for run in runs if run.variant in ("", model)]
    if not any(run.run_id == answer for run in mine):
        # The stems were made before, and a later run of the same model is somebody else's.
        return [run for run in mine if not run.variant]
    return mine


def have_ended(runs: Sequence[Run]) -> bool:
    """Whether nothing of it moves any more. What waits for a step that failed will not begin."""
    states = {run.state for run in runs}
    if states & {"queued", "running"}:
        return False
    return "blocked" not in states or bool(states & {"failed", "cancelled"})


def progress(runs: Sequence[Run]) -> float:
    return sum(run.progress for run in runs) / len(runs) if runs else 0.0


def trouble_of(one: Song) -> Trouble | None:
    """The first step that failed or was cancelled; None when all is well."""
    for run in one.runs:
        if run.state == "failed":
            return Trouble(
                run.error_code or "crashed", run.error or f"{run.stage_title} failed.", run.fix or ""
            )
    if any(run.state == "cancelled" for run in one.runs):
        return Trouble(CANCELLED, f"{one.shown} was cancelled.", _SAME_AGAIN)
    return None


def not_begun(one: Song) -> Trouble:
    return Trouble(CANCELLED, f"{one.shown} was not begun.", _SAME_AGAIN)


def goes_on(one: Song) -> Trouble:
    return Trouble(
        CANCELLED, f"{one.shown} is still under way, and goes on.", "The same command shows it again."
    )


def left(one: Song) -> Trouble:
    return Trouble(CANCELLED, f"{one.shown} was left while it was being cancelled.", _SAME_AGAIN)
