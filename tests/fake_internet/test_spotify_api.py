from __future__ import annotations

import re

import pytest
import requests
import spotipy
from spotipy.exceptions import SpotifyException

from tests.fake_internet import faults
from tests.fake_internet import world as ids


@pytest.fixture
def api(net):
    """`api(app, user, scopes)`: spotipy as the studio has to use it, with a session that retries nothing."""
    with requests.Session() as session:

        def open_with(app=ids.DEV_APP, user=None, scopes="", **options):
            given = net.user_token(app, user, scopes) if user else net.tokens.for_app(net.world.apps[app])
            return spotipy.Spotify(auth=given["access_token"], **{"requests_session": session, **options})

        yield open_with


def refusal(call, *args, **kwargs) -> SpotifyException:
    with pytest.raises(SpotifyException) as refused:
        call(*args, **kwargs)
    return refused.value


def test_a_track_says_what_an_import_needs(net, api):
    track, wanted = api().track(f"https://open.spotify.com/track/{ids.DUET}"), net.world.track(ids.DUET)
    assert track["name"] == "Two Lanterns"
    assert [artist["name"] for artist in track["artists"]] == ["Ada Quill", "Bruno Vale"]
    assert track["duration_ms"] == wanted.sound.seconds * 1000
    assert re.fullmatch(r"[A-Z]{2}\w{3}\d{7}", track["external_ids"]["isrc"])
    assert track["album"]["images"][0] == {"height": 640, "width": 640, "url": wanted.album.cover_url()}


def test_development_mode_has_lost_what_it_has_lost(net, api):
    dev, extended = api(), api(ids.EXTENDED_APP)
    assert {"popularity"} <= extended.track(ids.PLAIN).keys() - dev.track(ids.PLAIN).keys()
    lost = extended.album(ids.SHORT_ALBUM).keys() - dev.album(ids.SHORT_ALBUM).keys()
    assert lost == {"label", "popularity", "available_markets"}
    assert len(extended.tracks([ids.PLAIN, ids.DUET])["tracks"]) == 2
    batch = refusal(dev.tracks, [ids.PLAIN, ids.DUET])
    assert (batch.http_status, batch.msg.endswith("Forbidden")) == (403, True)


def test_what_is_not_there_is_not_found_and_what_is_no_id_is_told(net, api):
    assert refusal(api().track, ids.ABSENT).http_status == 404
    assert "Invalid base62 id" in refusal(api().track, "short").msg


def test_a_removed_track_is_hollow_and_a_locked_one_says_so(net, api):
    client = api(user=ids.LISTENER)
    removed, locked = client.track(ids.REMOVED), client.track(ids.NOT_PLAYABLE)
    assert (removed["name"], removed["duration_ms"]) == ("", 0)
    assert (locked["is_playable"], locked["restrictions"]) == (False, {"reason": "market"})
    assert "is_playable" not in api().track(ids.NOT_PLAYABLE), "nobody knows without a market"


def test_an_album_is_read_page_by_page(net, api):
    client = api()
    page = client.album_tracks(ids.LONG_ALBUM, limit=50)
    names = [track["name"] for track in page["items"]]
    while page := client.next(page):
        names += [track["name"] for track in page["items"]]
    assert names == [track.name for track in net.world.album(ids.LONG_ALBUM).tracks]
    assert [call.query["offset"] for call in net.calls(path="/v1/albums/*")] == ["0", "50"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.album_tracks(ids.LONG_ALBUM, limit=51),
        lambda client: client.artist_albums(ids.ADA, limit=11),
        lambda client: client.search("copper", limit=11),
        lambda client: client.playlist_items(ids.LONG_PLAYLIST, limit=100),
        lambda client: client.current_user_playlists(limit=0),
    ],
)
def test_too_large_a_page_is_refused_and_never_cut(net, api, ask):
    refused = refusal(ask, api(user=ids.LISTENER))
    assert (refused.http_status, "Invalid limit" in refused.msg) == (400, True)


def test_an_artist_has_more_albums_than_a_page(net, api):
    client = api()
    page = client.artist_albums(ids.ADA, limit=10)
    assert (len(page["items"]), page["total"]) == (10, 12)
    assert len(client.next(page)["items"]) == 2
    assert "Invalid limit" in refusal(client.artist_albums, ids.ADA).msg, "spotipy still asks for twenty"


def test_a_search_finds_by_words_and_by_isrc(net, api):
    found = api().search("track:copper artist:ada rain")["tracks"]["items"]
    assert [track["id"] for track in found] == [ids.PLAIN]
    isrc = net.world.track(ids.SLASH_TITLE).isrc
    assert api().search(f"isrc:{isrc}")["tracks"]["items"][0]["name"] == "Either/Or"


def test_an_own_playlist_is_read_whole_with_its_repeats(net, api):
    client = api(user=ids.LISTENER)
    page = client.playlist_items(ids.LONG_PLAYLIST, limit=50)
    items = page["items"]
    while page := client.next(page):
        items += page["items"]
    assert len(items) == 230
    assert len({entry["item"]["id"] for entry in items}) == 10
    assert len(net.calls(path="/v1/playlists/*")) == 5


