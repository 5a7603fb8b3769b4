"""Spotify's Web API, asked through spotipy in the name of an application.

spotipy sleeps for whatever `Retry-After` says, never renews a token that is refused, waits for tokens
without a limit and writes them into the working directory: all of that is taken out of its hands here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import requests
import spotipy
from spotipy.oauth2 import SpotifyClientCredentials

from sfa.errors import Refused
from sfa.imports.found import Collection, Found
from sfa.imports.sources.asking import TIMEOUTS_S, Pace, patiently
from sfa.imports.sources.keys import Keys, TokenCache
from sfa.imports.sources.refusals import Answered, named, not_there, not_understood, withheld
from sfa.imports.sources.spotify_songs import NAMELESS, entry_to_song, track_to_song
from sfa.imports.sources.told import Json, joined, names, picture, rows, table, text, whole
from sfa.library.recognise import SourceRef

_API = "https://api.spotify.com/v1/"
_PAGE = 50
_PAGE_OF_RELEASES = 10  # more is refused since 2026
MOST_RELEASES = 50  # of an artist: each costs a request, out of a quota that all imports share
_DASHBOARD = "developer.spotify.com/dashboard"
_WITHOUT = "or take the keys out: without them links are read from Spotify's public pages."

# They write headers with tokens into the log at DEBUG, and at ERROR what is told as a sentence here.
for _name in ("spotipy.client", "spotipy.oauth2"):
    logging.getLogger(_name).addFilter(lambda record: False)


def resolve(ref: SourceRef, *, keys: Keys, token: TokenCache, pace: Pace) -> Collection:
    """What a link to Spotify holds: of an artist the albums and singles, not what others have put together.

    Tracks of albums come without an ISRC: to ask for each costs one request a song.

    Raises
    ------
    Refused
        with the codes of imports; `retry_at` and `far_side` where Spotify wants a pause.
    """
    read = {"track": _track, "album": _album, "playlist": _playlist, "artist": _artist}[ref.kind]
    with requests.Session() as session:
        return read(_Spotify(ref, keys, token, pace, session))


class _Cache(spotipy.CacheHandler):  # type: ignore[misc]
    """Ours in spotipy's words. A token of other keys than these is none: it would be refused for ever."""

    def __init__(self, keys: Keys, cache: TokenCache) -> None:
        self._client_id = keys.client_id
        self._cache = cache

    def get_cached_token(self) -> dict[str, Any] | None:
        token = self._cache.get()
        return dict(token) if token and token.get("client_id") == self._client_id else None

    def save_token_to_cache(self, token: dict[str, Any]) -> None:
        self._cache.save({**token, "client_id": self._client_id})


class _Spotify:
    """The API for as long as one link is read."""

    def __init__(
        self, ref: SourceRef, keys: Keys, cache: TokenCache, pace: Pace, session: requests.Session
    ) -> None:
        self.ref = ref
        self._pace = pace
        self._far_side = keys.far_side
        self._has_renewed = False
        # This session has no adapter that retries, so a 429 comes with its header and its reason.
        self._tokens = SpotifyClientCredentials(
            keys.client_id,
            keys.client_secret,
            requests_session=session,
            requests_timeout=TIMEOUTS_S,
            cache_handler=_Cache(keys, cache),
        )
        self._api = spotipy.Spotify(requests_session=session, requests_timeout=TIMEOUTS_S)

    def ask(self, question: Callable[[spotipy.Spotify], Any]) -> Json:
        """The object that answers a question."""
        try:
            if self._api._auth is None:
                self._identify(check_cache=True)
            try:
                told = self._patiently(lambda: question(self._api))
            except Answered as answered:
                if answered.status != 401 or self._has_renewed:
                    raise
                # A clock that goes wrong, or an application that was changed: the cache knows times alone.
                self._has_renewed = True
                self._identify(check_cache=False)
                told = self._patiently(lambda: question(self._api))
        except Answered as answered:
            raise _refusal(self.ref, answered) from answered
        if not isinstance(told, dict):
            raise not_understood(self.ref, "Spotify's answer is not what it used to be", repr(told))
        return told

    def _identify(self, *, check_cache: bool) -> None:
        buy = partial(self._tokens.get_access_token, as_dict=False, check_cache=check_cache)
        self._api.set_auth(self._patiently(buy))

    def pages(self, first: Json) -> Iterator[list[Any]]:
        """The rows of all pages. Ends where a far side that never ends would begin."""
        page, seen, read = first, set(), 0
        most = (whole(first.get("total")) or 0) + _PAGE
        while True:
            found = rows(page.get("items"))
            yield found
            read += len(found)
            following = page.get("next")
            if not isinstance(following, str) or following in seen or read > most:
                return
            if not following.startswith(_API):  # it would get our token
                raise not_understood(self.ref, "Spotify's list goes on somewhere else", following)
            seen.add(following)
            page = self.ask(partial(_get, url=following))

    def _patiently(self, call: Callable[[], Any]) -> Any:
        return patiently(
            lambda: _answer_of(self.ref, call), ref=self.ref, pace=self._pace, far_side=self._far_side
        )


def _get(api: spotipy.Spotify, *, url: str) -> Any:
    return api._get(url)


