"""The objects of api.spotify.com/v1, with the fields that each mode still has in 2026."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from tests.fake_internet.model import (
    Album,
    Artist,
    Episode,
    Item,
    LocalFile,
    Playlist,
    Track,
    User,
    cover_url,
)
from tests.fake_internet.world import World

API = "https://api.spotify.com/v1"
Json = dict[str, Any]
_ADDED_AT = "2026-01-05T09:30:00Z"


@dataclass(frozen=True)
class Shapes:
    world: World
    mode: Literal["dev", "extended"]
    market: str | None  # without one nobody can say what is playable

    @property
    def extended(self) -> bool:
        return self.mode == "extended"

    def artist_ref(self, artist: Artist) -> Json:
        return _named("artist", artist.id, artist.name)

    def artist(self, artist: Artist) -> Json:
        said = {**self.artist_ref(artist), "genres": list(artist.genres), "images": []}
        return said | ({"popularity": 40, "followers": _total(1234)} if self.extended else {})

    def album_ref(self, album: Album) -> Json:
        said = {
            **_named("album", album.id, album.name),
            "album_type": album.kind,
            "artists": [self.artist_ref(artist) for artist in album.artists],
            "images": _images(album.colour),
            "release_date": album.released,
            "release_date_precision": {4: "year", 7: "month", 10: "day"}[len(album.released)],
            "total_tracks": len(album.tracks),
        }
        return said | ({"available_markets": ["DE", "GB", "US"]} if self.extended else {})

    def album(self, album: Album) -> Json:
        said = {
            **self.album_ref(album),
            "copyrights": [{"text": f"{album.released[:4]} {album.label}", "type": "P"}],
            "external_ids": {"upc": f"{int(album.colour, 16):012}"},
            "genres": [],
            "tracks": paging(
                f"{API}/albums/{album.id}/tracks", [self.track_ref(track) for track in album.tracks], 50, 0
            ),
        }
        return said | ({"label": album.label, "popularity": 30} if self.extended else {})

    def track_ref(self, track: Track) -> Json:
        """As it stands in an album's list: without the album, and without an ISRC."""
        if track.removed:
            return self._removed(track)
        said = {
            **_named("track", track.id, track.name),
            "artists": [self.artist_ref(artist) for artist in track.artists],
            "disc_number": track.disc,
            "duration_ms": track.sound.ms,
            "explicit": track.explicit,
            "is_local": False,
            "preview_url": None,
            "track_number": track.number,
        }
        return said | self._playable(track)

    def track(self, track: Track) -> Json:
        said = {**self.track_ref(track), "album": self.album_ref(track.album)}
        if track.removed:
            return said | {"album": {**said["album"], "name": "", "images": []}}
        said["external_ids"] = {"isrc": track.isrc} if track.isrc else {}
        return said | ({"popularity": 35} if self.extended else {})

    def user(self, user: User) -> Json:
        said = _named("user", user.id, "")
        del said["name"]
        return said | {"display_name": user.name}

    def playlist_ref(self, playlist: Playlist, *, with_total: bool = True) -> Json:
        said = {
            **_named("playlist", playlist.id, playlist.name),
            "collaborative": bool(playlist.collaborators),
            "description": "",
            "images": _images(playlist.colour)[:1],
            "owner": self.user(playlist.owner),
            "primary_color": None,
            "public": playlist.public,
            "snapshot_id": f"AAAA{len(playlist.items):04}{playlist.id[:8]}",
        }
        if with_total:
            said[self.items_key] = {**_total(len(playlist.items)), "href": self.items_url(playlist)}
        return said

    @property
    def items_key(self) -> str:
        return "tracks" if self.extended else "items"

    def items_url(self, playlist: Playlist) -> str:
        return f"{API}/playlists/{playlist.id}/{self.items_key}"

    def entry(self, item: Item, owner: User, key: str) -> Json:
        return {
            "added_at": _ADDED_AT,
            "added_by": self.user(owner),
            "is_local": isinstance(item, LocalFile),
            "primary_color": None,
            key: self.item(item),
            "video_thumbnail": {"url": None},
        }

    def saved(self, track: Track) -> Json:
        return {"added_at": _ADDED_AT, "track": self.track(track)}

    def item(self, item: Item) -> Json | None:
        match item:
            case None:
                return None
            case Track():
                return self.track(item)
            case LocalFile():
                return self._local(item)
            case Episode():
                return self._episode(item)

    def _playable(self, track: Track) -> Json:
        said: Json = {}
        if self.market:
            said["is_playable"] = track.playable
            if not track.playable:
                said["restrictions"] = {"reason": "market"}
        elif self.extended:
            said["available_markets"] = ["DE", "GB", "US"] if track.playable else []
        return said

    def _removed(self, track: Track) -> Json:
        said = {
            **_named("track", track.id, ""),
            "artists": [_named("artist", artist.id, "") for artist in track.artists],
            "disc_number": 0,
            "duration_ms": 0,
            "explicit": False,
            "external_ids": {},
            "is_local": False,
            "preview_url": None,
            "track_number": 0,
        }
        return said | ({"is_playable": False} if self.market else {})

    @staticmethod
    def _local(local: LocalFile) -> Json:
        nobody: Json = {"external_urls": {}, "href": None, "id": None, "uri": None}
        return {
            "album": {**nobody, "album_type": None, "artists": [], "images": [], "name": local.album}
            | {"release_date": None, "release_date_precision": None, "type": "album"},
            "artists": [{**nobody, "name": local.artist, "type": "artist"}],
            "disc_number": 0,
            "duration_ms": local.ms,
            "explicit": False,
            "external_ids": {},
            "external_urls": {},
            "href": None,
            "id": None,
            "is_local": True,
            "name": local.name,
            "preview_url": None,
            "track_number": 0,
            "type": "track",
            "uri": local.uri,
        }

    @staticmethod
    def _episode(episode: Episode) -> Json:
        return {
            **_named("episode", episode.id, episode.name),
            "description": "",
            "duration_ms": episode.ms,
            "explicit": False,
            "images": [],
            "is_externally_hosted": False,
            "languages": ["en"],
            "release_date": "2025-06-01",
            "release_date_precision": "day",
            "show": _named("show", f"Show{episode.id[:18]}", episode.show),
        }


def paging(href: str, all_items: list[Any], limit: int, offset: int, **query: str) -> Json:
    """One page, with the links to its neighbours; `query` goes along into them."""

    def at(place: int) -> str:
        return f"{href}?{urlencode({'offset': place, 'limit': limit, **query})}"

    last = offset + limit >= len(all_items)
    return {
        "href": at(offset),
        "limit": limit,
        "next": None if last else at(offset + limit),
        "offset": offset,
        "previous": at(max(0, offset - limit)) if offset else None,
        "total": len(all_items),
        "items": all_items[offset : offset + limit],
    }


def _named(kind: str, id: str, name: str) -> Json:
    return {
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{id}"},
        "href": f"{API}/{kind}s/{id}",
        "id": id,
        "name": name,
        "type": kind,
        "uri": f"spotify:{kind}:{id}",
    }


def _total(count: int) -> Json:
    return {"href": None, "total": count}


def _images(colour: str) -> list[Json]:
    return [{"height": side, "url": cover_url(colour, side), "width": side} for side in (640, 300, 64)]
