"""What handlers ask for by name: the database, the settings, the hub of live updates."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.types import Message, Scope

from sfa import db
from sfa.events import Hub
from sfa.settings import Settings
from sfa.sql import Conn

# What stands around a page, for rooms that know nothing of the others: asked when the page is drawn, with
# the place that it belongs to and what its stream is about.
Frame = Callable[..., Awaitable[Any]]

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_RAW = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]


async def provide_conn(request: Request[Any, Any, Any], state: State) -> AsyncGenerator[Conn, None]:
    """One transaction per request, committed before the first byte of the answer.

    What is only read is read in one snapshot that cannot write: a GET that
    changes something fails in its first test.
    """
    opened = db.snapshot if request.method in ("GET", "HEAD") else db.transaction
    async with opened(state.pool) as conn:
        yield conn


async def provide_pool(state: State) -> db.Pool:
    """For answers that outlive the request's transaction, or that wait before they need one."""
    pool: db.Pool = state.pool
    return pool


async def provide_settings(state: State) -> Settings:
    settings: Settings = state.settings
    return settings


async def provide_hub(state: State) -> Hub:
    hub: Hub = state.hub
    return hub


async def add_headers(message: Message, _: Scope) -> None:
    """On every answer, whoever made it: the framework's own 404 included."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], *_RAW]
