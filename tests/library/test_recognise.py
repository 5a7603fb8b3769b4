"""What is pasted, and what it is taken for."""

from __future__ import annotations

import time

import pytest

from sfa.library.recognise import MOST, SourceRef, recognise, recognise_one

ID = "4uLU6hMCjMI75M1A2tKUQC"
TRACK = SourceRef("spotify", "track", ID, f"https://open.spotify.com/track/{ID}")
VIDEO = SourceRef("youtube", "video", "dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ")


@pytest.mark.parametrize(
    "spelt",
    [
        f"https://open.spotify.com/track/{ID}",
        f"http://open.spotify.com/track/{ID}",
        f"open.spotify.com/track/{ID}",
        f"  https://open.spotify.com/track/{ID}?si=abc&utm_source=x#t=1  ",
        f"HTTPS://OPEN.SPOTIFY.COM/track/{ID}",
        f"https://open.spotify.com./track/{ID}/",
        f"https://open.spotify.com:443/track/{ID}",
        f"https://play.spotify.com/track/{ID}",
        f"https://open.spotify.com/intl-de/track/{ID}",
        f"https://open.spotify.com/intl-pt-br/track/{ID}",
        f"https://open.spotify.com/embed/track/{ID}",
        f"https://open.spotify.com/intl-fr/embed/track/{ID}",
        f"https://open.spotify.com//track//{ID}",
        f"spotify:track:{ID}",
        f"SPOTIFY:Track:{ID}?si=x",
        f"“https://open.spotify.com/track/{ID}”",
        f"<https://open.spotify.com/track/{ID}>",
        f"(https://open.spotify.com/track/{ID})",
        f"Listen to this: https://open.spotify.com/track/{ID}, it is good.",
    ],
)
def test_one_track_of_spotify_is_the_same_however_it_is_spelt(spelt):
    assert [one.ref for one in recognise(spelt).found] == [TRACK]


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        (f"https://open.spotify.com/album/{ID}", "album"),
        (f"https://open.spotify.com/album/{ID}/", "album"),
        (f"https://open.spotify.com/playlist/{ID}?nd=1", "playlist"),
        (f"https://open.spotify.com/user/some.one/playlist/{ID}", "playlist"),
        (f"spotify:user:some.one:playlist:{ID}", "playlist"),
        (f"https://open.spotify.com/artist/{ID}/discography/all", "artist"),
    ],
)
def test_spotify_knows_more_than_tracks(link, kind):
    assert recognise_one(link).ref == SourceRef("spotify", kind, ID, f"https://open.spotify.com/{kind}/{ID}")


@pytest.mark.parametrize(
    ("link", "id"),
    [
        ("https://spotify.link/AbC123", "spotify.link/AbC123"),
        ("spotify.link/AbC123", "spotify.link/AbC123"),
        ("https://spotify.app.link/x_Y-1?_p=abc", "spotify.app.link/x_Y-1"),
        ("https://open.spotify.com/s/AbC", "open.spotify.com/s/AbC"),
    ],
)
def test_a_short_link_waits_for_spotify_to_say_where_it_leads(link, id):
    assert recognise_one(link).ref == SourceRef("spotify", "short", id, f"https://{id}")


@pytest.mark.parametrize(
    ("link", "kind", "id"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "video", "dQw4w9WgXcQ"),
        ("https://youtube.com/watch?feature=x&v=dQw4w9WgXcQ&list=PL123&t=3", "video", "dQw4w9WgXcQ"),
        ("https://m.youtube.com/watch?v=dQw4w9WgXcQ", "video", "dQw4w9WgXcQ"),
        ("https://music.youtube.com/watch?v=dQw4w9WgXcQ", "video", "dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc", "video", "dQw4w9WgXcQ"),
        ("youtu.be/dQw4w9WgXcQ", "video", "dQw4w9WgXcQ"),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", "video", "dQw4w9WgXcQ"),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "video", "dQw4w9WgXcQ"),
        ("https://www.youtube.com/playlist?list=PLabc_-1", "playlist", "PLabc_-1"),
        ("https://www.youtube.com/embed/videoseries?list=PLabc", "playlist", "PLabc"),
        ("https://www.youtube.com/@SomeBand", "channel", "@SomeBand"),
        ("https://www.youtube.com/channel/UCabc", "channel", "channel/UCabc"),
    ],
)
def test_links_to_youtube_say_what_they_lead_to(link, kind, id):
    ref = recognise_one(link).ref
    assert ref is not None
    assert (ref.source, ref.kind, ref.id) == ("youtube", kind, id)


@pytest.mark.parametrize(
    ("link", "kind", "url"),
    [
        ("https://Example.org/a%20song.MP3?x=1#t", "file", "https://example.org/a%20song.MP3?x=1"),
        ("http://example.org:80/song.flac", "file", "http://example.org/song.flac"),
        ("http://example.org:8080/song.flac", "file", "http://example.org:8080/song.flac"),
        ("http://[::1]:9/x.wav", "file", "http://[::1]:9/x.wav"),
        ("https://soundcloud.com/some/song", "page", "https://soundcloud.com/some/song"),
        ("https://example.org", "page", "https://example.org/"),
        ("www.example.org/song.ogg", "file", "https://www.example.org/song.ogg"),
        ("https://bücher.example/x.mp3", "file", "https://xn--bcher-kva.example/x.mp3"),
        ("https://en.example.org/wiki/Song_(album)", "page", "https://en.example.org/wiki/Song_(album)"),
        # Only looks like theirs.
        (f"https://open.spotify.com.evil.example/track/{ID}", "page", None),
        (f"https://notspotify.com/track/{ID}", "page", None),
        (f"https://open.spotify.com:8080/track/{ID}", "page", None),
        (f"https://evil.example/open.spotify.com/track/{ID}", "page", None),
    ],
)
def test_any_other_link_is_a_file_or_a_page(link, kind, url):
    ref = recognise_one(link).ref
    assert ref is not None
    assert (ref.source, ref.kind) == ("web", kind)
    assert ref.url == (url or link)


