"""How far sides are asked: at their pace, patiently where trouble passes, and never against their wish.

Blocking, for a thread of a worker. What a far side answers in the end is for the caller to read; what it
cannot answer becomes a `Refused` here.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.exceptions import ChunkedEncodingError, ConnectionError, ContentDecodingError, SSLError, Timeout

from sfa.errors import Refused
from sfa.imports.sources.refusals import Answered, named, not_understood, wants_a_pause
from sfa.library.recognise import SourceRef

TIMEOUTS_S = (5, 15)  # to connect, and between two pieces of an answer
SPOTIFY_HOSTS = frozenset({"open.spotify.com", "play.spotify.com", "spotify.link", "spotify.app.link"})
# Whom Spotify takes for a browser it sends a script instead of an answer.
USER_AGENT = "sound-forge-alchemy"

_SLEEPS_AT_MOST_S = 30.0  # a longer pause is not slept through: it has to be remembered by all workers
_MOST_BYTES = 8 << 20
_MOST_SECONDS = 60.0
_HOPS = 5

Answer = TypeVar("Answer")


class Pace:
    """Turns of all threads of this process towards one far side, and the waits before it is asked again."""

    def __init__(self, per_second: float = 3.0, waits_s: tuple[float, ...] = (0.5, 1.0, 2.0)) -> None:
        self.waits_s = waits_s
        self._apart_s = 1 / per_second
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        with self._lock:
            turn = max(self._next, time.monotonic())
            self._next = turn + self._apart_s
        time.sleep(max(0.0, turn - time.monotonic()))


def patiently(ask: Callable[[], Answer], *, ref: SourceRef, pace: Pace, far_side: str) -> Answer:
    """What `ask` answers, after as many tries as may help.

    Raises
    ------
    Answered
        below 500 and not 429: asking again would not change it.
    Refused
        `rate_limited` and `quota_exceeded` with `retry_at`, `upstream`, `network`, `tls`.
    """
    waits, has_slept = iter(pace.waits_s), False
    while True:
        pace.wait()
        try:
            return ask()
        except Answered as answered:
            if answered.status == 429:
                if has_slept or answered.is_quota or answered.pause_s > _SLEEPS_AT_MOST_S:
                    raise wants_a_pause(ref, answered, far_side) from answered
                has_slept = True
                _sleep(answered.pause_s)
                continue
            if answered.status < 500:
                raise
            trouble = not_understood(
                ref, f"Spotify answers with an error of its own ({answered.status})", answered.said
            )
        except SSLError as error:
            raise Refused(
                f"{named(ref)} was not read: {_host(error)} could not prove that it is what it says.",
                code="tls",
                fix="If a proxy here signs for others, set REQUESTS_CA_BUNDLE to its certificate.",
                evidence=str(error),
            ) from error
        except (ConnectionError, Timeout, ChunkedEncodingError, ContentDecodingError) as error:
            trouble = Refused(
                f"{named(ref)} was not read: {_host(error)} cannot be reached, or breaks off.",
                code="network",
                fix="Check this machine's way to the internet; a proxy is taken from HTTPS_PROXY.",
                evidence=str(error),
            )
        wait_s = next(waits, None)
        if wait_s is None:
            raise trouble
        _sleep(wait_s)


def page(session: requests.Session, url: str, ref: SourceRef) -> str:
    """The text of a page on Spotify, which may lead on there and nowhere else.

    Raises
    ------
    Answered
        with the status of what is no page.
    Refused
        `upstream`
    """
    for _ in range(_HOPS):
        asked = session.get(
            url,
            headers={"User-Agent": USER_AGENT},
            timeout=TIMEOUTS_S,
            stream=True,
            allow_redirects=False,
        )
        with closing(asked) as answer:
            if answer.is_redirect:
                url = urljoin(url, answer.headers["Location"])
                if urlsplit(url).scheme != "https" or urlsplit(url).hostname not in SPOTIFY_HOSTS:
                    raise not_understood(ref, "its page leads away from Spotify", url)
                continue
            body = _body(answer, ref)
            if answer.status_code != 200:
                raise Answered(
                    answer.status_code, body[:500], retry_after=answer.headers.get("Retry-After", "")
                )
            return body
    raise not_understood(ref, "its page leads from one to the next without end", url)


def _body(answer: requests.Response, ref: SourceRef) -> str:
    """Neither more nor for longer than any page takes, whoever sends it."""
    until, body = time.monotonic() + _MOST_SECONDS, bytearray()
    for piece in answer.iter_content(65_536):
        body += piece
        if len(body) > _MOST_BYTES or time.monotonic() > until:
            raise not_understood(ref, "its page has no end", f"{len(body)} bytes")
    return body.decode("utf-8", "replace")


def _host(error: requests.RequestException) -> str:
    return (urlsplit(str(error.request.url)).hostname if error.request else None) or "Spotify"


def _sleep(seconds: float) -> None:
    """A little longer, by chance: those who failed together are not to come back together."""
    time.sleep(seconds * (1 + random.random() / 4))  # noqa: S311 - no secret depends on it
