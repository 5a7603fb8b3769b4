"""The studio's database: the embedded server, kept running, or the one that DATABASE_URL names."""

from __future__ import annotations

import asyncio
import time

import structlog

from sfa import db
from sfa.errors import SfaError
from sfa.pg import OLDEST, EmbeddedPostgres
from sfa.settings import Settings

log = structlog.get_logger()

_LOOK_S = 0.25
_ASK_EVERY_S = 5.0
_SILENT_S = 60.0  # a server that lives and answers nobody for so long is started anew
_PATIENCE_S = 30.0  # a service may be started before its database


class Database:
    """Started, watched and stopped by the supervisor."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.database_url
        self._server = None if settings.database_url else EmbeddedPostgres(settings.data)

    async def start(self) -> str:
        """The connection string, when connections are taken.

        Raises
        ------
        SfaError
            When it cannot be had; with the reason.
        """
        if self._server is not None:
            return await asyncio.to_thread(self._server.start)
        assert self._url is not None
        release = await asyncio.to_thread(
            db.reach,
            self._url,
            patience_s=_PATIENCE_S,
            on_wait=lambda why: log.warning("database.awaited", reason=why, at_most_s=_PATIENCE_S),
        )
        if release < OLDEST:
            raise SfaError(
                f"The server of DATABASE_URL is PostgreSQL {release}; {OLDEST} or later is needed."
            )
        return self._url

    async def watch(self) -> None:
        """Start the server again whenever it ends; a server of somebody else is theirs to watch."""
        if self._server is None:
            return
        heard = asked = time.monotonic()
        while True:
            await asyncio.sleep(_LOOK_S)
            if self._server.exit_status is not None:
                log.warning("postgres.ended", status=self._server.exit_status)
                await self._start_again(self._server)
                heard = asked = time.monotonic()
            elif time.monotonic() - asked > _ASK_EVERY_S:
                asked = time.monotonic()
                if await asyncio.to_thread(self._server.is_alive):
                    heard = time.monotonic()
                elif time.monotonic() - heard > _SILENT_S:
                    log.error("postgres.silent", for_s=round(time.monotonic() - heard))
                    await asyncio.to_thread(self._server.stop, patience_s=5)

    async def stop(self) -> None:
        if self._server is not None:
            await asyncio.to_thread(self._server.stop)

    async def _start_again(self, server: EmbeddedPostgres) -> None:
        pause_s = 0.5
        while True:
            began = time.monotonic()
            try:
                await asyncio.to_thread(server.start)
            except (SfaError, OSError) as error:  # a full disk may have room in a minute
                log.error("postgres.failed", error=str(error), again_in_s=pause_s)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, 10.0)
            else:
                log.info("postgres.back", took_s=round(time.monotonic() - began, 2))
                return
