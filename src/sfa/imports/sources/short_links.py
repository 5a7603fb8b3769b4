"""Where a short link of Spotify leads."""

from __future__ import annotations

import time
from contextlib import closing
from urllib.parse import urljoin, urlsplit

import requests

from sfa.errors import Refused
from sfa.imports.sources.asking import SPOTIFY_HOSTS, USER_AGENT, Pace, patiently
from sfa.imports.sources.refusals import Answered, named, not_there, not_understood
from sfa.library.recognise import SourceRef, recognise_one

_HOPS = 5
_SECONDS = 5.0


def follow(ref: SourceRef, *, pace: Pace) -> SourceRef:
    """The track, album, playlist or artist behind it. No page is read, and no host asked but Spotify's.

    Raises
    ------
    Refused
        `bad_url` when it leads elsewhere or round in circles, `unsupported_kind`, `not_found_or_private`,
        and what every far side may say.
    """
    url, until = ref.url, time.monotonic() + _SECONDS
    with requests.Session() as session:
        for _ in range(_HOPS):
            url = _next(session, url, ref, pace, until)
            parts = urlsplit(url)
            if parts.scheme != "https" or parts.hostname not in SPOTIFY_HOSTS:
                raise _astray(ref, f"leads to {parts.hostname or 'nowhere'}, which is not Spotify")
            led_to = recognise_one(url)
            if led_to.ref is None:
                raise Refused(
                    f"{named(ref)} leads to what cannot be taken in. {led_to.why}",
                    code=(led_to.code or "BAD_URL").lower(),
                    fix="Open it in Spotify and share the song, album or playlist itself.",
                )
            if led_to.ref.kind != "short":
                return led_to.ref
    raise _astray(ref, "leads round in circles")


def _next(session: requests.Session, url: str, ref: SourceRef, pace: Pace, until: float) -> str:
    """One hop; all of them together have five seconds."""

    def ask() -> str:
        left_s = until - time.monotonic()
        if left_s <= 0:
            raise requests.exceptions.ConnectTimeout("all hops together took too long")
        asked = session.get(
            url, headers={"User-Agent": USER_AGENT}, timeout=left_s, stream=True, allow_redirects=False
        )
        with closing(asked) as answer:
            if answer.is_redirect:
                return urljoin(url, answer.headers["Location"])
            if answer.status_code == 200:
                raise not_understood(
                    ref, "Spotify answers with a page where it used to lead on", str(answer.headers)
                )
            raise Answered(answer.status_code, "", retry_after=answer.headers.get("Retry-After", ""))

    try:
        return patiently(ask, ref=ref, pace=pace, far_side="spotify")
    except Answered as answered:
        raise not_there(ref, str(answered)) from answered


def _astray(ref: SourceRef, fact: str) -> Refused:
    return Refused(
        f"{named(ref)} {fact}.", code="bad_url", fix="Open it in Spotify and copy the link from there."
    )
