"""What a child and its parent say to each other: one JSON object per line.

A child serves one request after the other until its standard input ends, so
that what was slow to import stays imported. It answers on what was its
standard output: `{"ready": true}` once, then for each request any number of
`{"progress": 0.25, "note": "..."}` and one of `{"result": ...}`,
`{"refused": ...}` (the input is at fault) or `{"failed": ...}` (we are).
Whatever a library prints goes to standard error, for the log.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TextIO

Report = Callable[[float, str], None]
Work = Callable[[dict[str, Any], Report], dict[str, Any]]
PouringWork = Callable[[dict[str, Any], Report], tuple[dict[str, Any], Callable[[BinaryIO], None] | None]]

_PR_SET_PDEATHSIG = 1
_NICENESS = 5
_EVIDENCE_CHARS = 4000


class CannotDo(Exception):
    """The input is at fault, not the program: asking again will not help.

    `code` is one word of the error table (`sfa.errors.CODES`), `str(error)` the
    sentence with the input and the fact, `fix` the way out.
    """

    def __init__(self, code: str, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.fix = fix


def serve(work: Work, warm: Callable[[], None] | None = None) -> None:
    """Answer requests until standard input ends.

    `warm` does the slow imports; it runs after this process has tied its life
    to its parent's, and before the parent hears that it is ready.
    """
    _die_with_parent()
    _be_first_to_go()
    say = _take_stdout()
    if warm is not None:
        warm()
    say(ready=True)

    def report(done: float, note: str) -> None:
        say(progress=done, note=note)

    for line in sys.stdin:
        say(**_answer(work, json.loads(line), report))


def pour_out(work: PouringWork) -> None:
    """Answer one request with a line of JSON and then bytes, and leave.

    `work` returns what the line says, and what writes the bytes, if there are
    any. A status other than 0 says that they are not all.
    """
    _die_with_parent()
    _be_first_to_go()
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)

        def say(message: dict[str, Any]) -> None:
            out.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
            out.flush()

        writers: list[Callable[[BinaryIO], None] | None] = []

        def answer(request: dict[str, Any], report: Report) -> dict[str, Any]:
            result, write = work(request, report)
            writers.append(write)
            return result

        said = _answer(
            answer, json.loads(sys.stdin.readline()), lambda done, note: say({"progress": done, "note": note})
        )
        say(said)
        for write in filter(None, writers):
            write(out)


def _answer(work: Work, request: dict[str, Any], report: Report) -> dict[str, Any]:
    try:
        return {"result": work(request, report)}
    except CannotDo as error:
        said = {"code": error.code, "message": str(error), "fix": error.fix}
        return {"refused": said | {"evidence": _behind(error)}}
    except Exception as error:  # noqa: BLE001 - the parent decides what a failure means
        evidence = traceback.format_exc()
        sys.stderr.write(evidence)
        kind, evidence = type(error).__name__, evidence[-_EVIDENCE_CHARS:]
        return {"failed": {"kind": kind, "message": str(error), "evidence": evidence}}


def _behind(refusal: CannotDo) -> str:
    """What a library said, where that is behind it: for the log, never for people."""
    ours = refusal.__cause__
    theirs = ours.__cause__ if ours is not None else None
    return "".join(traceback.format_exception(theirs))[-_EVIDENCE_CHARS:] if theirs is not None else ""


def _take_stdout() -> Callable[..., None]:
    """Keep the pipe for answers; point descriptor 1 at standard error for everyone else."""
    answers: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lock = threading.Lock()

    def say(**message: object) -> None:
        with lock:
            answers.write(json.dumps(message, separators=(",", ":")) + "\n")
            answers.flush()

    return say


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent dies; leave if that has happened already."""
    parent = int(os.environ.get("SFA_PARENT", "0"))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent and os.getppid() != parent:
        sys.exit(1)


def _be_first_to_go() -> None:
    """Give way to pages, workers and the database; when memory runs out go first, and leave no core file."""
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        Path("/proc/self/oom_score_adj").write_text("500")
    except OSError:
        return  # no such file: not Linux, or not allowed; nothing depends on it
