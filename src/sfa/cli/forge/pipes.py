"""Files that may be pipes: who writes into one may be slow, silent, or not there at all."""

from __future__ import annotations

import io
import os
import select


class Opened:
    """A file, or the reading end of a pipe, opened without waiting for anybody at the other end.

    Letting go of a pipe ends the program that writes into it, so one that was
    looked at is the one to read from.
    """

    def __init__(self, given: str) -> None:
        self._file = io.FileIO(given, "rb", opener=_at_once)
        self._first = b""

    @property
    def facts(self) -> os.stat_result:
        return os.fstat(self._file.fileno())

    @property
    def closed(self) -> bool:
        return self._file.closed

    def close(self) -> None:
        self._file.close()

    def has_come(self, within_s: float) -> bool:
        """Whether there is something to read by then, or the end."""
        if self._first:
            return True
        poll = select.poll()
        poll.register(self._file, select.POLLIN)
        return bool(poll.poll(within_s * 1000))

    def has_writer(self) -> bool:
        """Of a pipe out of which nothing has come: whether something still may."""
        # Only reading tells the two apart; a byte that came this very moment is kept for later.
        found = self._file.read(1)
        self._first = found or b""
        return found != b""

    def read(self, count: int) -> bytes | None:
        """At most `count` bytes of what is there; none at the end, None when more may come."""
        first, self._first = self._first, b""
        return first or self._file.read(count)


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)
