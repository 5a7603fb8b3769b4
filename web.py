"""The web process: `python web.py`, with DATABASE_URL set. Pages, uploads, sound, live updates.

SIGTERM or SIGINT: open streams end at once, what is being answered has a few
seconds, then it leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator

import uvicorn
from litestar import Litestar, Response, get
from litestar.di import NamedDependency, Provide
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from sfa import db, log
from sfa.accounts.pages import provide_account_id
from sfa.acts import pages as acts_pages
from sfa.analysis import pages as analysis_pages
from sfa.corrections import pages as corrections_pages
from sfa.covers import pages as covers_pages
from sfa.downloads import pages as downloads_pages
from sfa.errors import BadSettings, SfaError
from sfa.events import Hub
from sfa.exports import pages as exports_pages
from sfa.imports import pages as imports_pages
from sfa.library import pages as library_pages
from sfa.notices import pages as notices_pages
from sfa.plots import pages as plots_pages
from sfa.runs import pages as runs_pages
from sfa.separation import pages as separation_pages
from sfa.settings import Settings
from sfa.studio import pages as studio_pages
from sfa.studio.live import Pages
from sfa.studio.shell import provide_frame
from sfa.uploads import pages as uploads_pages
from sfa.web import guards, mishaps, pressed, reach, statics, templates

_PATIENCE_S = 4.0  # for the database, before a person is told that it is away
_LEAVE_S = 5


@get("/healthz")
async def healthz(pool: NamedDependency[db.Pool]) -> Response[str]:
    """For whoever watches this process: 200 while the database answers."""
    try:
        async with pool.connection():
            pass  # the pool asks the server before it hands a connection out
    except db.Away:
        return Response("The database does not answer.\n", status_code=503, media_type="text/plain")
    return Response("ok\n", media_type="text/plain")


ROUTES = [
    healthz,
    *studio_pages.routes,
    *library_pages.routes,
    *uploads_pages.routes,
    *imports_pages.routes,
    *downloads_pages.routes,
    *runs_pages.routes,
    *separation_pages.routes,
    *analysis_pages.routes,
    *corrections_pages.routes,
    *covers_pages.routes,
    *plots_pages.routes,
    *exports_pages.routes,
    *acts_pages.routes,
    *notices_pages.routes,
]


def make_app(settings: Settings) -> Litestar:
    """The application, not yet connected to anything.

    Raises
    ------
    BadSettings
        When there is no database to show.
    """
    if settings.database_url is None:
        raise BadSettings("DATABASE_URL is not set.", fix="Start everything with ./sfa up, or set it.")
    conninfo = settings.database_url
    environment = templates.make_environment()

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with db.open_pool(conninfo, size=8, name="sfa web") as pool:
            pool.timeout = _PATIENCE_S
            app.state.pool = pool
            listening = asyncio.create_task(app.state.hub.run())
            try:
                yield
            finally:
                app.state.hub.close()
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    app = Litestar(
        [*ROUTES, statics.make_route(templates.STATIC_URL, templates.STATIC)],
        guards=[guards.at_home],
        middleware=[pressed.pressing],
        dependencies={
            "conn": Provide(reach.provide_conn),
            "account_id": Provide(provide_account_id),
            "pool": Provide(reach.provide_pool),
            "settings": Provide(reach.provide_settings),
            "hub": Provide(reach.provide_hub),
            "frame": Provide(provide_frame),
        },
        exception_handlers=mishaps.HANDLERS,
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment)),
        before_send=[reach.add_headers],
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
    )
    app.state.settings = settings
    app.state.hub = Hub(conninfo, Pages(environment))
    return app


class Server(uvicorn.Server):
    """Ends the open streams before it waits for connections to close."""

    def __init__(self, app: Litestar, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_LEAVE_S,
            )
        )
        self._hub: Hub = app.state.hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        await super().shutdown(sockets)


def main() -> None:
    settings = Settings.from_env()
    log.set_up(settings.log_format)
    Server(make_app(settings), settings).run()


if __name__ == "__main__":
    try:
        main()
    except SfaError as error:
        sys.exit(f"{error} {error.fix}".strip())
