"""Files on their way in: each part of a form is read as it comes, never held whole in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.exceptions import InternalServerException
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from sfa.errors import Refused

_END_OF_PART = None
Event = Any  # of the parser: a MultipartSegment begins a part, bytes are its content, None is its end


class Part:
    """One file of a form, to be read once and in order."""

    def __init__(self, name: str, events: AsyncIterator[Event]) -> None:
        self.name = name
        self._events = events
        self._held = bytearray()
        self._ended = False

    async def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer only at the end."""
        while not self._ended and len(self._held) < size:
            event = await anext(self._events)
            if event is _END_OF_PART:
                self._ended = True
            elif not isinstance(event, MultipartSegment):
                self._held += event
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    async def skip(self) -> None:
        while await self.read(1 << 20):
            pass


class Blocking:
    """The async reading of a part as the blocking one that a thread wants."""

    def __init__(self, read: Callable[[int], Awaitable[bytes]]) -> None:
        self._read = read
        self._loop = asyncio.get_running_loop()

    def read(self, size: int = -1) -> bytes:
        return asyncio.run_coroutine_threadsafe(self._next(size), self._loop).result()

    async def _next(self, size: int) -> bytes:
        return await self._read(size)


async def files_of(request: Request[Any, Any, Any]) -> AsyncGenerator[Part, None]:
    """The files of a multipart form, one after the other; what is left of one is skipped.

    Raises
    ------
    Refused
        When the body is no such form, or breaks off.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Refused("There was no file in the request.", fix="Choose a file, or drop one on the page.")
    events = _events(request, options["boundary"])
    async for event in events:
        if isinstance(event, MultipartSegment) and event.filename:
            part = Part(event.filename, events)
            yield part
            await part.skip()


async def _events(request: Request[Any, Any, Any], boundary: str) -> AsyncIterator[Event]:
    try:
        with PushMultipartParser(boundary, max_segment_count=1000) as parser:
            async for chunk in request.stream():
                for event in parser.parse(chunk):
                    yield event
                if parser.closed:
                    return
    except (MultipartError, InternalServerException) as error:  # the second: the browser has left
        raise Refused(
            "The upload broke off before its end.", code="truncated", fix="Send it again."
        ) from error
