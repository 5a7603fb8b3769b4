"""Spotify without keys: its public pages, and what they keep to themselves."""

from __future__ import annotations

import json

import pytest

from sfa.errors import Refused
from sfa.imports.sources.embed import entity_of_page
from tests.fake_internet import world
from tests.fake_internet.model import Playlist
from tests.imports.ask import OPEN, read, ref_of, refusal

PAGE = f"/embed/track/{world.PLAIN}"
pytestmark = pytest.mark.usefixtures("net")


def page(props: object) -> str:
    data = json.dumps({"props": {"pageProps": props}})
    return f'<script id="__NEXT_DATA__" type="application/json">{data}</script>'


def test_a_track_is_told_with_artists_length_and_picture(net):
    held = read(f"track/{world.DUET}")
    (song,) = held.songs
    track = net.world.track(world.DUET)
    assert (held.via, held.title, held.owner, held.total) == (
        "embed",
        "Two Lanterns",
        "Ada Quill, Bruno Vale",
        1,
    )
    assert (song.ref_id, song.url, song.artists) == (track.id, track.url, ("Ada Quill", "Bruno Vale"))
    assert (song.duration_ms, song.released, song.cover_url) == (
        track.sound.ms,
        "2025-11-07",
        track.album.cover_url(640),
    )
    assert (song.album, song.isrc, held.complete, held.why_incomplete) == (None, None, True, None)


def test_an_album_gives_its_songs_its_name_and_picture(net):
    held = read(f"album/{world.SHORT_ALBUM}")
    assert [song.title for song in held.songs] == ["Paper Boat", "Glass Harbor", "Iron Kite"]
    assert {(song.album, song.album_artist, song.released) for song in held.songs} == {
        ("Three Letters", "Ada Quill", "2024-05-17")
    }
    assert {song.cover_url for song in held.songs} == {net.world.album(world.SHORT_ALBUM).cover_url(640)}
    assert (held.complete, held.total) == (True, 3)


def test_names_are_parted_and_commas_within_them_are_not(net):
    net.world.artist(world.BRUNO).name = "Vale, the Younger"
    songs = read(f"album/{world.ODD_ALBUM}").songs
    assert songs[1].artists == ("Ada Quill", "Vale, the Younger")
    assert songs[2].explicit


def test_a_hundred_rows_are_not_believed_to_be_all():
    held = read(f"playlist/{world.LONG_PLAYLIST}")
    assert (len(held.songs), held.total, held.complete) == (100, None, False)
    assert "100 songs at most" in held.why_incomplete


def test_ninety_nine_rows_are_all(net):
    playlist = net.world.playlist(world.LONG_PLAYLIST)
    playlist.items = playlist.items[:99]
    held = read(f"playlist/{world.LONG_PLAYLIST}")
    assert (held.total, held.complete, held.why_incomplete) == (99, True, None)


def test_entries_that_cannot_be_fetched_say_why():
    held = read(f"playlist/{world.ODD_PLAYLIST}")
    assert [song.skip_code for song in held.songs] == [None, "not_music", "track_not_playable", None, None]
    assert (held.title, held.owner) == ("Bits & Pieces <odd>", "Lena Listener")
    assert held.cover_url.startswith("https://i.scdn.co/")


def test_an_artist_is_what_is_heard_most_of_them():
    held = read(f"artist/{world.ADA}")
    assert (held.title, held.owner, len(held.songs), held.complete) == ("Ada Quill", "Ada Quill", 10, False)


@pytest.mark.parametrize("id", [world.PRIVATE_PLAYLIST, world.ABSENT])
def test_private_and_absent_look_alike(id):
    error = refusal(f"playlist/{id}")
    assert error.code == "not_found_or_private"
    assert id in str(error)


def test_a_title_that_tries_to_end_the_script_does_not(net):
    net.world.add_playlist(Playlist(world.spotify_id("Tag"), "</script><b>", net.world.user(world.LISTENER)))
    assert read(f"playlist/{world.spotify_id('Tag')}").title == "</script><b>"