@pytest.mark.parametrize(
    ("link", "code", "why"),
    [
        ("https://open.spotify.com/track/abc", "BAD_URL", "ends in 22 letters and digits; this one has 3."),
        (f"https://open.spotify.com/track/{ID[:-1]}-", "BAD_URL", "has other signs"),
        ("https://open.spotify.com/track", "BAD_URL", "this one has 0."),
        ("https://open.spotify.com/", "BAD_URL", "A page of Spotify"),
        ("https://www.spotify.com/premium", "BAD_URL", "A page of Spotify"),
        ("spotify:nonsense", "BAD_URL", "A page of Spotify"),
        ("https://spotify.link/", "BAD_URL", "cut off"),
        (f"https://open.spotify.com/episode/{ID}", "UNSUPPORTED_KIND", "An episode of a podcast"),
        (f"spotify:show:{ID}", "UNSUPPORTED_KIND", "A podcast on Spotify"),
        (f"https://open.spotify.com/audiobook/{ID}", "UNSUPPORTED_KIND", "An audiobook on Spotify"),
        ("https://open.spotify.com/user/some.one", "UNSUPPORTED_KIND", "The page of a listener"),
        ("https://open.spotify.com/collection/tracks", "UNSUPPORTED_KIND", "songs that somebody likes"),
        ("https://www.youtube.com/watch?v=short", "BAD_URL", "11 signs"),
        ("https://www.youtube.com/feed/library", "BAD_URL", "A page of YouTube"),
        ("https://youtu.be/", "BAD_URL", "A page of YouTube"),
        (f"https://me:secret@open.spotify.com/track/{ID}", "BAD_URL", "a name or a password"),
        ("https://open.spotify.com@evil.example/x.mp3", "BAD_URL", "a name or a password"),
        ("https://open.spotify.com\\@evil.example/x.mp3", "BAD_URL", "not written as a link"),
        ("http://[", "BAD_URL", "not written as a link"),
        ("http://example.org:99999/", "BAD_URL", "not written as a link"),
        ("http://", "BAD_URL", "not written as a link"),
        ("https://example.org/\u202egpj.mp3", "BAD_URL", "not written as a link"),
        ("ftp://example.org/x.mp3", "BAD_URL", "http or https"),
        ("https://example.org/" + "x" * 5000, "BAD_URL", "4,000 letters"),
    ],
)
def test_a_link_that_leads_nowhere_says_why(link, code, why):
    one = recognise_one(link)
    assert (one.what, one.ref, one.code) == ("nothing", None, code)
    assert why in one.why


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/music/song.flac", "/music/song.flac"),
        ("~/Music/My Song.mp3", "~/Music/My Song.mp3"),
        ("../song.wav", "../song.wav"),
        (r"C:\Music\song.wav", r"C:\Music\song.wav"),
        (r"\\server\share\song.wav", r"\\server\share\song.wav"),
        (r'"C:\My Music\song.wav"', r"C:\My Music\song.wav"),
        ("file:///music/a%20song.flac", "/music/a song.flac"),
        ("file:///C:/Music/song.wav", "C:/Music/song.wav"),
        ("/music/about https://example.org.flac", "/music/about https://example.org.flac"),
    ],
)
def test_a_path_is_known_by_its_beginning(text, path):
    (one,) = recognise(text).found
    assert (one.what, one.given) == ("path", path)


@pytest.mark.parametrize(
    "text",
    [
        "Lead to Gold",
        "AC/DC",
        "song.mp3",
        "spotify: what is it?",
        "12:30",
        "a / b",
        "#1",
        "C minor",
        "//",
        "~",
    ],
)
def test_what_is_neither_link_nor_path_is_words(text):
    (one,) = recognise(text).found
    assert (one.what, one.given) == ("words", text)


def test_many_links_come_in_their_order_and_each_once():
    text = f"""
        https://youtu.be/dQw4w9WgXcQ   spotify:track:{ID}

        https://open.spotify.com/track/{ID}?si=again
        and words
    """
    assert [one.ref or one.given for one in recognise(text).found] == [VIDEO, TRACK, "and words"]


def test_more_than_can_be_looked_at_is_counted():
    pasted = recognise("\n".join(f"https://example.org/{n}.mp3" for n in range(MOST + 7)))
    assert (len(pasted.found), pasted.left_out) == (MOST, 7)


@pytest.mark.parametrize("text", ["", "\n \t\n", "\ufeff"])
def test_nothing_is_nothing(text):
    assert [one for one in recognise(text).found if one.given] == []


@pytest.mark.parametrize(
    "text", ["\0\0", "http://\0", "spotify:\ud800", "'" * 9999, "http://" * 999, "(" * 9999 + "http://x"]
)
def test_no_text_breaks_it(text):
    recognise(text)


def test_a_link_in_many_brackets_takes_no_longer_than_any_other_of_its_length():
    began = time.process_time()
    (found,) = recognise("http://" + ")" * 200_000).found
    assert found.what == "nothing"
    assert time.process_time() - began < 2
