"""Live updates: one listener per web process reads what changed and hands every open page its part.

A notification only says "look": it may be merged, doubled or lost without
harm, because the rows are the truth. Each page has a cursor: the server's
epoch, and the oldest transaction still open when the page was last read. What
carries that transaction or a later one is read again, so an update may come
twice and never gets lost, whatever was away meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

import structlog

from sfa import db
from sfa.sql import Conn

log = structlog.get_logger()

HEARTBEAT_S = 15.0
_TICK_S = 5.0  # forecasts and the presence of workers change without any row changing
_PAUSE_S = 0.1  # between two looks: the first of many calls is answered at once, the others together
_DIGITS = 18  # of a number in a cursor; more is none of ours, and would not fit the server's
_RETRY_S = 0.1
_LONGEST_RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where a page knows the world. A restart begins a new epoch: nothing before it can be trusted."""

    epoch: int
    horizon: int

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        numbers = text.split("-")
        if len(numbers) != 2 or not all(_is_number(number) for number in numbers):
            return None
        return cls(*map(int, numbers))

    def __str__(self) -> str:
        return f"{self.epoch}-{self.horizon}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


@dataclass(frozen=True, slots=True)
class Change:
    """A track that a page may have to show anew; not `whole` when only its progress moved."""

    account_id: UUID
    track_id: UUID
    whole: bool


Page = Literal["desk", "library", "track", "imports", "import"]


@dataclass(frozen=True, slots=True)
class Topic:
    """What a page is about: an account's studio, its tracks, one of them, its imports, or one of those."""

    account_id: UUID
    page: Page = "library"
    track_id: UUID | None = None
    import_id: UUID | None = None


Frames = dict[str, str]  # which part of the page, and its HTML
_Messages = dict[str, bytes]  # the same as it goes over the wire: made once, however many pages get it


class Reader(Protocol):
    """What the hub asks the rooms. Everything is read on one connection, in one snapshot."""

    async def cursor(self, conn: Conn) -> Cursor: ...

    async def changed(self, conn: Conn, since: int | None) -> list[Change]:
        """What changed since a horizon; for None, everything a page may be showing."""
        ...

    async def moving(self, conn: Conn) -> list[Change]:
        """What a page may have to show anew although no row changed."""
        ...

    async def frames(self, conn: Conn, topic: Topic, changes: list[Change]) -> Frames: ...


class _Page:
    """One open stream. A slow browser costs one frame for each part of its page, never a queue."""

    def __init__(self, topic: Topic, cursor: Cursor | None) -> None:
        self.topic = topic
        self.cursor = cursor
        self._waiting: _Messages = {}
        self._sent: dict[str, int] = {}
        self._news = asyncio.Event()

    def show(self, messages: _Messages, cursor: Cursor) -> None:
        for part, message in messages.items():
            if self._sent.get(part) != hash(message):
                self._sent[part] = hash(message)
                self._waiting[part] = message
        self.cursor = cursor
        if self._waiting:
            self._news.set()

    def wake(self) -> None:
        self._news.set()

    async def next(self) -> bytes:
        """What to send next; after a while of silence, a word that we are still there.

        The cursor comes last: it may only be kept by a browser that has all that is before it.
        """
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()
        messages, self._waiting = self._waiting, {}
        said = b"".join(messages.values()) or b": still here\nevent: beat\n"
        return said + f"{f'id: {self.cursor}' if self.cursor else ''}\n\n".encode()


def _messages(frames: Frames) -> _Messages:
    return {
        part: ("".join(f"data: {line}\n" for line in html.splitlines()) + "\n").encode()
        for part, html in frames.items()
    }


