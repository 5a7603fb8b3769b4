"""Spotify's API through the real spotipy: what links hold, and how it is asked."""

from __future__ import annotations

import pytest

from sfa.imports.sources import KeptInMemory, spotify
from tests.fake_internet import world
from tests.imports.ask import API, keys_of, read, refusal

TOKENS = "accounts.spotify.com"


@pytest.fixture
def keys(net):
    return keys_of(net, world.EXTENDED_APP)


@pytest.fixture
def dev_keys(net):
    return keys_of(net, world.DEV_APP)


def test_a_track_tells_everything(net, dev_keys):
    held = read(f"track/{world.DUET}", keys=dev_keys)
    (song,) = held.songs
    track = net.world.track(world.DUET)
    assert (held.title, held.owner, held.total, held.complete) == (
        "Two Lanterns",
        "Ada Quill, Bruno Vale",
        1,
        True,
    )
    assert (held.via, held.why_incomplete, held.cover_url) == ("api", None, track.album.cover_url(640))
    assert (song.source, song.ref_id, song.url, song.title) == (
        "spotify",
        track.id,
        track.url,
        "Two Lanterns",
    )
    assert (song.artists, song.album, song.album_artist) == (
        ("Ada Quill", "Bruno Vale"),
        "Field Notes",
        "Ada Quill",
    )
    assert (song.disc, song.number, song.duration_ms, song.isrc) == (1, 2, track.sound.ms, track.isrc)
    assert (song.released, song.explicit, song.skip_code) == ("2025-11-07", False, None)


def test_a_long_album_is_paged_through_in_its_order(net, dev_keys):
    held = read(f"album/{world.LONG_ALBUM}", keys=dev_keys)
    assert [song.ref_id for song in held.songs] == [
        track.id for track in net.world.album(world.LONG_ALBUM).tracks
    ]
    assert [song.position for song in held.songs] == list(range(1, 61))
    assert (held.title, held.owner, held.total, held.complete) == (
        "Sixty Miniatures",
        "The Miniaturists",
        60,
        True,
    )
    last = held.songs[-1]
    assert (last.disc, last.number, last.album, last.released) == (2, 30, "Sixty Miniatures", "2021")
    assert (last.isrc, last.cover_url) == (None, held.cover_url)


def test_a_long_playlist_keeps_what_it_repeats(keys):
    held = read(f"playlist/{world.LONG_PLAYLIST}", keys=keys)
    assert (len(held.songs), held.total, held.complete, held.owner) == (230, 230, True, "Lena Listener")
    assert held.songs[0].ref_id == held.songs[10].ref_id
    assert held.songs[0].isrc


def test_what_cannot_be_fetched_keeps_its_place_and_says_why(keys):
    held = read(f"playlist/{world.ODD_PLAYLIST}", keys=keys)
    assert [(song.position, song.skip_code) for song in held.songs] == [
        (1, None),
        (2, "track_removed"),
        (3, "local_file"),
        (4, "not_music"),
        (5, "track_removed"),
        (6, "track_not_playable"),
        (7, None),
        (8, None),
    ]
    local, episode = held.songs[2:4]
    assert (local.title, local.artists, local.ref_id, local.url) == (
        "Demo Tape",
        ("Lena Listener",),
        None,
        None,
    )
    assert (episode.title, episode.ref_id) == ("On Reverb", None)
    assert all(bool(song.skip_code) == bool(song.skip_why) and song.title for song in held.songs)
    assert (held.title, held.complete) == ("Bits & Pieces <odd>", True)


def test_a_playlist_in_the_words_of_new_applications_is_read_too(net, dev_keys):
    token = KeptInMemory()
    token.save(net.user_token(world.DEV_APP) | {"expires_at": 2**33, "client_id": world.DEV_APP})
    held = read(f"playlist/{world.LONG_PLAYLIST}", keys=dev_keys, token=token)
    assert (held.via, len(held.songs)) == ("api", 230)
    assert {call.path.rsplit("/", 1)[-1] for call in net.calls(API)} == {world.LONG_PLAYLIST, "items"}


def test_an_empty_playlist_is_one(keys):
    held = read(f"playlist/{world.EMPTY_PLAYLIST}", keys=keys)
    assert (held.title, held.songs, held.total, held.complete) == ("Nothing Yet", (), 0, True)


