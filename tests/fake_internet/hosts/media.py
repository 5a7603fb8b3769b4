"""media.fixture.example: plain files under plain addresses, over https and http, and what looks like them.

/song.{mp3,flac,wav,ogg,m4a,webm}   `world.media_sound`, with a title and an artist in its tags
/film.mp4, /silent.mp4              a video with that sound, and one without any
/page.html, /page-with-song.html    pages without and with something to play
/radio.mp3, /live.m3u8              on the air: never ends
/broken.mp3, /empty.mp3, /huge.mp3  noise, nothing, and two gigabytes by its own account
/missing.mp3, /forbidden.mp3        404 and 403
/redirect?to=ADDRESS&status=302     anywhere, `net.internal_url` among them
/redirects/N                        N of them, and then the song
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.fake_internet.audio import MIME, Kind
from tests.fake_internet.hosts.site import Site
from tests.fake_internet.messages import Request, Response, as_file, as_html, as_text, redirect

if TYPE_CHECKING:
    from tests.fake_internet.internet import FakeInternet

HOST = "media.fixture.example"
TAGS = {"title": "Harbour Lights", "artist": "Nobody in Particular", "album": "Found on the Net"}
site = Site((HOST,), plain=True)


@site.get(r"/song\.(mp3|flac|wav|ogg|m4a|webm)")
def song(net: FakeInternet, request: Request, kind: Kind) -> Response:
    return as_file(request, net.studio.song(net.world.media_sound, kind, TAGS), MIME[kind])


@site.get(r"/film\.mp4")
def film(net: FakeInternet, request: Request) -> Response:
    return as_file(request, net.studio.song(net.world.media_sound, "mp4", TAGS), MIME["mp4"])


@site.get(r"/silent\.mp4")
def silent(net: FakeInternet, request: Request) -> Response:
    return as_file(request, net.studio.silent_film(4.0), MIME["mp4"])


@site.get(r"/page\.html")
def page(net: FakeInternet, request: Request) -> Response:
    return as_html("<!DOCTYPE html><title>A page</title><p>There is nothing to hear here.</p>")


@site.get(r"/page-with-song\.html")
def page_with_song(net: FakeInternet, request: Request) -> Response:
    return as_html('<!DOCTYPE html><title>A page with a song</title><audio controls src="/song.mp3"></audio>')


@site.get(r"/radio\.mp3")
def radio(net: FakeInternet, request: Request) -> Response:
    data = net.studio.song(net.world.media_sound, "mp3")

    def on_the_air() -> Iterator[bytes]:
        while not net.wait(0.02):
            yield data[:8192]

    named = [("Content-Type", "audio/mpeg"), ("icy-name", "Radio Fixture"), ("icy-br", "128")]
    return Response(200, on_the_air(), named)


@site.get(r"/live\.m3u8")
def live(net: FakeInternet, request: Request) -> Response:
    parts = "".join(f"#EXTINF:4.0,\nlive/{n}.ts\n" for n in range(100, 103))
    text = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:100\n{parts}"
    return Response(200, text.encode(), [("Content-Type", "application/vnd.apple.mpegurl")])


@site.get(r"/broken\.mp3")
def broken(net: FakeInternet, request: Request) -> Response:
    return as_file(request, random.Random(1).randbytes(60_000), MIME["mp3"])


@site.get(r"/empty\.mp3")
def empty(net: FakeInternet, request: Request) -> Response:
    return Response(200, b"", [("Content-Type", MIME["mp3"])])


@site.get(r"/huge\.mp3")
def huge(net: FakeInternet, request: Request) -> Response:
    def without_end() -> Iterator[bytes]:
        while not net.wait(0.005):
            yield bytes(65_536)

    return Response(200, without_end(), [("Content-Type", MIME["mp3"])], length=2 << 30)


@site.get(r"/(missing|forbidden)\.mp3")
def refused(net: FakeInternet, request: Request, how: str) -> Response:
    return as_text(how, {"missing": 404, "forbidden": 403}[how])


@site.get("/redirect")
def leads_to(net: FakeInternet, request: Request) -> Response:
    return redirect(request.query["to"], int(request.query.get("status", "302")))


@site.get(r"/redirects/(\d+)")
def leads_on(net: FakeInternet, request: Request, hops: str) -> Response:
    left = int(hops)
    return redirect(f"{request.scheme}://{HOST}/{f'redirects/{left - 1}' if left > 1 else 'song.mp3'}")
