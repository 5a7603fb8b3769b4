"""What `accounts.spotify.com` has given out: codes, access tokens and refresh tokens, as real state."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fake_internet.model import App, User

SCOPES = frozenset(
    {
        "playlist-read-private",
        "playlist-read-collaborative",
        "playlist-modify-private",
        "playlist-modify-public",
        "user-library-read",
        "user-library-modify",
        "user-read-email",
        "user-read-private",
        "user-top-read",
        "user-follow-read",
    }
)
HOUR_S = 3600.0
# Since June 2026: six months after the consent, however often it was refreshed.
CONSENT_S = 182 * 24 * HOUR_S


class Refused(Exception):
    """Of a grant, in the words of RFC 6749."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


@dataclass
class Code:
    app: App
    user: User
    scopes: frozenset[str]
    redirect_uri: str
    challenge: str | None
    until: float


@dataclass
class Consent:
    """What a person has agreed to: all tokens of it end with it."""

    app: App
    user: User
    scopes: frozenset[str]
    until: float
    by_pkce: bool
    revoked: bool = False


@dataclass
class Access:
    app: App
    until: float
    consent: Consent | None = None  # None: the application speaks for itself

    @property
    def user(self) -> User | None:
        return self.consent.user if self.consent else None

    @property
    def scopes(self) -> frozenset[str]:
        return self.consent.scopes if self.consent else frozenset()


@dataclass
class Tokens:
    now: Callable[[], float]
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, Access] = field(default_factory=dict)
    refresh: dict[str, Consent] = field(default_factory=dict)

    def code_for(
        self, app: App, user: User, scopes: frozenset[str], redirect_uri: str, challenge: str | None
    ) -> str:
        code = f"AQ{secrets.token_urlsafe(48)}"
        self.codes[code] = Code(app, user, scopes, redirect_uri, challenge, self.now() + 600)
        return code

    def for_app(self, app: App) -> dict[str, Any]:
        return self._answer(Access(app, self.now() + HOUR_S))

    def for_code(self, app: App, code: str, redirect_uri: str, verifier: str | None) -> dict[str, Any]:
        # Taken out whatever comes of it: a code that was guessed at is spent.
        given = self.codes.pop(code, None)
        if given is None or given.app is not app:
            raise Refused("invalid_grant", "Invalid authorization code")
        if given.until < self.now():
            raise Refused("invalid_grant", "Authorization code expired")
        if given.redirect_uri != redirect_uri:
            raise Refused("invalid_grant", "Invalid redirect URI")
        if given.challenge is not None and given.challenge != s256(verifier or ""):
            raise Refused("invalid_grant", "code_verifier was incorrect")
        consent = Consent(app, given.user, given.scopes, self.now() + CONSENT_S, given.challenge is not None)
        return self._answer(Access(app, self.now() + HOUR_S, consent), self._new_refresh(consent))

    def for_refresh(self, app: App, token: str) -> dict[str, Any]:
        consent = self.refresh.get(token)
        if consent is None or consent.app is not app:
            raise Refused("invalid_grant", "Invalid refresh token")
        if consent.revoked:
            raise Refused("invalid_grant", "Refresh token revoked")
        if consent.until < self.now():
            raise Refused("invalid_grant", "Refresh token expired")
        access = Access(app, self.now() + HOUR_S, consent)
        if not consent.by_pkce:
            return self._answer(access)
        del self.refresh[token]
        return self._answer(access, self._new_refresh(consent))

    def revoke(self, user: User) -> None:
        """The person has taken the application off their account page."""
        for consent in [*self.refresh.values(), *(one.consent for one in self.access.values())]:
            if consent and consent.user is user:
                consent.revoked = True

    def _new_refresh(self, consent: Consent) -> str:
        token = f"AQ{secrets.token_urlsafe(64)}"
        self.refresh[token] = consent
        return token

    def _answer(self, access: Access, refresh: str | None = None) -> dict[str, Any]:
        token = f"BQ{secrets.token_urlsafe(64)}"
        self.access[token] = access
        said: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "expires_in": int(HOUR_S)}
        if refresh:
            said["refresh_token"] = refresh
        if access.consent:
            said["scope"] = " ".join(sorted(access.scopes))
        return said


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
