"""Which way a link is read, and where short links lead."""

from __future__ import annotations

import pytest

from sfa.imports.sources import resolve
from tests.fake_internet import world
from tests.imports.ask import API, OPEN, keys_of, read, ref_of, refusal

pytestmark = pytest.mark.usefixtures("net")


@pytest.fixture
def dev_keys(net):
    return keys_of(net, world.DEV_APP)


def test_without_keys_nobody_asks_the_api(net):
    assert read(f"track/{world.PLAIN}").via == "embed"
    assert not net.calls(API)


def test_a_playlist_that_is_withheld_is_read_from_its_page_and_that_is_said(net, dev_keys):
    held = read(f"playlist/{world.FOREIGN_PLAYLIST}", keys=dev_keys)
    assert (held.via, len(held.songs), held.complete) == ("embed", 4, True)
    assert "its public page was read" in held.why_incomplete
    assert len(net.calls(API)) == 1


def test_a_long_one_says_both(dev_keys):
    held = read(f"playlist/{world.LONG_PLAYLIST}", keys=dev_keys)
    assert (len(held.songs), held.complete) == (100, False)
    assert "its public page was read" in held.why_incomplete
    assert "100 songs at most" in held.why_incomplete


def test_playlists_of_spotify_itself_are_read_from_their_pages(net):
    held = read(f"playlist/{world.EDITORIAL_PLAYLIST}", keys=keys_of(net, world.EXTENDED_APP))
    assert (held.via, held.title, len(held.songs)) == ("embed", "Fresh Ink", 5)


def test_a_refusal_on_a_later_page_leads_to_the_public_one_too(net):
    net.add_fault(
        host=API, path="/v1/playlists/*/tracks", status=403, body={"error": {"message": "Forbidden"}}
    )
    held = read(f"playlist/{world.LONG_PLAYLIST}", keys=keys_of(net, world.EXTENDED_APP))
    assert (held.via, len(held.songs)) == ("embed", 100)


def test_what_is_on_no_page_either_is_told_as_the_api_told_it(dev_keys):
    assert refusal(f"playlist/{world.PRIVATE_PLAYLIST}", keys=dev_keys).code == "not_found_or_private"
    assert refusal(f"album/{world.ABSENT}", keys=dev_keys).code == "not_found_or_private"


def test_wrong_keys_are_not_hidden_behind_the_page(net):
    error = refusal(f"playlist/{world.FOREIGN_PLAYLIST}", keys=keys_of(net, world.LAPSED_APP))
    assert error.code == "owner_premium"
    assert not net.calls(OPEN)


@pytest.mark.parametrize("link", ["https://youtu.be/dQw4w9WgXcQ", "https://media.fixture.example/song.mp3"])
def test_what_the_downloads_resolve_is_not_asked_here(net, link):
    with pytest.raises(ValueError, match="downloads"):
        resolve(ref_of(link))
    assert not net.calls()


@pytest.mark.parametrize(
    "link, kind, id",
    [
        (f"https://spotify.link/{world.SHORT_TO_TRACK}", "track", world.PLAIN),
        (f"https://spotify.app.link/{world.SHORT_TO_ALBUM}?_p=1", "album", world.SHORT_ALBUM),
        (f"https://{OPEN}/s/{world.SHORT_TO_PLAYLIST}", "playlist", world.FOREIGN_PLAYLIST),
    ],
)
def test_short_links_lead_on(net, link, kind, id):
    held = read(link)
    assert (held.ref.kind, held.ref.id) == (kind, id)
    hops = [call for call in net.calls() if not call.path.startswith("/embed/")]
    assert not [call for call in hops if call.headers.get("User-Agent").startswith("Mozilla")]
    assert not net.calls(OPEN, f"/{kind}/*")


@pytest.mark.parametrize(
    "code, said", [(world.SHORT_AWAY, "media.fixture.example"), (world.SHORT_LOOP, "circles")]
)
def test_short_links_that_lead_astray_are_left(net, code, said):
    error = refusal(f"https://spotify.link/{code}")
    assert error.code == "bad_url"
    assert said in str(error)
    assert not net.calls("media.fixture.example")
    assert len(net.calls("spotify*")) <= 5


def test_a_short_link_that_leads_nowhere(net):
    assert refusal("https://spotify.link/nothingHere").code == "not_found_or_private"


@pytest.mark.parametrize(
    "to, code",
    [
        ("https://open.spotify.com/show/" + "A" * 22, "unsupported_kind"),
        ("https://open.spotify.com/", "bad_url"),
        ("http://spotify.link/plain", "bad_url"),
        ("spotify:track:" + "A" * 22, "bad_url"),
        ("http://127.0.0.1/", "bad_url"),
    ],
)
def test_short_links_to_what_cannot_be_taken_in(net, to, code):
    net.add_fault(host="spotify.link", status=307, headers={"Location": to})
    assert refusal("https://spotify.link/abc").code == code


def test_a_short_link_that_answers_with_a_page_is_not_read(net):
    fault = net.add_fault(host="spotify.link", status=200, body="x" * 3_000_000, rate=100_000)
    assert refusal("https://spotify.link/abc").code == "upstream"
    assert fault.hits == 1


def test_hops_together_have_five_seconds(net, monkeypatch):
    monkeypatch.setattr("sfa.imports.sources.short_links._SECONDS", 0.3)
    net.add_fault(host="spotify.link", delay_s=2, status=307, times=None)
    assert refusal("https://spotify.link/abc").code == "network"
