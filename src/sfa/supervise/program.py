"""One program of the studio, started again whenever it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from sfa import lifeline

log = structlog.get_logger()

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 10.0
_WELL_S = 10.0  # one that lived so long is started again at once
_HURRY_S = 3.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and what to add to the environment."""

    name: str
    argv: list[str]
    env: Mapping[str, str] = field(default_factory=dict)


class Kept:
    """A program in a process group of its own; the group never outlives this object's process."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: asyncio.subprocess.Process | None = None
        self._line: lifeline.Lifeline | None = None
        self._stopping = asyncio.Event()
        self._hurried = asyncio.Event()
        self._ended = asyncio.Event()

    async def keep(self) -> None:
        """Run it until told to stop, and return when it has ended."""
        try:
            await self._keep()
        finally:
            self._ended.set()

    async def stop(self, grace_s: float) -> None:
        """Ask it to end; after `grace_s`, or as soon as hurried, end what is left of its group."""
        self._stopping.set()
        self._ask()
        await _first_of(grace_s, self._ended, self._hurried)
        if self._hurried.is_set():
            self._ask()  # a worker that is asked twice hands back what it holds
            await _first_of(_HURRY_S, self._ended)
        elif not self._ended.is_set():
            log.warning("program.overran", program=self._program.name, grace_s=grace_s)
        while not self._ended.is_set():
            if self._line is not None:
                self._line.cut()
            await _first_of(0.1, self._ended)

    def hurry(self) -> None:
        self._hurried.set()

    def _ask(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)

    async def _keep(self) -> None:
        short_lives = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            status = await self._run_once()
            if self._stopping.is_set():
                break
            lived_s = time.monotonic() - began
            short_lives = 0 if lived_s > _WELL_S else short_lives + 1
            pause_s = min(_FIRST_PAUSE_S * 2 ** max(short_lives - 1, 0), _LONGEST_PAUSE_S)
            log.warning(
                "program.ended",
                program=self._program.name,
                how=_in_words(status),
                after_s=round(lived_s, 1),
                again_in_s=pause_s,
            )
            await _first_of(pause_s, self._stopping)

    async def _run_once(self) -> int:
        with lifeline.throw() as line:
            self._process = await asyncio.create_subprocess_exec(
                *lifeline.guarded(self._program.argv),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=2,  # standard output is left to commands with an answer
                start_new_session=True,
                pass_fds=(line.read_fd,),
                env={**os.environ, **self._program.env, **line.env},
            )
        self._line = line
        if self._stopping.is_set():  # told to while it was being started
            self._ask()
        try:
            return await self._process.wait()
        finally:
            line.cut()


async def _first_of(seconds: float, *events: asyncio.Event) -> None:
    """Return when one of them is set, or after so long."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for future in waiting:
            future.cancel()


def _in_words(status: int) -> str:
    if status >= 0:
        return f"left with status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
