"""Starting children, hearing them out, keeping the warm ones, and never leaving one behind.

A child takes a second or more to import what it needs, so one that answered
well is kept for the next request; one that failed, grew, or was told to stop
is ended, and a fresh one takes its place when it is needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import structlog

from sfa import lifeline
from sfa.errors import ChildFailed, Refused

log = structlog.get_logger()

OnProgress = Callable[[float, str], Awaitable[None]]

_LINE_BYTES = 16 << 20  # one answer is one line
_STDERR_CHARS = 8_000
_GRACE_S = 3.0
_LOOK_S = 0.5
_START_S = 180.0  # the first start on a machine compiles numba kernels


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may take before its child is ended."""

    timeout_s: float = 3600.0
    stall_s: float = 300.0  # neither a word nor CPU time
    memory_mb: int | None = None  # resident, of the child and everything it started


class Child:
    """One process of one program, serving one request at a time."""

    def __init__(self, program: str, process: asyncio.subprocess.Process, line: lifeline.Lifeline) -> None:
        self.program = program
        self.served = 0
        self.idle_since = time.monotonic()
        self._process = process
        self._line = line
        self._said: deque[str] = deque()
        self._listening = asyncio.create_task(self._keep_stderr())

    @classmethod
    async def start(cls, program: str, env: Mapping[str, str]) -> Child:
        """Run a program in a session of its own; returns once it is ready for a request."""
        with lifeline.throw() as line:
            process = await lifeline.spawn(
                program, line, limit=_LINE_BYTES, env={"PYTHONUNBUFFERED": "1", **env}
            )
        child = cls(program, process, line)
        try:
            async with asyncio.timeout(_START_S):
                if "ready" not in await child._hear():
                    raise child._failed("crashed", "It did not start.")
        except BaseException:
            await asyncio.shield(child.end())
            raise
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ask(
        self, request: Mapping[str, Any], on_progress: OnProgress, limits: Limits
    ) -> dict[str, Any]:
        """Send a request and return its result.

        Cancelling this, or an error in `on_progress`, ends the child.

        Raises
        ------
        Refused
            When the child said that the input is at fault.
        ChildFailed
            When it died, overran a limit, or failed by its own fault.
        """
        self.served += 1
        vitals = _Vitals(limits)
        watching = asyncio.create_task(vitals.watch(self.pid))
        talking = asyncio.create_task(self._talk(request, on_progress, vitals))
        try:
            await asyncio.wait({talking, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not talking.done():
                code, message = watching.result()
                raise self._failed(code, message)
            return talking.result()
        except Refused:
            raise
        except BaseException:
            await asyncio.shield(self.end())
            raise
        finally:
            for task in (watching, talking):
                task.cancel()
            await asyncio.gather(watching, talking, return_exceptions=True)
            self.idle_since = time.monotonic()

    async def end(self) -> None:
        """Leave nothing of it behind: a word, a moment of grace, then the whole group at once."""
        if self._line.write_fd < 0:
            return  # ended before; by now its number may be another's
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await self._process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._line.cut()
        await self._process.wait()
        with contextlib.suppress(TimeoutError):  # somebody outside the group may hold the pipe open
            await asyncio.wait_for(self._listening, _GRACE_S)

    async def _talk(
        self, request: Mapping[str, Any], on_progress: OnProgress, vitals: _Vitals
    ) -> dict[str, Any]:
        assert self._process.stdin
        with contextlib.suppress(ConnectionError):  # it died meanwhile: hearing will say how
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            await self._process.stdin.drain()
        while True:
            answer = await self._hear()
            vitals.heard()
            if "progress" in answer:
                await on_progress(answer["progress"], answer.get("note", ""))
            elif "result" in answer:
                result: dict[str, Any] = answer["result"]
                return result
            elif "refused" in answer:
                raise self._refused(answer["refused"])
            else:
                raise self._failed_inside(answer["failed"])

    async def _hear(self) -> dict[str, Any]:
        assert self._process.stdout
        line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):  # nothing, or half a word: it died
            code = await self._process.wait()
            raise self._failed("crashed", f"Its process ended: {_how(code)}.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _refused(self, why: Mapping[str, Any]) -> Refused:
        if why["evidence"]:
            log.info("child.refused", program=self.program, code=why["code"], evidence=why["evidence"])
        return Refused(why["message"], code=why["code"], fix=why["fix"], program=self.program)

    def _failed(self, code: str, message: str) -> ChildFailed:
        return ChildFailed(message, code=code, evidence=self.evidence, program=self.program, pid=self.pid)

    def _failed_inside(self, failure: Mapping[str, Any]) -> ChildFailed:
        code = "memory" if failure["kind"] in ("MemoryError", "OutOfMemoryError") else "crashed"
        message = f"It failed inside: {failure['kind']}: {failure['message']}"
        return ChildFailed(message, code=code, evidence=failure["evidence"], program=self.program)

    @property
    def evidence(self) -> str:
        """The end of what it wrote to standard error."""
        return "".join(self._said)[-_STDERR_CHARS:]

    async def _keep_stderr(self) -> None:
        assert self._process.stderr
        # In chunks: progress bars write \r and no end of line.
        while chunk := await self._process.stderr.read(4096):
            self._said.append(chunk.decode(errors="replace"))
            while len(self._said) > 1 and sum(map(len, self._said)) - len(self._said[0]) > _STDERR_CHARS:
                self._said.popleft()


@dataclass(slots=True)
class _Vitals:
    """Watches one request from outside: time, silence, memory."""

    limits: Limits
    started: float = field(default_factory=time.monotonic)
    last_sign: float = field(default_factory=time.monotonic)

    def heard(self) -> None:
        self.last_sign = time.monotonic()

    async def watch(self, pid: int) -> tuple[str, str]:
        """Returns when a limit is passed: the error's code, and what happened."""
        cpu_seen = 0.0
        while True:
            await asyncio.sleep(_LOOK_S)
            cpu_s, resident_mb = _usage(pid)
            now = time.monotonic()
            if cpu_s > cpu_seen + 0.05:
                cpu_seen, self.last_sign = cpu_s, now
            if now - self.started > self.limits.timeout_s:
                return "timeout", f"It took longer than {self.limits.timeout_s:.0f} seconds."
            if now - self.last_sign > self.limits.stall_s:
                return "stalled", f"Nothing happened for {self.limits.stall_s:.0f} seconds."
            if self.limits.memory_mb is not None and resident_mb > self.limits.memory_mb:
                return "memory", f"It grew beyond {self.limits.memory_mb} MB."


def _usage(pid: int) -> tuple[float, float]:
    """CPU seconds and resident megabytes of a process and everything it started."""
    cpu_s = resident = 0.0
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                cpu_s += times.user + times.system
                resident += process.memory_info().rss
    return cpu_s, resident / (1 << 20)


def _how(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"killed by {name}"


class Children:
    """The children of one worker process, warm ones first."""

    def __init__(
        self,
        env: Mapping[str, str] | None = None,
        *,
        keep: int = 1,
        max_requests: int = 100,
        max_idle_s: float = 900.0,
        max_idle_mb: int = 1500,
    ) -> None:
        self._env = dict(env or {})
        self._keep = keep
        self._max_requests = max_requests
        self._max_idle_s = max_idle_s
        self._max_idle_mb = max_idle_mb
        self._idle: dict[str, list[Child]] = {}
        self._warming: dict[str, asyncio.Event] = {}

    async def ask(
        self, program: str, request: Mapping[str, Any], on_progress: OnProgress, limits: Limits
    ) -> dict[str, Any]:
        """Have `program` carry a request out. Raises as `Child.ask` does."""
        if program in self._warming:  # one is on its way: two would import the same at once
            await self._warming[program].wait()
        async with self._one(program) as child:
            return await child.ask(request, on_progress, limits)

    async def warm(self, program: str) -> None:
        """Start one ahead of the first request. What goes wrong here goes wrong again, and is told, there."""
        self._warming[program] = asyncio.Event()
        try:
            async with self._one(program):
                return
        except (ChildFailed, TimeoutError, OSError) as error:
            log.warning("child.not_warm", program=program, reason=str(error))
        finally:
            self._warming.pop(program).set()

    async def tidy(self) -> None:
        """End those that have idled too long. To be called now and then."""
        now = time.monotonic()
        for idle in self._idle.values():
            for child in [c for c in idle if now - c.idle_since > self._max_idle_s or not c.is_alive]:
                idle.remove(child)
                await child.end()

    async def close(self) -> None:
        """End them all."""
        idle = [child for children in self._idle.values() for child in children]
        self._idle.clear()
        await asyncio.gather(*(child.end() for child in idle))

    @asynccontextmanager
    async def _one(self, program: str) -> AsyncIterator[Child]:
        idle = self._idle.setdefault(program, [])
        child = None
        while idle and child is None:
            child = idle.pop()
            if not child.is_alive:
                await child.end()
                child = None
        if child is None:
            child = await Child.start(program, self._env)
        try:
            yield child
        finally:
            if self._is_worth_keeping(child) and len(idle) < self._keep:
                idle.append(child)
            else:
                await asyncio.shield(child.end())

    def _is_worth_keeping(self, child: Child) -> bool:
        return (
            child.is_alive and child.served < self._max_requests and _usage(child.pid)[1] < self._max_idle_mb
        )
