"""Pages are compressed on their way: a track's is sixty kilobytes, and eleven of them are enough."""

from __future__ import annotations

import gzip
from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

_LEVEL = 4  # a millisecond for a page; more would take three, for a tenth less
_LEAST = 1400  # bytes: what fits into one packet travels no faster


def pressing(app: ASGIApp) -> ASGIApp:
    """HTML that is whole, and nothing else: streams, sound and ranges of it stay as they are."""

    async def pressed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not _wants(scope["headers"]):
            await app(scope, receive, send)
            return
        held: list[HTTPResponseStartEvent] = []

        async def send_pressed(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_html(message):
                held.append(message)
                return
            if held and message["type"] == "http.response.body":
                start = held.pop()
                body = message["body"]
                if not message.get("more_body") and len(body) > _LEAST:
                    message["body"] = gzip.compress(body, _LEVEL, mtime=0)
                    _say(start, len(message["body"]))
                await send(start)
            await send(message)

        await app(scope, receive, send_pressed)

    return pressed


def _wants(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in headers)


def _is_html(start: HTTPResponseStartEvent) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in start["headers"])


def _say(start: HTTPResponseStartEvent, length: int) -> None:
    kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    told = {b"content-length": str(length), b"content-encoding": "gzip", b"vary": "Accept-Encoding"}
    start["headers"] = [*kept, *((name, value.encode()) for name, value in told.items())]
