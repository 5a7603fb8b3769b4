"""Clients that wait for news: `python -m bench.live_ears PORT PATH COUNT FILE`.

Each opens a connection, asks for PATH and reads whatever comes. FILE gets "ready" once
all of them are answered, then a line for each mark that each of them sees first: its
number and the time.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from pathlib import Path
from typing import TextIO

_MARK = re.compile(rb"mark-(\d+)\b")
_AT_ONCE = 50  # that connect: more than a server lets wait would be turned away
_QUIET_S = 0.1
_LONGEST = 20  # bytes of a mark, which may come in two pieces


class _Notes:
    """Lines for a file, written once it is quiet: writing would keep other clients from hearing."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lines: list[str] = []

    def add(self, line: str) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_later(_QUIET_S, self._write)
        self._lines.append(line)

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        self._out.write("".join(f"{line}\n" for line in lines))
        self._out.flush()


class _Ear(asyncio.Protocol):
    """One client. It does as little as can be for what arrives: all of them share one core."""

    def __init__(self, path: str, notes: _Notes) -> None:
        self._path = path
        self._notes = notes
        self._rest = b""
        self._seen: set[bytes] = set()
        self.answered = asyncio.get_running_loop().create_future()
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        at = time.time()
        if not self.answered.done():
            self.answered.set_result(None)
        text = self._rest + data
        for mark in _MARK.findall(text):
            if mark not in self._seen:
                self._seen.add(mark)
                self._notes.add(f"{mark.decode()} {at:.6f}")
        self._rest = data[-_LONGEST:]

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(None)


async def listen(port: int, path: str, count: int, out: TextIO) -> None:
    """Until the server ends one of the connections, or killed."""
    loop = asyncio.get_running_loop()
    few = asyncio.Semaphore(_AT_ONCE)
    notes = _Notes(out)

    async def connect() -> _Ear:
        async with few:
            _, ear = await loop.create_connection(lambda: _Ear(path, notes), "127.0.0.1", port)
            await ear.answered
            return ear

    ears = await asyncio.gather(*(connect() for _ in range(count)))
    notes.add("ready")
    await asyncio.wait([ear.ended for ear in ears], return_when=asyncio.FIRST_COMPLETED)


def main(port: str, path: str, count: str, file: str) -> None:
    with Path(file).open("a") as out:
        asyncio.run(listen(int(port), path, int(count), out))


if __name__ == "__main__":
    main(*sys.argv[1:])
