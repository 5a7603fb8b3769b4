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
_FIELD = "file"  # what forms call it
_NAME_BYTES = 1 << 16  # far more than any disk takes; longer ones are cut when they are shown
_PARTS = 1000
_CHOOSE = "Choose a file, or drop one on the page."
_AS_CURL_DOES = "Use the page, or send it as curl -F file=@song.wav does."
_RENAME = "Rename the file, then send it again."
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
        When the body is no such form, holds no file, or breaks off.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data":
        raise Refused("There was no file in the request.", fix=_CHOOSE)
    if not options.get("boundary"):
        raise Refused(
            "The request is called a form, but does not say what stands between its parts (no boundary).",
            fix=_AS_CURL_DOES,
        )
    events = _events(request, options["boundary"])
    is_file, is_nameless, found = False, False, False
    async for event in events:
        if isinstance(event, MultipartSegment):
            if event.filename:
                found = True
                part = Part(_decoded(event.filename), events)
                yield part
                await part.skip()
            is_file = event.name == _FIELD and not event.filename
        elif event is not _END_OF_PART:
            is_nameless = is_nameless or is_file
    if not found and is_nameless:
        raise Refused("The file in the request came without a name.", fix=_AS_CURL_DOES)
    if not found:
        raise Refused("There was no file in the request.", fix=_CHOOSE)


async def body_of(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """A body that is nothing but bytes, as it comes.

    Raises
    ------
    Refused
        `truncated` when it breaks off.
    """
    try:
        async for chunk in request.stream():
            if chunk:
                yield chunk
    except InternalServerException as error:  # the browser has left
        raise _broken_off() from error


async def _events(request: Request[Any, Any, Any], boundary: str) -> AsyncIterator[Event]:
    # Any byte is a letter of latin-1, so a name in whatever encoding gets through; see `_decoded`.
    parser = PushMultipartParser(
        boundary, header_charset="latin-1", max_header_size=_NAME_BYTES, max_segment_count=_PARTS
    )
    try:
        async for chunk in request.stream():
            if chunk:
                for event in parser.parse(chunk):
                    yield event
    except MultipartError as error:
        raise _malformed(error) from error
    except InternalServerException as error:  # the browser has left
        raise _broken_off() from error
    try:
        parser.close()
    except MultipartError as error:
        raise _broken_off() from error


def _decoded(name: str) -> str:
    """A name as it was meant: browsers send UTF-8, other programs what their machine writes."""
    try:
        return name.encode("latin-1").decode()
    except UnicodeDecodeError:
        return name


def _broken_off() -> Refused:
    return Refused("The upload broke off before its end.", code="truncated", fix="Send it again.")


def _malformed(error: MultipartError) -> Refused:
    """What is wrong with a form, by what the parser says of it, which is for programmers."""
    said = str(error)
    if "header length" in said:
        return Refused(f"The name of the file is longer than {_NAME_BYTES >> 10} KB.", fix=_RENAME)
    if "line break in segment header" in said or "Malformed segment header" in said:
        return Refused("The name of the file has a line break in it, and so no end.", fix=_RENAME)
    if "segment count" in said:
        return Refused(
            f"The request has more than {_PARTS:,} parts, the most this studio takes.",
            fix="Send fewer files at once.",
        )
    return Refused(
        "The request is not put together as a form is, so no file can be found in it.",
        fix=_AS_CURL_DOES,
        parser=said,
    )