def test_an_artist_is_their_albums_and_singles(net, dev_keys):
    held = read(f"artist/{world.ADA}", keys=dev_keys)
    theirs = [
        track
        for album in net.world.albums.values()
        for track in album.tracks
        if album.artists[0].id == world.ADA
    ]
    assert [song.ref_id for song in held.songs] == [track.id for track in theirs]
    assert [song.position for song in held.songs] == list(range(1, len(theirs) + 1))
    assert (held.title, held.total, held.complete) == ("Ada Quill", len(theirs), True)
    assert {song.album for song in held.songs} >= {"Field Notes", "Carousel", "Cerise"}


def test_of_an_artist_with_very_many_albums_the_first_are_read(net, dev_keys, monkeypatch):
    monkeypatch.setattr(spotify, "MOST_RELEASES", 2)
    held = read(f"artist/{world.ADA}", keys=dev_keys)
    assert {song.album for song in held.songs} == {"Field Notes", "Three Letters"}
    assert (held.complete, held.total) == (False, None)
    assert "12 albums" in held.why_incomplete


def test_a_removed_track_is_skipped_where_it_is_all_that_there_is(dev_keys):
    (song,) = read(f"track/{world.REMOVED}", keys=dev_keys).songs
    assert (song.title, song.skip_code) == ("Removed from Spotify", "track_removed")


def page_of_three(net, following: str) -> dict:
    rows = net.world.album(world.SHORT_ALBUM).tracks
    items = [{"type": "track", "id": track.id, "name": track.name, "duration_ms": 1} for track in rows]
    return {"items": items, "total": 3, "next": following}


def test_a_list_that_goes_round_in_circles_is_left(net, keys):
    page = page_of_three(net, "https://api.spotify.com/v1/again")
    net.add_fault(host=API, path="/v1/albums/*", body={"name": "Round", "tracks": page})
    net.add_fault(host=API, path="/v1/again", body=page)
    held = read(f"album/{world.SHORT_ALBUM}", keys=keys)
    assert (len(held.songs), held.complete) == (6, False)
    assert "3 songs and told of 6" in held.why_incomplete


def test_a_list_that_outgrows_its_own_count_is_left(net, keys):
    for n in range(18):
        page = page_of_three(net, f"https://api.spotify.com/v1/more?{n}")
        net.add_fault(host=API, body=page if n else {"name": "Endless", "tracks": page})
    assert len(read(f"album/{world.SHORT_ALBUM}", keys=keys).songs) == 54


def test_a_list_that_goes_on_elsewhere_does_not_get_the_token(net, keys):
    page = page_of_three(net, "https://media.fixture.example/more")
    net.add_fault(host=API, path="/v1/albums/*", body={"name": "Away", "tracks": page})
    assert refusal(f"album/{world.SHORT_ALBUM}", keys=keys).code == "upstream"
    assert not net.calls("media.fixture.example")


def test_a_token_is_bought_once_and_kept(net, keys):
    token = KeptInMemory()
    read(f"track/{world.PLAIN}", keys=keys, token=token)
    read(f"track/{world.DUET}", keys=keys, token=token)
    assert len(net.calls(TOKENS)) == 1
    assert token.get()["client_id"] == keys.client_id


def test_a_token_of_other_keys_is_not_used(net, keys, dev_keys):
    token = KeptInMemory()
    read(f"track/{world.PLAIN}", keys=keys, token=token)
    read(f"track/{world.PLAIN}", keys=dev_keys, token=token)
    assert [call.status for call in net.calls(API)] == [200, 200]
    assert token.get()["client_id"] == dev_keys.client_id


def test_a_token_that_is_refused_is_renewed_once(net, keys):
    token = KeptInMemory()
    token.save({"access_token": "stale", "expires_at": 2**33, "client_id": keys.client_id})
    held = read(f"track/{world.PLAIN}", keys=keys, token=token)
    assert held.title == "Copper Rain"
    assert [call.status for call in net.calls(API)] == [401, 200]
    assert len(net.calls(TOKENS)) == 1


def test_no_token_comes_into_the_log(net, keys, caplog):
    caplog.set_level("DEBUG")
    for name in ("spotipy.client", "spotipy.oauth2"):
        caplog.set_level("DEBUG", name)
    token = KeptInMemory()
    read(f"track/{world.PLAIN}", keys=keys, token=token)
    assert token.get()["access_token"] not in caplog.text
    assert "Basic " not in caplog.text
    assert keys.client_secret not in repr(keys)


def test_nothing_is_written_into_the_working_directory(net, keys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    read(f"track/{world.PLAIN}", keys=keys)
    assert not (tmp_path / ".cache").exists()
