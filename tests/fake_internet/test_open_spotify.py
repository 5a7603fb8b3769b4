from __future__ import annotations

import json
import re

import pytest
import requests

from tests.fake_internet import world as ids
from tests.fake_internet.hosts.media import HOST

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"}


def page_data(kind: str, id: str) -> dict:
    answer = requests.get(f"https://open.spotify.com/embed/{kind}/{id}", timeout=5)
    assert answer.status_code == 200
    script = re.search(r'<script id="__NEXT_DATA__" type="application/json">(.+?)</script>', answer.text)
    return json.loads(script[1])["props"]["pageProps"]


def entity(kind: str, id: str) -> dict:
    return page_data(kind, id)["state"]["data"]["entity"]


def test_the_page_of_a_track_names_everybody_and_no_album(net):
    track = entity("track", ids.DUET)
    assert [artist["name"] for artist in track["artists"]] == ["Ada Quill", "Bruno Vale"]
    assert track["duration"] == net.world.track(ids.DUET).sound.ms
    assert "album" not in track


def test_the_page_of_a_playlist_shows_a_hundred_rows_at_most(net):
    rows = entity("playlist", ids.LONG_PLAYLIST)["trackList"]
    assert len(rows) == 100
    assert len({row["uid"] for row in rows}) == 100, "a repeated song is another row"
    assert rows[0].keys() >= {"uri", "title", "subtitle", "duration", "isPlayable"}


def test_the_page_of_a_foreign_playlist_shows_what_the_api_withholds(net):
    rows = entity("playlist", ids.FOREIGN_PLAYLIST)["trackList"]
    assert [row["title"] for row in rows] == ["Paper Boat", "Glass Harbor", "Iron Kite", "Copper Rain"]
    assert entity("playlist", ids.EDITORIAL_PLAYLIST)["subtitle"] == "Spotify"


def test_the_page_of_a_playlist_leaves_out_what_has_no_page(net):
    playlist = entity("playlist", ids.ODD_PLAYLIST)
    assert playlist["name"] == "Bits & Pieces <odd>"
    assert [row["entityType"] for row in playlist["trackList"]] == [
        "track",
        "episode",
        "track",
        "track",
        "track",
    ]
    assert [row["isPlayable"] for row in playlist["trackList"]].count(False) == 1


def test_artists_stand_in_one_line_parted_by_a_space_that_does_not_break(net):
    rows = {row["title"]: row for row in entity("album", ids.ODD_ALBUM)["trackList"]}
    assert rows["Two Lanterns"]["subtitle"] == "Ada Quill,\u00a0Bruno Vale"
    assert rows["Überschall 夜間飛行"]["subtitle"] == "Zoë Łukasz"
    assert len(entity("artist", ids.ADA)["trackList"]) == 10


@pytest.mark.parametrize(
    "kind, id",
    [
        ("track", ids.ABSENT),
        ("track", ids.REMOVED),
        ("playlist", ids.PRIVATE_PLAYLIST),
        ("album", ids.ABSENT),
    ],
)
def test_what_is_private_and_what_is_absent_look_alike(net, kind, id):
    assert page_data(kind, id) == page_data("playlist", ids.ABSENT)
    assert page_data(kind, id)["status"] == 404


def test_oembed_knows_title_and_picture(net):
    url = f"https://open.spotify.com/track/{ids.SLASH_TITLE}"
    said = requests.get("https://open.spotify.com/oembed", params={"url": url}, timeout=5).json()
    assert said["title"] == "Either/Or"
    assert "Ada" not in json.dumps(said)
    cover = requests.get(said["thumbnail_url"], timeout=5)
    assert (cover.headers["Content-Type"], cover.content[:2]) == ("image/jpeg", b"\xff\xd8")
    absent = {"url": f"https://open.spotify.com/track/{ids.ABSENT}"}
    assert requests.get("https://open.spotify.com/oembed", params=absent, timeout=5).status_code == 404


def test_every_album_has_a_cover_of_its_own(net):
    albums = net.world.albums.values()
    assert len({album.colour for album in albums}) == len(albums)
    shown = [net.world.album(id) for id in (ids.ODD_ALBUM, ids.SHORT_ALBUM, ids.spotify_id("Single1"))]
    assert len({requests.get(album.cover_url(64), timeout=5).content for album in shown}) == 3
    assert requests.get(f"https://i.scdn.co/image/{'0' * 40}", timeout=5).status_code == 404


def test_a_short_link_leads_on_by_two_hops(net):
    answer = requests.get(f"https://spotify.link/{ids.SHORT_TO_TRACK}", timeout=5)
    assert answer.url.startswith(f"https://open.spotify.com/track/{ids.PLAIN}?si=")
    assert [hop.status_code for hop in answer.history] == [307, 307]
    hosts = [call.host for call in net.calls()]
    assert hosts == ["spotify.link", "spotify.app.link", "open.spotify.com"]


def test_the_new_short_links_are_on_spotifys_own_host(net):
    link = f"https://open.spotify.com/s/{ids.SHORT_TO_PLAYLIST}"
    answer = requests.get(link, allow_redirects=False, timeout=5)
    assert ids.FOREIGN_PLAYLIST in answer.headers["Location"]
    assert requests.get("https://open.spotify.com/s/unknown", timeout=5).status_code == 404


def test_a_browser_gets_a_script_instead(net):
    link = f"https://spotify.app.link/{ids.SHORT_TO_ALBUM}"
    answer = requests.get(link, headers=BROWSER, timeout=5)
    assert (answer.status_code, answer.history) == (200, [])
    assert ids.SHORT_ALBUM in answer.text


def test_a_short_link_may_lead_away_or_nowhere(net):
    away = requests.get(f"https://spotify.app.link/{ids.SHORT_AWAY}", allow_redirects=False, timeout=5)
    assert HOST in away.headers["Location"]
    with pytest.raises(requests.exceptions.TooManyRedirects):
        requests.get(f"https://spotify.link/{ids.SHORT_LOOP}", timeout=5)
