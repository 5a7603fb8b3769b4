"""The parent's side of a child that answers with bytes: hears its first line, passes on the rest as it comes.

Such a child serves one request and is gone; the pipe between the two is the only place where bytes lie, so
a reader who takes his time holds the child up, and one who leaves ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

import structlog

from sfa import lifeline
from sfa.errors import ChildFailed, Refused

log = structlog.get_logger()

OnProgress = Callable[[float, str], Awaitable[None]]

_PIECE = 1 << 17
_STDERR_BYTES = 8_000
_SILENCE_S = 120.0  # it tells how far it is all the while


class Flow:
    """One file on its way out of a child."""

    def __init__(self, program: str, process: asyncio.subprocess.Process, line: lifeline.Lifeline) -> None:
        self.program = program
        self.said: dict[str, Any] = {}  # what the child knew before the first byte
        self._process = process
        self._line = line
        self._evidence = bytearray()
        self._listening = asyncio.create_task(self._keep_stderr())

    @classmethod
    async def open(
        cls, program: str, request: Mapping[str, Any], on_progress: OnProgress | None = None
    ) -> Flow:
        """Start `python -m program` on a request; returns once it is about to send bytes.

        Raises
        ------
        Refused
            When the child said that the input is at fault.
        ChildFailed
            When it died, fell silent, or failed by its own fault.
        """
        with lifeline.throw() as line:
            process = await lifeline.spawn(program, line, limit=_PIECE)
        flow = cls(program, process, line)
        try:
            await flow._ask(request, on_progress)
        except BaseException:
            await asyncio.shield(flow.end())
            raise
        return flow

    @property
    def pid(self) -> int:
        """Of the leader of its group; what it starts is in there too."""
        return self._process.pid

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The bytes, to their end.

        Raises
        ------
        ChildFailed
            When there should have been more.
        """
        assert self._process.stdout
        while piece := await self._process.stdout.read(_PIECE):
            yield piece
        status = await self._process.wait()
        if status:
            await self._listening
            raise self._failed(f"Its process ended before the file did, with status {status}.")

    async def end(self) -> None:
        """Leave nothing of it behind, its ffmpeg included."""
        if self._line.write_fd < 0:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._line.cut()
        await self._process.wait()
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _ask(self, request: Mapping[str, Any], on_progress: OnProgress | None) -> None:
        assert self._process.stdin
        assert self._process.stdout
        with contextlib.suppress(ConnectionError):  # it died: hearing will say how
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            await self._process.stdin.drain()
            self._process.stdin.close()
        while True:
            try:
                async with asyncio.timeout(_SILENCE_S):
                    line = await self._process.stdout.readline()
            except TimeoutError as error:
                raise self._failed("Nothing happened for two minutes.") from error
            if not line.endswith(b"\n"):
                await self._process.wait()
                await self._listening
                raise self._failed("Its process ended without a word.")
            answer = json.loads(line)
            if "progress" not in answer:
                break
            if on_progress is not None:
                await on_progress(answer["progress"], answer["note"])
        self._hear(answer)

    def _hear(self, answer: Mapping[str, Any]) -> None:
        if why := answer.get("refused"):
            raise Refused(why["message"], code=why["code"], fix=why["fix"], program=self.program)
        if why := answer.get("failed"):
            self._evidence[:] = why["evidence"].encode()
            raise self._failed(f"{why['kind']}: {why['message']}")
        self.said = answer["result"]

    def _failed(self, message: str) -> ChildFailed:
        evidence = self._evidence.decode(errors="replace")
        log.error("child.failed", program=self.program, reason=message, evidence=evidence)
        return ChildFailed(f"The file could not be made. {message}", evidence=evidence, program=self.program)

    async def _keep_stderr(self) -> None:
        assert self._process.stderr
        while chunk := await self._process.stderr.read(4096):
            self._evidence += chunk
            del self._evidence[:-_STDERR_BYTES]
