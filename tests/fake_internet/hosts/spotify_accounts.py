"""accounts.spotify.com: consent and tokens."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from tests.fake_internet.hosts.site import Site
from tests.fake_internet.messages import Request, Response, as_json, as_text, redirect
from tests.fake_internet.model import App
from tests.fake_internet.tokens import SCOPES, Refused

if TYPE_CHECKING:
    from tests.fake_internet.internet import FakeInternet

site = Site(("accounts.spotify.com",))
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@site.get("/authorize")
def authorize(net: FakeInternet, request: Request) -> Response:
    """The page on which a person agrees. Whoever is signed in answers at once, as `net.consent` says."""
    asked = request.query
    app = net.world.apps.get(asked.get("client_id", ""))
    # Without a client and an address of its own there is nobody to send an error to: it stays on this page.
    if app is None:
        return as_text("INVALID_CLIENT: Invalid client", 400)
    to = asked.get("redirect_uri", "")
    if not _is_registered(app, to):
        return as_text("INVALID_CLIENT: Invalid redirect URI", 400)

    def back(**said: str) -> Response:
        state = {"state": asked["state"]} if "state" in asked else {}
        return redirect(f"{to}{'&' if '?' in to else '?'}{urlencode(said | state)}")

    if asked.get("response_type") != "code":
        return back(error="unsupported_response_type")
    scopes = frozenset(asked.get("scope", "").split())
    if not scopes <= SCOPES:
        return back(error="invalid_scope")
    challenge = asked.get("code_challenge")
    if challenge is not None and (
        asked.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge)
    ):
        return back(error="invalid_request")
    if not net.consent:
        return back(error="access_denied")
    return back(code=net.tokens.code_for(app, net.signed_in, scopes, to, challenge))


@site.post("/api/token")
def token(net: FakeInternet, request: Request) -> Response:
    form = request.form()
    try:
        return as_json(_granted(net, request, form), Cache_Control="no-store")
    except Refused as refused:
        said = {"error": refused.error, "error_description": refused.description}
        return as_json(said, 400, Cache_Control="no-store")


def _granted(net: FakeInternet, request: Request, form: dict[str, str]) -> dict[str, Any]:
    client, secret = _credentials(request, form)
    app = net.world.apps.get(client)
    if app is None:
        raise Refused("invalid_client", "Invalid client")
    if secret is not None and secret != app.secret:
        raise Refused("invalid_client", "Invalid client secret")
    match form.get("grant_type"):
        case "client_credentials":
            if secret is None:
                raise Refused("invalid_client", "Invalid client secret")
            return net.tokens.for_app(app)
        case "authorization_code":
            verifier = form.get("code_verifier")
            if secret is None and verifier is None:
                raise Refused("invalid_request", "code_verifier must be supplied")
            return net.tokens.for_code(app, form.get("code", ""), form.get("redirect_uri", ""), verifier)
        case "refresh_token":
            return net.tokens.for_refresh(app, form.get("refresh_token", ""))
        case given:
            raise Refused("unsupported_grant_type", f"grant_type {given} is not supported")


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str | None]:
    given = request.headers.get("Authorization")
    if given.startswith("Basic "):
        try:
            client, _, secret = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused("invalid_client", "Invalid client") from None
        return client, secret
    return form.get("client_id", ""), form.get("client_secret")


def _is_registered(app: App, to: str) -> bool:
    """Loopback addresses match on any port; `localhost` is no address, and is refused since 2025."""
    parts = urlsplit(to)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if host in ("127.0.0.1", "[::1]"):
        to = f"{parts.scheme}://{host}{parts.path}"
    return to in app.redirects
