"""Answers that are made while they are sent: nothing is left running once the client has gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import structlog
from litestar import Request
from litestar.response import Stream
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sfa.errors import Refused
from sfa.web.ranges import disposition

log = structlog.get_logger()

Made = TypeVar("Made")

_PATIENCE_S = 300.0  # for a client to take the next piece; a player that was paused stops reading
_PIECE = 1 << 18


class Download(Stream):
    """A file that is saved. What `held` holds is let go at the end, whoever brought it about.

    An error after the first byte cannot be told any more: the answer breaks
    off, and the client sees a download that failed.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes, None],
        held: AsyncExitStack,
        *,
        name: str,
        media_type: str,
        bytes: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        length = {} if bytes is None else {"Content-Length": str(bytes)}
        super().__init__(
            pieces,
            media_type=media_type,
            headers={
                "Content-Disposition": disposition("attachment", name),
                "Cache-Control": "private, no-store",
                "X-Accel-Buffering": "no",
                **length,
                **(headers or {}),
            },
        )
        self._pieces = pieces
        self._held = held

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> Any:
        return _Held(super().to_asgi_response(*args, **kwargs), self._pieces, self._held)


class Events(Stream):
    """Server-sent events, let go of like a download."""

    def __init__(self, pieces: AsyncGenerator[bytes, None], held: AsyncExitStack) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(pieces, media_type="text/event-stream", headers=headers)
        self._pieces = pieces
        self._held = held

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> Any:
        return _Held(super().to_asgi_response(*args, **kwargs), self._pieces, self._held)


class _Held:
    def __init__(self, answer: ASGIApp, pieces: AsyncGenerator[bytes, None], held: AsyncExitStack) -> None:
        self._answer = answer
        self._pieces = pieces
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient(message: Message) -> None:
            async with asyncio.timeout(_PATIENCE_S):
                await send(message)

        try:
            await self._answer(scope, receive, patient)
        except ExceptionGroup as broke:
            log.warning("export.broke_off", path=scope["path"], reason=str(broke.exceptions[0]))
        finally:
            await asyncio.shield(self._let_go())

    async def _let_go(self) -> None:
        async with self._held:
            await self._pieces.aclose()


async def begun(pieces: AsyncGenerator[bytes, None], held: AsyncExitStack) -> AsyncGenerator[bytes, None]:
    """The same pieces with the first one made already: what goes wrong so far is an answer of its own."""
    held.push_async_callback(pieces.aclose)
    return _after(await anext(pieces, b""), pieces)


@asynccontextmanager
async def holding() -> AsyncIterator[AsyncExitStack]:
    """What a download holds: let go here only if no answer came of it, which else does it at its end."""
    async with AsyncExitStack() as held:
        kept = AsyncExitStack()
        held.push_async_exit(kept)
        yield kept
        held.pop_all()


async def while_there(request: Request[Any, Any, Any], work: Coroutine[Any, Any, Made]) -> Made:
    """What `work` makes, unless the client leaves before; then it is cancelled.

    Raises
    ------
    Refused
        To nobody: it only ends the request.
    """
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_left(request.receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise Refused("The client has left.")
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _after(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    async for piece in pieces:
        yield piece


async def whole(data: bytes) -> AsyncGenerator[bytes, None]:
    yield data


async def file_pieces(path: Path) -> AsyncGenerator[bytes, None]:
    """A file from the disk, read beside the event loop."""
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