def _answer_of(ref: SourceRef, call: Callable[[], Any]) -> Any:
    """What spotipy returns, and its errors as ours."""
    try:
        return call()
    except spotipy.SpotifyException as error:
        headers = error.headers or {}
        raise Answered(
            error.http_status,
            str(error.msg),
            reason=str(error.reason or ""),
            retry_after=headers.get("Retry-After", ""),
        ) from error
    except spotipy.SpotifyOauthError as error:
        # It keeps neither status nor headers; the error that it was made of has both.
        response = getattr(error.__context__, "response", None)
        status = 500 if response is None else response.status_code
        headers = {} if response is None else response.headers
        raise Answered(
            status, str(error), reason=f"token:{error.error}", retry_after=headers.get("Retry-After", "")
        ) from error
    except (AttributeError, KeyError, TypeError, requests.exceptions.JSONDecodeError) as error:
        # Where spotipy reads an answer it takes for granted what is in it.
        raise not_understood(ref, "Spotify's answer is not what it used to be", repr(error)) from error


def _refusal(ref: SourceRef, answered: Answered) -> Refused:
    """By status, by what Spotify says, and by what was asked for: a 403 has five meanings."""
    said = answered.said.lower()
    if answered.reason.startswith("token:") or answered.status == 401:
        if "user authentication" in said:
            code, fact = "needs_login", "Spotify tells it to a listener who has signed in only"
            fix = "Make the playlist public, or bring in a table of it."
        else:
            code, fact = "bad_keys", "Spotify does not accept the client id or the secret of this studio"
            fix = f"Compare them with {_DASHBOARD}, {_WITHOUT}"
    elif answered.status == 404:
        return not_there(ref, answered.said)
    elif answered.status == 403 and "premium" in said:
        code, fact = "owner_premium", "Spotify wants the owner of the application to have Premium"
        fix = f"Renew it, {_WITHOUT}"
    elif answered.status == 403 and "not be registered" in said:
        code, fact = "not_allowlisted", "the account is not among the users of the Spotify application"
        fix = f"Add it under User Management at {_DASHBOARD}."
    elif answered.status == 403 and "scope" in said:
        code, fact = "needs_login", "what was agreed to at Spotify does not go as far as this"
        fix = "Sign in to Spotify once more."
    elif answered.status == 403 and ref.kind == "playlist":
        return withheld(ref, answered.said)
    else:
        code, fact = "refused", f"Spotify refuses to tell ({answered.status})"
        fix = "Check the link in Spotify; the log has Spotify's own words."
    return Refused(f"{named(ref)} was not read: {fact}.", code=code, fix=fix, evidence=answered.said)


def _track(spotify: _Spotify) -> Collection:
    told = spotify.ask(lambda api: api.track(spotify.ref.id))
    song = track_to_song(told, 1)
    return _collection(spotify, told, [song], total=1, cover_url=song.cover_url)


def _album(spotify: _Spotify) -> Collection:
    told = spotify.ask(lambda api: api.album(spotify.ref.id))
    page = table(told.get("tracks"))
    listed = [track for found in spotify.pages(page) for track in found]
    songs = [track_to_song(table(track), n, told) for n, track in enumerate(listed, 1)]
    return _collection(spotify, told, songs, total=_total(page, songs), cover_url=picture(told.get("images")))


def _playlist(spotify: _Spotify) -> Collection:
    told = spotify.ask(lambda api: api.playlist(spotify.ref.id, additional_types=("track", "episode")))
    page = next((told[key] for key in ("items", "tracks") if isinstance(told.get(key), dict)), None)
    if page is None or not isinstance(page.get("items"), list):
        raise withheld(spotify.ref, f"there are {', '.join(told)}")
    listed = [entry for found in spotify.pages(page) for entry in found]
    songs = [entry_to_song(entry, n) for n, entry in enumerate(listed, 1)]
    return _collection(spotify, told, songs, total=_total(page, songs), cover_url=picture(told.get("images")))


def _artist(spotify: _Spotify) -> Collection:
    told = spotify.ask(lambda api: api.artist(spotify.ref.id))
    page = spotify.ask(
        lambda api: api.artist_albums(spotify.ref.id, include_groups="album,single", limit=_PAGE_OF_RELEASES)
    )
    releases: list[Json] = []
    for found in spotify.pages(page):
        releases += [release for release in map(table, found) if isinstance(release.get("id"), str)]
        if len(releases) >= MOST_RELEASES:
            break
    songs: list[Found] = []
    for release in releases[:MOST_RELEASES]:
        first = spotify.ask(partial(_tracks_of, release_id=release["id"]))
        for tracks in spotify.pages(first):
            songs += [
                track_to_song(table(track), len(songs) + n, release) for n, track in enumerate(tracks, 1)
            ]
    has = max(len(releases), whole(page.get("total")) or 0)
    if has <= MOST_RELEASES:
        total = sum(whole(release.get("total_tracks")) or 0 for release in releases)
        return _collection(spotify, told, songs, total=total, cover_url=picture(told.get("images")))
    return _collection(
        spotify,
        told,
        songs,
        total=None,
        cover_url=picture(told.get("images")),
        why=f"Of {has} albums and singles the first {MOST_RELEASES} were read. Give the links of the others.",
    )


def _tracks_of(api: spotipy.Spotify, *, release_id: str) -> Any:
    return api.album_tracks(release_id, limit=_PAGE)


def _collection(
    spotify: _Spotify,
    told: Json,
    songs: list[Found],
    *,
    total: int | None,
    cover_url: str | None,
    why: str | None = None,
) -> Collection:
    if why is None and total is not None and len(songs) != total:
        why = f"Spotify speaks of {total} songs and told of {len(songs)}; read it again later."
    owner = text(table(told.get("owner")).get("display_name")) or joined(names(told.get("artists")))
    return Collection(
        ref=spotify.ref,
        title=text(told.get("name")) or NAMELESS,
        owner=owner,
        cover_url=cover_url,
        total=total,
        complete=why is None,
        why_incomplete=why,
        via="api",
        songs=tuple(songs),
    )


def _total(page: Json, songs: list[Found]) -> int:
    return whole(page.get("total")) or len(songs)
