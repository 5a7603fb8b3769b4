"""api.spotify.com/v1 as it is in 2026.

Development mode is what every new application gets: no batches, no contents of other people's playlists,
pages of ten where there were fifty. Too large a page is refused, never cut: a client that asks for it
has a fault that must be seen.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tests.fake_internet.hosts.site import Handler, Site
from tests.fake_internet.hosts.spotify_shapes import API, Json, Shapes, paging
from tests.fake_internet.messages import Request, Response, Unmodelled, as_json, as_text
from tests.fake_internet.model import App, Playlist, Track, User
from tests.fake_internet.text import words

if TYPE_CHECKING:
    from tests.fake_internet.internet import FakeInternet

site = Site(("api.spotify.com",))
Thing = TypeVar("Thing")
_ID = "([^/]+)"
_NO_PREMIUM = (
    "Active premium subscription required for the owner of the app. When the subscription status changes, "
    "it can take a few hours before requests are allowed again."
)
_NOT_ALLOWED = "Check settings on developer.spotify.com/dashboard, the user may not be registered."


class ApiError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class Asked:
    """One request, after its token was looked at."""

    net: FakeInternet
    request: Request
    app: App
    user: User | None
    scopes: frozenset[str]

    @property
    def dev(self) -> bool:
        return self.app.mode == "dev"

    @property
    def shapes(self) -> Shapes:
        market = self.request.query.get("market") or ("DE" if self.user else None)
        return Shapes(self.net.world, self.app.mode, market)

    def page(self, href: str, items: list[Any], *, most: int, default: int) -> Json:
        query = {key: self.request.query[key] for key in ("market",) if key in self.request.query}
        return paging(
            href,
            items,
            self._number("limit", default, 1, most),
            self._number("offset", 0, 0, 100_000),
            **query,
        )

    def found(self, things: dict[str, Thing], id: str) -> Thing:
        if not re.fullmatch(r"[0-9A-Za-z]{22}", id):
            raise ApiError(400, "Invalid base62 id")
        if id not in things:
            raise ApiError(404, "Resource not found")
        return things[id]

    def needs(self, *scopes: str) -> User:
        if self.user is None:
            raise ApiError(401, "Valid user authentication required")
        if not set(scopes) <= self.scopes:
            raise ApiError(403, "Insufficient client scope")
        return self.user

    def _number(self, name: str, default: int, least: int, most: int) -> int:
        given = self.request.query.get(name, str(default))
        if not re.fullmatch(r"-?\d+", given) or not least <= int(given) <= most:
            raise ApiError(400, f"Invalid {name}")
        return int(given)


def _endpoint(path: str, *, gone: bool = False) -> Callable[[Callable[..., Json]], Handler]:
    """Registers what answers with an object; `gone` says that development mode has lost it."""

    def register(answer: Callable[..., Json]) -> Handler:
        @site.get(path)
        @functools.wraps(answer)
        def handler(net: FakeInternet, request: Request, *parts: str) -> Response:
            try:
                asked = _identified(net, request)
                if refused := _refused(asked):
                    return refused
                if gone and asked.dev:
                    raise ApiError(403, "Forbidden")
                return as_json(answer(asked, *parts))
            except ApiError as error:
                said = {"error": {"status": error.status, "message": error.message}}
                return as_json(said, error.status)

        return handler

    return register


def _identified(net: FakeInternet, request: Request) -> Asked:
    given = request.headers.get("Authorization")
    if not given:
        raise ApiError(401, "No token provided")
    access = net.tokens.access.get(given.removeprefix("Bearer "))
    if access is None or not given.startswith("Bearer "):
        raise ApiError(401, "Invalid access token")
    if access.until < net.now():
        raise ApiError(401, "The access token expired")
    return Asked(net, request, access.app, access.user, access.scopes)


def _refused(asked: Asked) -> Response | None:
    """What has nothing to do with the question. These two come as plain text."""
    if asked.dev and not asked.app.owner_premium:
        return as_text(_NO_PREMIUM, 403)
    if asked.dev and asked.user and asked.user not in asked.app.allowed:
        return as_text(_NOT_ALLOWED, 403)
    return None


@_endpoint("/v1/tracks/" + _ID)
def track(asked: Asked, id: str) -> Json:
    return asked.shapes.track(asked.found(asked.net.world.tracks, id))


@_endpoint("/v1/albums/" + _ID)
def album(asked: Asked, id: str) -> Json:
    return asked.shapes.album(asked.found(asked.net.world.albums, id))


@_endpoint(f"/v1/albums/{_ID}/tracks")
def album_tracks(asked: Asked, id: str) -> Json:
    tracks = asked.found(asked.net.world.albums, id).tracks
    rows = [asked.shapes.track_ref(track) for track in tracks]
    return asked.page(f"{API}/albums/{id}/tracks", rows, most=50, default=20)


@_endpoint("/v1/artists/" + _ID)
def artist(asked: Asked, id: str) -> Json:
    return asked.shapes.artist(asked.found(asked.net.world.artists, id))


@_endpoint(f"/v1/artists/{_ID}/albums")
def artist_albums(asked: Asked, id: str) -> Json:
    artist = asked.found(asked.net.world.artists, id)
    groups = set(asked.request.query.get("include_groups", "album,single,compilation,appears_on").split(","))
    rows = [
        asked.shapes.album_ref(album)
        for album in asked.net.world.albums.values()
        if artist in album.artists and album.kind in groups
    ]
    most, default = (10, 5) if asked.dev else (50, 20)
    return asked.page(f"{API}/artists/{id}/albums", rows, most=most, default=default)


@_endpoint("/v1/playlists/" + _ID)
def playlist(asked: Asked, id: str) -> Json:
    if "fields" in asked.request.query:
        raise Unmodelled("fields= of a playlist")
    playlist = _playlist(asked, id)
    if asked.dev and not playlist.open_to(asked.user):
        return asked.shapes.playlist_ref(playlist, with_total=False)
    key = "track" if asked.shapes.extended else "item"
    rows = [asked.shapes.entry(item, playlist.owner, key) for item in playlist.items]
    page = paging(asked.shapes.items_url(playlist), rows, 100 if asked.shapes.extended else 50, 0)
    return {**asked.shapes.playlist_ref(playlist), asked.shapes.items_key: page}


@_endpoint(f"/v1/playlists/{_ID}/items")
def playlist_items(asked: Asked, id: str) -> Json:
    return _entries(asked, id, "items", "item", most=50, default=20)


@_endpoint(f"/v1/playlists/{_ID}/tracks", gone=True)
def playlist_tracks(asked: Asked, id: str) -> Json:
    return _entries(asked, id, "tracks", "track", most=100, default=100)


@_endpoint("/v1/me")
def me(asked: Asked) -> Json:
    user = asked.needs()
    said = {**asked.shapes.user(user), "images": []}
    if not asked.dev and "user-read-private" in asked.scopes:
        said |= {"country": "DE", "product": "premium"}
    if not asked.dev and "user-read-email" in asked.scopes:
        said["email"] = f"{user.id}@fixture.example"
    return said


@_endpoint("/v1/me/playlists")
def my_playlists(asked: Asked) -> Json:
    user = asked.needs()
    rows = [
        asked.shapes.playlist_ref(playlist)
        for playlist in asked.net.world.playlists.values()
        if playlist.open_to(user)
        and (playlist.public or playlist.collaborators or "playlist-read-private" in asked.scopes)
        and (not playlist.collaborators or "playlist-read-collaborative" in asked.scopes)
    ]
    return asked.page(f"{API}/me/playlists", rows, most=50, default=20)


@_endpoint("/v1/me/tracks")
def my_tracks(asked: Asked) -> Json:
    user = asked.needs("user-library-read")
    rows = [asked.shapes.saved(track) for track in user.liked]
    return asked.page(f"{API}/me/tracks", rows, most=50, default=20)


@_endpoint("/v1/search")
def search(asked: Asked) -> Json:
    """By words and `isrc:`; the other filters of a query are words like any."""
    kinds = asked.request.query.get("type", "").split(",")
    query = asked.request.query.get("q", "")
    if not query:
        raise ApiError(400, "No search query")
    world, shapes = asked.net.world, asked.shapes
    tables: dict[str, tuple[list[Any], Callable[[Any], Json]]] = {
        "track": ([track for track in world.tracks.values() if not track.removed], shapes.track),
        "album": (list(world.albums.values()), shapes.album_ref),
        "artist": (list(world.artists.values()), shapes.artist),
    }
    if unknown := [kind for kind in kinds if kind not in tables]:
        raise Unmodelled(f"search for {unknown}")
    most, default = (10, 5) if asked.dev else (50, 20)
    return {
        f"{kind}s": asked.page(
            f"{API}/search",
            [shape(thing) for thing in things if _fits(query, kind, thing)],
            most=most,
            default=default,
        )
        for kind in kinds
        for things, shape in [tables[kind]]
    }


def _several(
    asked: Asked, things: dict[str, Any], shape: Callable[[Any], Json], most: int
) -> list[Json | None]:
    ids = asked.request.query.get("ids", "").split(",")
    if len(ids) > most:
        raise ApiError(400, "Too many ids requested")
    return [shape(things[id]) if id in things else None for id in ids]


@_endpoint("/v1/tracks", gone=True)
def tracks(asked: Asked) -> Json:
    return {"tracks": _several(asked, asked.net.world.tracks, asked.shapes.track, 50)}


@_endpoint("/v1/albums", gone=True)
def albums(asked: Asked) -> Json:
    return {"albums": _several(asked, asked.net.world.albums, asked.shapes.album, 20)}


@_endpoint("/v1/artists", gone=True)
def artists(asked: Asked) -> Json:
    return {"artists": _several(asked, asked.net.world.artists, asked.shapes.artist, 50)}


@_endpoint(f"/v1/users/{_ID}", gone=True)
def user(asked: Asked, id: str) -> Json:
    if id not in asked.net.world.users:
        raise ApiError(404, "Resource not found")
    return asked.shapes.user(asked.net.world.users[id])


@_endpoint(
    rf"/v1/(?:artists/{_ID}/top-tracks|users/{_ID}/playlists|browse/.+|markets|recommendations"
    rf"|audio-(?:features|analysis)(?:/.+)?|artists/{_ID}/related-artists)",
    gone=True,
)
def lost(asked: Asked, *_: str) -> Json:
    raise Unmodelled(f"{asked.request.path} in extended mode")


def _playlist(asked: Asked, id: str) -> Playlist:
    """Those of others that are not public, and Spotify's own, might as well not exist."""
    playlist = asked.found(asked.net.world.playlists, id)
    if playlist.editorial or not (playlist.public or playlist.open_to(asked.user)):
        raise ApiError(404, "Resource not found")
    if not playlist.public and not playlist.collaborators:
        asked.needs("playlist-read-private")
    return playlist


def _entries(asked: Asked, id: str, path: str, key: str, *, most: int, default: int) -> Json:
    if "fields" in asked.request.query:
        raise Unmodelled("fields= of a playlist")
    playlist = _playlist(asked, id)
    if asked.dev and not playlist.open_to(asked.user):
        raise ApiError(403, "Forbidden")
    rows = [asked.shapes.entry(item, playlist.owner, key) for item in playlist.items]
    return asked.page(f"{API}/playlists/{id}/{path}", rows, most=most, default=default)


def _fits(query: str, kind: str, thing: Any) -> bool:
    if match := re.search(r"\bisrc:(\w+)", query, re.IGNORECASE):
        return kind == "track" and thing.isrc == match[1].upper()
    said = [thing.name]
    if isinstance(thing, Track):
        said += [thing.album.name, *(artist.name for artist in thing.artists)]
    plain = re.sub(r"\b(track|artist|album):", " ", query)
    return words(plain) <= words(" ".join(said))