@pytest.mark.parametrize(
    "body, evidence",
    [
        ("<html>Nothing of the kind</html>", "Nothing of the kind"),
        ('<script id="__NEXT_DATA__">{broken</script>', "{broken"),
        (page({"state": {"data": {"thing": 1}}}), "thing"),
        (page({"state": {"data": {"entity": {"type": "episode", "title": "x"}}}}), "episode"),
    ],
)
def test_a_page_that_is_made_another_way_is_kept_as_evidence(net, body, evidence):
    net.add_fault(host=OPEN, body=body)
    error = refusal(f"track/{world.PLAIN}")
    assert error.code == "upstream"
    assert evidence in error.facts["evidence"]


def test_a_playlist_without_its_songs_is_withheld():
    entity = {"type": "playlist", "title": "Mine"}
    ref = ref_of(f"https://{OPEN}/playlist/{world.LONG_PLAYLIST}")
    assert entity_of_page(ref, page({"state": {"data": {"entity": entity}}})) == entity


def test_a_withheld_playlist_says_so(net):
    net.add_fault(
        host=OPEN, body=page({"state": {"data": {"entity": {"type": "playlist", "title": "Mine"}}}})
    )
    assert refusal(f"playlist/{world.LONG_PLAYLIST}").code == "playlist_withheld"


@pytest.mark.parametrize("rows", [[None, 7, {}, {"uri": "spotify:track:short", "title": 5, "duration": "x"}]])
def test_rows_of_any_kind_keep_their_place(net, rows):
    entity = {"type": "playlist", "title": "Odd", "trackList": rows}
    net.add_fault(host=OPEN, body=page({"state": {"data": {"entity": entity}}}))
    songs = read(f"playlist/{world.LONG_PLAYLIST}").songs
    assert [song.position for song in songs] == [1, 2, 3, 4]
    assert all(song.skip_code and song.title for song in songs)


@pytest.mark.parametrize("status, code", [(404, "not_found_or_private"), (403, "refused"), (503, "upstream")])
def test_pages_that_are_not_shown(net, status, code):
    net.add_fault(host=OPEN, status=status, times=None)
    assert refusal(f"track/{world.PLAIN}").code == code


def test_a_page_may_lead_on_within_spotify_only(net):
    net.add_fault(host=OPEN, path=PAGE, status=302, headers={"Location": f"/intl-de{PAGE}"})
    assert read(f"track/{world.PLAIN}").title == "Copper Rain"
    net.add_fault(host=OPEN, path=PAGE, status=302, headers={"Location": "https://media.fixture.example/"})
    assert refusal(f"track/{world.PLAIN}").code == "upstream"
    assert not net.calls("media.fixture.example")


def test_a_page_without_an_end_is_left(net, monkeypatch):
    monkeypatch.setattr("sfa.imports.sources.asking._MOST_BYTES", 10_000)
    net.add_fault(host=OPEN, body="x" * 200_000)
    assert refusal(f"track/{world.PLAIN}").code == "upstream"


def test_numbers_that_no_column_takes_are_left_out(net):
    entity = {
        "type": "track",
        "title": "Long\u0000\n",
        "duration": 2**31,
        "artists": [{"name": "A"}, {"name": 5}, None],
    }
    net.add_fault(host=OPEN, body=page({"state": {"data": {"entity": entity}}}))
    (song,) = read(f"track/{world.PLAIN}").songs
    assert (song.title, song.duration_ms, song.artists) == ("Long", None, ("A",))


def test_the_evidence_has_an_end():
    with pytest.raises(Refused) as refused:
        entity_of_page(ref_of(f"https://{OPEN}/track/{world.PLAIN}"), "x" * 100_000)
    assert len(refused.value.facts["evidence"]) == 4000
