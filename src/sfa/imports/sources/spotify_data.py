"""What Spotify sends to those who ask for their own data: `YourLibrary.json`, `Playlist1.json` and so on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import unquote_plus

from sfa.errors import Refused
from sfa.imports.found import Found
from sfa.imports.sources.listed import listed_song
from sfa.imports.sources.spotify_songs import GONE, NOT_MUSIC, REMOVED, skipped
from sfa.imports.sources.told import Json, rows, table, text
from sfa.names import shown


@dataclass(frozen=True, slots=True)
class Told:
    title: str | None
    songs: list[Found]


def playlists(name: str, data: str) -> list[Told]:
    """Those that hold anything, in their order; of a library the songs that are liked.

    Raises
    ------
    Refused
        `bad_table`
    """
    try:
        given = table(json.loads(data))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise _bad(name, f"breaks off or is damaged at line {line}") from error
    if liked := rows(given.get("tracks")):
        songs = [_song(n, table(one), "track", "artist", "album", "uri") for n, one in enumerate(liked, 1)]
        return [Told("Liked songs", songs)]
    listed = [table(one) for one in rows(given.get("playlists"))]
    told = [
        Told(text(one.get("name")), [_entry(n, table(item)) for n, item in enumerate(rows(one["items"]), 1)])
        for one in listed
        if rows(one.get("items"))
    ]
    if not told:
        raise _bad(name, "holds neither playlists with songs nor songs that are liked")
    return told


def _entry(position: int, item: Json) -> Found:
    if track := table(item.get("track")):
        return _song(position, track, "trackName", "artistName", "albumName", "trackUri")
    if uri := text(table(item.get("localTrack")).get("uri"), 2000):
        return _local(position, uri)
    why = NOT_MUSIC if item.get("episode") or item.get("audiobook") else REMOVED
    spoken = table(item.get("episode")).get("episodeName")
    return skipped(Found(position=position, source="spotify", title=text(spoken) or GONE), why)


def _song(position: int, told: Json, title: str, artist: str, album: str, uri: str) -> Found:
    by = text(told.get(artist))
    song = Found(
        position=position,
        source="spotify",
        title=text(told.get(title)) or "",
        artists=(by,) if by else (),
        album=text(told.get(album)),
    )
    return listed_song(song, text(told.get(uri), 2000) or "", f"Entry {position}")


def _local(position: int, uri: str) -> Found:
    """`spotify:local:artist:album:title:seconds`, with a plus for each space."""
    parts = [text(unquote_plus(part)) for part in uri.split(":")[2:]]
    artist, album, title = (*parts, None, None, None)[:3]
    song = Found(
        position=position,
        source="spotify",
        title=title or "",
        artists=(artist,) if artist else (),
        album=album,
    )
    return listed_song(song, "", f"Entry {position}")


def _bad(name: str, fact: str) -> Refused:
    return Refused(
        f"{shown(name)} {fact}.",
        code="bad_table",
        fix="Of Spotify's data bring YourLibrary.json or Playlist1.json, as they came.",
    )
