"""Ties the life of a process tree to its parent's, whatever kills the parent.

The parent keeps the writing end of a pipe; a small shell in the child's own
process group reads the other end. When the parent is gone, by any cause, the
kernel closes the pipe, the read returns and the shell ends the whole group,
grandchildren included. A shell, not a thread: no interpreter lock stands in
its way, and it costs a megabyte.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

# `exec` keeps the process id, so whoever was started is still the leader of its group.
_GUARD = (
    "n=$SFA_LIFELINE; ( exec </dev/null >/dev/null 2>&1; trap '' TERM INT HUP; read -r -u \"$n\" _;"
    ' kill -KILL 0 ) & eval "exec $n<&-"; unset SFA_LIFELINE; exec "$@"'
)


@dataclass(slots=True)
class Lifeline:
    """The writing end, held by the parent; closing it ends the group on the other side."""

    read_fd: int  # for `pass_fds` of the process to be started
    write_fd: int

    @property
    def env(self) -> dict[str, str]:
        return {"SFA_LIFELINE": str(self.read_fd), "SFA_PARENT": str(os.getpid())}

    def cut(self) -> None:
        """End whatever is left of the group. Harmless when called twice."""
        if self.write_fd >= 0:
            os.close(self.write_fd)
            self.write_fd = -1


def guarded(argv: list[str]) -> list[str]:
    """`argv`, run under the guard. Start it in a session of its own, with the lifeline's fd and env."""
    return ["bash", "-c", _GUARD, "sfa-guard", *argv]


class Foreign(str):
    """The name of a program that is no module of ours, and how it is started."""

    argv: list[str]

    def __new__(cls, name: str, argv: list[str]) -> Foreign:
        program = super().__new__(cls, name)
        program.argv = argv
        return program


async def spawn(
    program: str, line: Lifeline, *, limit: int, env: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Start `python -m program`, or a foreign one, at the other end of the line, its streams in our hands."""
    argv = program.argv if isinstance(program, Foreign) else [sys.executable, "-m", program]
    return await asyncio.create_subprocess_exec(
        *guarded(argv),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        pass_fds=(line.read_fd,),
        limit=limit,
        env={**os.environ, **(env or {}), **line.env},
    )


@contextmanager
def throw() -> Iterator[Lifeline]:
    """A lifeline for one start: the reading end is closed here afterwards, the writing end on error."""
    read_fd, write_fd = os.pipe()
    os.set_inheritable(read_fd, True)
    line = Lifeline(read_fd, write_fd)
    try:
        yield line
    except BaseException:
        line.cut()
        raise
    finally:
        os.close(read_fd)
