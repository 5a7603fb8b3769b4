"""Spotify without keys: the page that others embed, with the data that it draws itself from.

Undocumented, so nothing in it is taken for granted. It shows a hundred rows at most, and neither albums nor
ISRCs of the songs in a list.
"""

from __future__ import annotations

import json
import re
from typing import Any

import requests

from sfa.errors import Refused
from sfa.imports.found import Collection, Found
from sfa.imports.sources.asking import Pace, page, patiently
from sfa.imports.sources.refusals import Answered, named, not_there, not_understood, withheld
from sfa.imports.sources.spotify_songs import (
    GONE,
    LOCAL,
    NAMELESS,
    NOT_MUSIC,
    NOT_PLAYABLE,
    REMOVED,
    linked,
    skipped,
)
from sfa.imports.sources.told import Json, date, joined, names, picture, table, text, whole
from sfa.library.recognise import SourceRef

FAR_SIDE = "spotify"
MOST_ROWS = 100
_DATA = re.compile(r'<script id="__NEXT_DATA__"[^>]*>(.*?)</script>', re.DOTALL)


def resolve(ref: SourceRef, *, pace: Pace) -> Collection:
    """What Spotify shows to everybody. Of an artist that is what is heard most.

    Raises
    ------
    Refused
        with the codes of imports; `retry_at` and `far_side` where Spotify wants a pause.
    """
    url = f"https://open.spotify.com/embed/{ref.kind}/{ref.id}"
    with requests.Session() as session:
        try:
            html = patiently(lambda: page(session, url, ref), ref=ref, pace=pace, far_side=FAR_SIDE)
        except Answered as answered:
            if answered.status in (404, 410):
                raise not_there(ref, answered.said) from answered
            raise Refused(
                f"{named(ref)} was not read: Spotify does not show its page ({answered.status}).",
                code="refused",
                fix="Check the link in Spotify.",
                evidence=answered.said,
            ) from answered
    return _collection(ref, entity_of_page(ref, html))


def entity_of_page(ref: SourceRef, html: str) -> Json:
    """The data of the page.

    Raises
    ------
    Refused
        `not_found_or_private`: from outside the two look alike. `upstream`, with the beginning of what came,
        when the page is made in another way than it was.
    """
    found = _DATA.search(html)
    try:
        data = json.loads(found[1]) if found else None
    except ValueError:
        data = None
    shown = table(table(table(data).get("props")).get("pageProps"))
    if shown.get("status") in (404, 410):
        raise not_there(ref, "404 in the data of its page")
    entity = table(table(table(shown.get("state")).get("data")).get("entity"))
    if not entity or entity.get("type", ref.kind) != ref.kind:
        evidence = json.dumps(shown) if shown else found[1] if found else html
        raise not_understood(ref, "Spotify's page is not made as it used to be", evidence)
    return entity


def _collection(ref: SourceRef, entity: Json) -> Collection:
    title = text(entity.get("title")) or text(entity.get("name")) or NAMELESS
    cover_url = picture(table(entity.get("visualIdentity")).get("image")) or picture(
        table(entity.get("coverArt")).get("sources")
    )
    if ref.kind == "track":
        song = _track(ref, entity, title, cover_url)
        return _told(ref, title, joined(song.artists), cover_url, [song], None)
    if not isinstance(entity.get("trackList"), list):
        # A list without its rows is either not for everybody, or drawn from somewhere else by now.
        if ref.kind == "playlist":
            raise withheld(ref, f"there are {', '.join(entity)}")
        raise not_understood(ref, "Spotify's page does not list the songs any more", json.dumps(entity))
    by = names(entity.get("authors")) or _split(entity.get("subtitle"))
    owner = title if ref.kind == "artist" else joined(by)
    album: dict[str, Any] = {}
    if ref.kind == "album":
        album = {"album": title, "album_artist": owner, "cover_url": cover_url, "released": _released(entity)}
    songs = [_row(table(row), n, album) for n, row in enumerate(entity["trackList"], 1)]
    return _told(ref, title, owner, cover_url, songs, _why_incomplete(ref, len(songs)))


def _told(
    ref: SourceRef, title: str, owner: str | None, cover_url: str | None, songs: list[Found], why: str | None
) -> Collection:
    return Collection(
        ref=ref,
        title=title,
        owner=owner,
        cover_url=cover_url,
        total=len(songs) if why is None else None,
        complete=why is None,
        why_incomplete=why,
        via="embed",
        songs=tuple(songs),
    )


def _why_incomplete(ref: SourceRef, count: int) -> str | None:
    if ref.kind == "artist":
        return "Without keys Spotify shows what is heard most of an artist. Give the links of albums."
    if count < MOST_ROWS:
        return None
    return (
        f"Spotify's public page shows {MOST_ROWS} songs at most, and there may be more. "
        "All of them come with a table of it, as Exportify makes one."
    )


def _track(ref: SourceRef, entity: Json, title: str, cover_url: str | None) -> Found:
    song = Found(
        position=1,
        source="spotify",
        title=title,
        artists=names(entity.get("artists")) or _split(entity.get("subtitle")),
        duration_ms=whole(entity.get("duration")),
        cover_url=cover_url,
        released=_released(entity),
        explicit=entity.get("isExplicit") is True,
    )
    return _if_playable(linked(song, ref.id), entity)


def _row(row: Json, position: int, album: dict[str, Any]) -> Found:
    _, kind, id = (*str(row.get("uri", "")).split(":", 2), "", "")[:3]
    title = text(row.get("title"))
    song = Found(
        position=position,
        source="spotify",
        title=title or GONE,
        artists=_split(row.get("subtitle")),
        duration_ms=whole(row.get("duration")),
        explicit=row.get("isExplicit") is True,
        **album,
    )
    if kind == "local":
        return skipped(song, LOCAL)
    if kind != "track":
        return skipped(song, NOT_MUSIC)
    song = linked(song, id)
    if title is None or song.duration_ms is None or song.ref_id is None:
        return skipped(song, REMOVED)
    return _if_playable(song, row)


def _if_playable(song: Found, told: Json) -> Found:
    return skipped(song, NOT_PLAYABLE) if told.get("isPlayable") is False else song


def _split(subtitle: object) -> tuple[str, ...]:
    """Names are parted by a comma and a space that does not break; a comma within a name has another."""
    parts = subtitle.split(",\u00a0") if isinstance(subtitle, str) else []
    return tuple(filter(None, map(text, parts)))


def _released(entity: Json) -> str | None:
    return date(table(entity.get("releaseDate")).get("isoString"))
