"""Everything this program raises on purpose: a sentence for the user, facts for the log.

`CODES` is the one table of what can be wrong with an input or a run. Rows of
`runs` carry the code and the sentence; the command line leaves with the code's
exit status; pages show the sentence and the way out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class SfaError(Exception):
    """Base of every error raised on purpose. `str(error)` is a sentence without ids.

    `fix` says what the user can do about it; empty when the sentence says so itself.
    """

    def __init__(self, message: str, *, fix: str = "", **facts: object) -> None:
        super().__init__(message)
        self.fix = fix
        self.facts = facts


class NotFound(SfaError):
    """There is no such thing, or it is not yours."""


class BadSettings(SfaError):
    """The environment does not say what it must."""


class Refused(SfaError):
    """The request cannot be carried out as asked; asking again will not help."""

    def __init__(self, message: str, *, code: str = "refused", fix: str = "", **facts: object) -> None:
        super().__init__(message, fix=fix)
        self.facts = facts
        self.code = code


class ChildFailed(SfaError):
    """A child process died, overran, or left without a result."""

    def __init__(self, message: str, *, code: str = "crashed", evidence: str = "", **facts: object) -> None:
        super().__init__(message)
        self.facts = facts
        self.code = code
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class Code:
    """One row of the error table."""

    retry: Literal["never", "again"]  # `again`: the queue tries by itself until the attempts are used up
    exit_status: int  # of the command line
    meaning: str


CODES = {
    "not_audio": Code("never", 65, "The file is not sound in any format that ffmpeg or libsndfile reads."),
    "empty_file": Code("never", 65, "The file has no bytes, or holds no sound at all."),
    "no_sound": Code("never", 65, "The file holds pictures and no sound."),
    "protected": Code("never", 65, "The file is locked by its shop (DRM)."),
    "truncated": Code("never", 65, "The file breaks off before the end that its header promises."),
    "not_numbers": Code("never", 65, "The file holds samples that are not numbers."),
    "unreadable": Code("never", 66, "The file cannot be opened."),
    "gone": Code("never", 66, "The file was there and is not any more."),
    "model_unknown": Code("never", 64, "No model has this name."),
    "weights_missing": Code("never", 69, "The weights of the model are not on this machine."),
    "weights_corrupt": Code("never", 69, "The weights of the model are damaged or not a model."),
    "weights_unreachable": Code("never", 69, "The weights could not be fetched."),
    "engine_missing": Code("never", 69, "The separation engine is not installed."),
    "too_large": Code("never", 65, "The file is larger than this studio takes."),
    "disk_full": Code("again", 74, "There is no room left on the disk."),
    "memory": Code("again", 71, "The step needed more memory than it may use."),
    "timeout": Code("again", 75, "The step took longer than it may."),
    "stalled": Code("again", 75, "The step stopped making progress."),
    "crashed": Code("again", 70, "The step's process died."),
    "busy": Code("again", 75, "As much is being made as this machine is to make at once."),
    "refused": Code("never", 64, "The request cannot be carried out as asked."),
}