def test_the_odd_entries_of_a_playlist_keep_their_places(net, api):
    entries = api(user=ids.LISTENER).playlist_items(ids.ODD_PLAYLIST)["items"]
    kinds = [entry["item"] and entry["item"]["type"] for entry in entries]
    assert kinds == ["track", None, "track", "episode", "track", "track", "track", "track"]
    assert [entry["is_local"] for entry in entries].index(True) == 2
    assert entries[2]["item"]["id"] is None
    assert entries[0]["item"]["id"] == entries[-1]["item"]["id"]


def test_what_is_in_the_playlists_of_others_is_withheld_from_new_applications(net, api):
    client = api(user=ids.LISTENER)
    told = client.playlist(ids.FOREIGN_PLAYLIST)
    assert (told["name"], "items" in told, "tracks" in told) == ("Mira's Mornings", False, False)
    assert refusal(client.playlist_items, ids.FOREIGN_PLAYLIST).http_status == 403
    assert len(client.playlist_items(ids.SHARED_PLAYLIST)["items"]) == 2
    old = api(ids.EXTENDED_APP, user=ids.LISTENER).playlist(ids.FOREIGN_PLAYLIST)
    assert old["tracks"]["items"][0]["track"]["name"] == "Paper Boat"


def test_a_private_playlist_is_for_its_owner_who_has_agreed(net, api):
    scoped = api(user=ids.LISTENER, scopes="playlist-read-private")
    assert len(scoped.playlist_items(ids.PRIVATE_PLAYLIST)["items"]) == 3
    assert "scope" in refusal(api(user=ids.LISTENER).playlist_items, ids.PRIVATE_PLAYLIST).msg
    assert refusal(api(user=ids.FRIEND).playlist_items, ids.PRIVATE_PLAYLIST).http_status == 404


def test_the_playlists_of_spotify_itself_are_gone(net, api):
    assert refusal(api(user=ids.LISTENER).playlist, ids.EDITORIAL_PLAYLIST).http_status == 404


def test_an_empty_playlist_is_empty(net, api):
    page = api(user=ids.LISTENER).playlist_items(ids.EMPTY_PLAYLIST)
    assert (page["items"], page["total"], page["next"]) == ([], 0, None)


def test_what_somebody_has_is_listed_as_far_as_they_agreed(net, api):
    client = api(user=ids.LISTENER, scopes="user-library-read playlist-read-private")
    names = {one["name"] for one in client.current_user_playlists()["items"]}
    assert {"Round and Round", "Only Mine"} <= names
    assert "Road Trip" not in names, "shared ones have a scope of their own"
    assert client.current_user_saved_tracks()["items"][0]["track"]["id"] == ids.PLAIN
    assert refusal(api().me).http_status == 401


def test_a_token_ends_by_the_clock_of_spotify_and_spotipy_does_not_notice(net, api):
    client = api()
    client.track(ids.PLAIN)
    net.advance(3601)
    expired = refusal(client.track, ids.PLAIN)
    assert (expired.http_status, "The access token expired" in expired.msg) == (401, True)
    assert refusal(spotipy.Spotify(auth="BQguessed").track, ids.PLAIN).http_status == 401


@pytest.mark.parametrize(
    "app, user, said",
    [
        (ids.LAPSED_APP, None, "Active premium subscription required for the owner of the app"),
        (ids.DEV_APP, ids.STRANGER, "the user may not be registered"),
    ],
)
def test_who_may_use_an_application_is_said_in_plain_text(net, api, app, user, said):
    refused = refusal(api(app, user).track, ids.PLAIN)
    assert (refused.http_status, said in refused.msg) == (403, True)


def test_too_many_requests_say_when_to_come_back(net, api):
    net.add_fault(**faults.rate_limited(86_400))
    refused = refusal(api().track, ids.PLAIN)
    assert (refused.http_status, refused.headers["Retry-After"], refused.reason) == (429, "86400", None)
    assert api().track(ids.PLAIN)["id"] == ids.PLAIN


def test_a_used_up_quota_has_a_reason(net, api):
    net.add_fault(**faults.quota_exceeded(3600))
    assert refusal(api().track, ids.PLAIN).reason == "QUOTA_EXCEEDED"


def test_spotipy_with_its_own_session_loses_what_was_said_or_waits_without_a_word(net, api):
    net.add_fault(**faults.quota_exceeded(86_400))
    lost = refusal(api(requests_session=True, retries=0).track, ids.PLAIN)
    assert (lost.http_status, lost.headers, "QUOTA" in str(lost.reason)) == (429, {}, False)
    net.add_fault(**faults.rate_limited(0))
    assert api(requests_session=True).track(ids.PLAIN)["id"] == ids.PLAIN
    assert [call.status for call in net.calls(path="/v1/tracks/*")] == [429, 429, 200]
