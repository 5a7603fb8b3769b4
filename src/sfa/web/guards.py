"""Who may ask: only pages of this studio, opened under a name this studio answers to.

Nobody signs in on a studio of one person, so these two checks are what keeps a
web site in the next tab away. A foreign page can make a browser send requests
here, but not hide where they come from; and a foreign name that resolves to
this machine (DNS rebinding) still stands in the Host header.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from sfa.errors import SfaError
from sfa.settings import Settings

_SAFE = {"GET", "HEAD", "OPTIONS"}
_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - named here to be recognised, not bound


class NotHere(SfaError):
    """The request was sent to a name that this studio does not answer to."""


class FromElsewhere(SfaError):
    """A page of another site asked for a change."""


def at_home(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """The guard of every route.

    Raises
    ------
    NotHere
        When the Host header names another machine.
    FromElsewhere
        When a request that changes something was not sent by a page of ours.
    """
    host = connection.headers.get("host", "")
    settings: Settings = connection.app.state.settings
    if not answers_to(host, settings.host):
        raise NotHere(
            "This address is not the one this studio answers to.",
            fix="Open it as http://localhost, or set SFA_HOST to the name that you want to use.",
            host=host,
        )
    method = connection.scope.get("method", "GET")
    if method not in _SAFE and not is_ours(dict(connection.headers), host):
        raise FromElsewhere(
            "Another site asked this studio for a change, so nothing was done.",
            fix="Use the studio's own page.",
            origin=connection.headers.get("origin"),
        )


def answers_to(host: str, own: str) -> bool:
    """Whether a Host header names this studio. A bare address cannot be rebound, a name can."""
    name = _name_of(host)
    if name in {own.strip("[]").lower(), "localhost", "127.0.0.1", "::1"}:
        return True
    return own in _EVERYWHERE and _is_address(name)


def is_ours(headers: dict[str, str], host: str) -> bool:
    """Whether a request that changes something comes from a page of ours, or from no page at all."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or _netloc_of(origin) == host.lower()


def _netloc_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _name_of(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
