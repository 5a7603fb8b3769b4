"""The studio a command works with, found again when it has gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

from sfa import db
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.supervise import attach

Answer = TypeVar("Answer")

_PAUSE_S = 0.3


class Studio:
    """A database with workers behind it. One of ours that was killed is started again."""

    def __init__(self, settings: Settings, held: ExitStack) -> None:
        """Wait until there is one; it is kept from leaving until `held` is closed."""
        self.settings = settings
        self._looking = asyncio.Lock()
        self._attached = ExitStack()
        held.callback(lambda: self._attached.close())
        self._conninfo = self._attached.enter_context(attach(settings))

    async def connect(self) -> Conn:
        return await db.connect(self._conninfo, name="sfa forge")

    async def find_again(self) -> None:
        """Called when the database went away; returns when it may be worth trying again.

        Raises
        ------
        SfaError
            When the studio is gone and cannot be started any more.
        """
        async with self._looking:
            await asyncio.sleep(_PAUSE_S)
            try:
                await (await self.connect()).close()
            except db.Away:
                if self.settings.database_url is None:  # else it is somebody else's to start
                    await self.attach_again()

    async def attach_again(self) -> None:
        """Have workers again, whoever ended the former ones."""
        anew = ExitStack()
        self._conninfo = await in_thread(lambda: anew.enter_context(attach(self.settings)))
        self._attached.close()
        self._attached = anew


async def in_thread(work: Callable[[], Answer]) -> Answer:
    """Like `asyncio.to_thread`, in one that nobody has to wait for when the command leaves."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Answer] = loop.create_future()

    def settle(set_it: Callable[[], None]) -> None:
        if not answer.done():
            set_it()

    def run() -> None:
        try:
            value = work()
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            failure = error
            _tell(loop, lambda: settle(lambda: answer.set_exception(failure)))
        else:
            _tell(loop, lambda: settle(lambda: answer.set_result(value)))

    threading.Thread(target=run, daemon=True).start()
    return await answer


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(what)