class Hub:
    """The one listener of a web process, and the pages that wait for it."""

    def __init__(self, conninfo: str, reader: Reader) -> None:
        self._conninfo = conninfo
        self._reader = reader
        self._pages: set[_Page] = set()
        self._call = asyncio.Event()
        self._closed = False

    @property
    def pages(self) -> int:
        return len(self._pages)

    async def stream(self, topic: Topic, cursor: Cursor | None) -> AsyncGenerator[bytes, None]:
        """The body of an event stream, from `cursor` on, until the browser or this process leaves."""
        page = _Page(topic, cursor)
        self._pages.add(page)
        self._call.set()
        try:
            yield b": here\n\n"
            while not self._closed:
                yield await page.next()
        finally:
            self._pages.discard(page)

    def close(self) -> None:
        """End every stream, so that the server can leave; browsers come back by themselves."""
        self._closed = True
        for page in self._pages:
            page.wake()

    async def run(self) -> None:
        """Listen and show until cancelled; begin again when the server was away."""
        wait_s = _RETRY_S
        while True:
            began = time.monotonic()
            try:
                await self._serve()
            except* db.Away as group:
                log.warning("live.waits", reason=str(group.exceptions[0]).partition("\n")[0])
            except* Exception as group:
                log.error("live.failed", exc_info=group)
            wait_s = (
                _RETRY_S if time.monotonic() - began > _LONGEST_RETRY_S else min(2 * wait_s, _LONGEST_RETRY_S)
            )
            await asyncio.sleep(wait_s)

    async def _serve(self) -> None:
        name = "sfa web live"
        async with (
            await db.connect(self._conninfo, name=name) as ear,
            await db.connect(self._conninfo, name=name) as eye,
        ):
            await ear.execute("listen sfa")
            self._call.set()  # something may have been said before we listened
            async with asyncio.TaskGroup() as both:
                both.create_task(self._hear(ear))
                both.create_task(self._look(eye))

    async def _hear(self, ear: Conn) -> None:
        async for _ in ear.notifies():
            self._call.set()

    async def _look(self, eye: Conn) -> None:
        ticked = time.monotonic()
        while True:
            called = await self._called(ticked + _TICK_S - time.monotonic())
            tick = not called or time.monotonic() >= ticked + _TICK_S
            if tick:
                ticked = time.monotonic()
            if self._pages:
                await self._show(eye, tick=tick)
            await asyncio.sleep(_PAUSE_S)

    async def _called(self, patience_s: float) -> bool:
        try:
            async with asyncio.timeout(max(patience_s, 0)):
                await self._call.wait()
        except TimeoutError:
            return False
        self._call.clear()
        return True

    async def _show(self, eye: Conn, *, tick: bool) -> None:
        """Read once for all pages that know the world up to the same point and are about the same thing."""
        async with eye.transaction():
            await eye.execute("set transaction isolation level repeatable read read only")
            now = await self._reader.cursor(eye)
            moving = await self._reader.moving(eye) if tick else []
            changes: dict[int | None, list[Change]] = {}
            messages: dict[tuple[int | None, Topic], _Messages] = {}
            for page in list(self._pages):
                since = page.cursor.horizon if page.cursor and page.cursor.epoch == now.epoch else None
                if since not in changes:
                    changes[since] = await self._reader.changed(eye, since)
                if (since, page.topic) not in messages:
                    about = _about(page.topic, [*changes[since], *moving])
                    messages[since, page.topic] = await self._drawn(eye, page.topic, about)
                page.show(messages[since, page.topic], now)

    async def _drawn(self, eye: Conn, topic: Topic, about: list[Change]) -> _Messages:
        """What a page is to be sent; nothing where it cannot be drawn: that must not silence the others."""
        try:
            async with eye.transaction():  # a savepoint: the others go on with the same snapshot
                return _messages(await self._reader.frames(eye, topic, about))
        except db.Away:
            raise
        except Exception as error:
            log.error("live.failed", page=topic.page, track=topic.track_id, exc_info=error)
            return {}


def _about(topic: Topic, changes: list[Change]) -> list[Change]:
    """The changes that concern a page, each track once."""
    found: dict[UUID, Change] = {}
    for change in changes:
        mine = change.account_id == topic.account_id
        if mine and topic.track_id in (None, change.track_id):
            before = found.get(change.track_id)
            found[change.track_id] = change if before is None or change.whole else before
    return list(found.values())
