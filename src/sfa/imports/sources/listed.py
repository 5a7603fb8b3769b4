"""A song out of somebody's list: a link to it, or a title and names to look for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from urllib.parse import quote_plus

from sfa.imports.found import Found
from sfa.imports.sources.spotify_songs import NOT_MUSIC, skipped
from sfa.library.recognise import SourceRef, recognise_one

_SPOKEN = re.compile(r"\b(episode|show|audiobook|chapter)\b")
_SONGS = {("spotify", "track"), ("youtube", "video"), ("web", "file"), ("web", "page")}


def listed_song(song: Found, link: str, where: str) -> Found:
    """The song with the address by which it is asked for, or with why it cannot be.

    `song` has what the list says, and an empty title where it says none; `where` begins a sentence.
    """
    given = recognise_one(link) if link else None
    ref = given.ref if given else None
    if ref is not None and (ref.source, ref.kind) in _SONGS:
        title = song.title or ref.url.partition("://")[2]
        return replace(song, source=ref.source, ref_id=ref.id, url=ref.url, title=title)
    if given and given.code == "UNSUPPORTED_KIND" and _SPOKEN.search(link.lower()):
        return skipped(replace(song, title=song.title or given.given), NOT_MUSIC)
    if song.title:
        return _by_its_words(song)
    title = given.given if given else " ".join(song.artists)
    return skipped(
        replace(song, title=title or "Without a title"), ("bad_table", f"{where} {_lack(ref, link)}.")
    )


def _by_its_words(song: Found) -> Found:
    words = " ".join((*song.artists, song.title))
    return replace(
        song,
        source="words",
        ref_id=hashlib.sha256("\n".join((*song.artists, song.title)).casefold().encode()).hexdigest()[:32],
        url=f"https://www.youtube.com/results?search_query={quote_plus(words)}",
    )


def _lack(ref: SourceRef | None, link: str) -> str:
    if ref is not None:
        kind = {"short": "a short link", "album": "an album", "artist": "an artist"}.get(
            ref.kind, f"a {ref.kind}"
        )
        return f"leads to {kind}, not to a song"
    return "has neither a title nor a link that leads to a song" if link else "has no title"
