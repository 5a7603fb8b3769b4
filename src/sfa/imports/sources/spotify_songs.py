"""Objects of Spotify's Web API, told as songs. Pure: nothing is asked here.

Fields have been renamed and taken away in 2026, and applications that are older still get the old ones, so
both are read, and every field may be missing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from sfa.imports.found import Found
from sfa.imports.sources.told import Json, date, joined, names, picture, table, text, whole

ID = re.compile(r"[0-9A-Za-z]{22}")
GONE = "Removed from Spotify"  # the title of what has none any more
NAMELESS = "Without a name"

Skip = tuple[str, str]
REMOVED: Skip = ("track_removed", "It was taken off Spotify, which knows nothing of it any more.")
NOT_PLAYABLE: Skip = ("track_not_playable", "Spotify does not play it here any more, or not yet.")
LOCAL: Skip = ("local_file", "It is a file on its owner's own computer; add it from there.")
NOT_MUSIC: Skip = ("not_music", "It is an episode of a podcast or a chapter of a book, not a song.")


def entry_to_song(entry: object, position: int) -> Found:
    """One row of a playlist. Whatever it is, it keeps its place."""
    row = table(entry)
    item = next((row[key] for key in ("item", "track") if isinstance(row.get(key), dict)), None)
    if item is None:
        return skipped(Found(position=position, source="spotify", title=GONE), REMOVED)
    song = track_to_song(item, position)
    return skipped(song, LOCAL) if row.get("is_local") is True else song


def track_to_song(track: Json, position: int, album: Json | None = None) -> Found:
    """`album`: the one in whose list it stands; there a track says neither that nor its ISRC."""
    of = table(track.get("album")) if album is None else album
    title, duration_ms = text(track.get("name")), whole(track.get("duration_ms"))
    song = Found(
        position=position,
        source="spotify",
        title=title or GONE,
        artists=names(track.get("artists")),
        album=text(of.get("name")),
        album_artist=joined(names(of.get("artists"))),
        disc=whole(track.get("disc_number")),
        number=whole(track.get("track_number")),
        duration_ms=duration_ms,
        isrc=text(table(track.get("external_ids")).get("isrc"), 32),
        cover_url=picture(of.get("images")),
        released=date(of.get("release_date")),
        explicit=track.get("explicit") is True,
    )
    if track.get("is_local") is True:
        return skipped(song, LOCAL)
    if track.get("type", "track") != "track":
        return skipped(song, NOT_MUSIC)
    song = linked(song, track.get("id"))
    if title is None or duration_ms is None or song.ref_id is None:
        return skipped(song, REMOVED)
    if track.get("is_playable") is False or track.get("available_markets") == []:
        return skipped(song, NOT_PLAYABLE)
    return song


def linked(song: Found, id: Any) -> Found:
    """The song with the address of its page, if that can be an id at all."""
    if not (isinstance(id, str) and ID.fullmatch(id)):
        return song
    return replace(song, ref_id=id, url=f"https://open.spotify.com/track/{id}")


def skipped(song: Found, why: Skip) -> Found:
    return replace(song, skip_code=why[0], skip_why=why[1])
