"""Trouble that a test orders: for which host and path, after how many good answers, how often."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.fake_internet.messages import Request, Response


@dataclass
class Fault:
    """One kind of trouble. `hits` says how often it has struck; one that never does fails its test."""

    host: str = "*"
    path: str = "*"
    method: str = "*"
    status: int | None = None  # answered instead of what the host would say
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | str | dict[str, Any] | None = None  # a dict goes as JSON
    delay_s: float = 0.0  # before the answer
    rate: float | None = None  # bytes a second of the answer's body
    cut: int | None = None  # the connection ends after so many bytes of the body
    drop: bool = False  # the connection ends where a tunnel or an answer was asked for
    times: int | None = 1  # None: for ever
    skip: int = 0  # good answers before the first
    hits: int = 0

    @property
    def answers(self) -> bool:
        return self.status is not None or self.body is not None

    def response(self) -> Response:
        """What is said instead of the host's answer."""
        headers = dict(self.headers)
        body = self.body if self.body is not None else b""
        if isinstance(body, dict):
            headers.setdefault("Content-Type", "application/json; charset=utf-8")
            body = json.dumps(body)
        return Response(
            self.status or 200, body.encode() if isinstance(body, str) else body, list(headers.items())
        )


class Faults:
    """Those that are ordered; the first that fits strikes."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._ordered.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._ordered.clear()

    def idle(self) -> list[Fault]:
        """Those that were ordered and have not struck."""
        with self._lock:
            return [fault for fault in self._ordered if not fault.hits]

    def for_tunnel(self, host: str) -> Fault | None:
        return self._strike(host, "", "CONNECT")

    def for_request(self, request: Request) -> Fault | None:
        return self._strike(request.host, request.path, request.method)

    def _strike(self, host: str, path: str, method: str) -> Fault | None:
        with self._lock:
            for fault in self._ordered:
                if fault.times == 0 or not self._fits(fault, host, path, method):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                fault.hits += 1
                return fault
        return None

    @staticmethod
    def _fits(fault: Fault, host: str, path: str, method: str) -> bool:
        # A tunnel has no path: only what names none, and can be done to a tunnel, is meant for it.
        if method == "CONNECT" and not (
            fault.path == "*" and fault.drop and fault.method in ("*", "CONNECT")
        ):
            return False
        return (
            fnmatchcase(host, fault.host)
            and fnmatchcase(path, fault.path)
            and fnmatchcase(method, fault.method)
        )


def rate_limited(retry_after_s: int) -> dict[str, Any]:
    """As `api.spotify.com` says that there were too many requests in its rolling window."""
    return {
        "host": "api.spotify.com",
        "status": 429,
        "headers": {"Retry-After": str(retry_after_s)},
        "body": {"error": {"status": 429, "message": "Too many requests"}},
    }


def quota_exceeded(retry_after_s: int) -> dict[str, Any]:
    """As `api.spotify.com` says that the developer's share of the day is used up."""
    said = {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}
    return {**rate_limited(retry_after_s), "body": {"error": said}}
