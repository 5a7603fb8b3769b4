"""Everything that came to the double, in its order, and whether it was as it should be."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from tests.fake_internet.messages import Headers

Kind = Literal[
    "request",  # answered as the real host would answer
    "blocked",  # a host that does not exist here: whoever asked would have left the machine
    "unimplemented",  # a host that exists, asked for something that nobody has modelled
    "internal",  # an address of this machine that no import may touch, reached
    "tls-error",  # a client that does not trust us, so it was not told of our authority
    "bug",  # an error of the double's own
    "abandoned",  # a connection that ended within a question, as when a process is killed
]
DISHONEST: frozenset[Kind] = frozenset({"blocked", "unimplemented", "internal", "tls-error", "bug"})


@dataclass
class Call:
    """One row. `sent` counts the bytes of the body that were handed to the client."""

    kind: Kind
    host: str
    method: str = "CONNECT"
    scheme: str = "https"
    port: int = 443
    path: str = ""
    query: dict[str, str] = field(default_factory=dict)
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    status: int | None = None
    sent: int = 0
    note: str = ""

    @property
    def range(self) -> str:
        return self.headers.get("Range") or self.query.get("range", "")

    def __str__(self) -> str:
        said = (
            f"{self.kind}: {self.method} {self.scheme}://{self.host}:{self.port}{self.path} -> {self.status}"
        )
        return f"{said} ({self.note})" if self.note else said


class Ledger:
    """Rows are written by the threads of the server and read by the test."""

    def __init__(self) -> None:
        self._rows: list[Call] = []
        self._lock = threading.Lock()

    def add(self, call: Call) -> Call:
        with self._lock:
            self._rows.append(call)
        return call

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()

    def calls(self, host: str = "*", path: str = "*", kind: Kind | None = None) -> list[Call]:
        """Rows by host and path, both with the wildcards of a shell."""
        with self._lock:
            rows = list(self._rows)
        return [
            row
            for row in rows
            if fnmatchcase(row.host, host)
            and fnmatchcase(row.path, path)
            and (kind is None or row.kind == kind)
        ]

    def dishonest(self, expected: frozenset[str] = frozenset()) -> list[Call]:
        """Rows that no good run has, but for the hosts that a test has named."""
        return [row for row in self.calls() if row.kind in DISHONEST and row.host not in expected]
