"""What a studio needs to speak to Spotify in its own name: two words, and the token that they buy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Keys:
    """Of an application that the operator has registered."""

    client_id: str
    client_secret: str = field(repr=False)

    @property
    def far_side(self) -> str:
        """Rates and quotas are counted per application: the name under which it is asked to pause."""
        return f"spotify:{self.client_id}"


class TokenCache(Protocol):
    """Where a token waits for its next use; called from the thread that asks."""

    def get(self) -> Mapping[str, Any] | None: ...

    def save(self, token: Mapping[str, Any]) -> None: ...


class KeptInMemory:
    """A token for as long as the process runs."""

    def __init__(self) -> None:
        self._token: Mapping[str, Any] | None = None

    def get(self) -> Mapping[str, Any] | None:
        return self._token

    def save(self, token: Mapping[str, Any]) -> None:
        self._token = token
