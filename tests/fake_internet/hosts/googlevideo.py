"""googlevideo.com: the bytes of YouTube, for who has an address that is signed and still good."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from tests.fake_internet.audio import MIME
from tests.fake_internet.hosts.site import Site
from tests.fake_internet.hosts.youtube_shapes import KIND_OF_ITAG, STREAM_HOST, signature
from tests.fake_internet.messages import Request, Response, Unmodelled, as_file, as_text

if TYPE_CHECKING:
    from tests.fake_internet.internet import FakeInternet

site = Site((STREAM_HOST,))
manifests = Site(("manifest.googlevideo.com",))


@site.get("/videoplayback")
def stream(net: FakeInternet, request: Request) -> Response:
    query = request.query
    if "range" in query or "sq" in query:
        raise Unmodelled("a stream in numbered parts")
    video = net.world.videos.get(query.get("id", ""))
    signed = hmac.compare_digest(query.get("sig", ""), signature(query))
    if video is None or not signed or float(query.get("expire", 0)) < net.now():
        return as_text("", 403)
    kind = KIND_OF_ITAG[int(query["itag"])]
    return as_file(request, net.studio.song(video.sound, kind), MIME[kind])


@manifests.get(r"/api/manifest/hls_variant/id/([\w-]{11})/file/index\.m3u8")
def live(net: FakeInternet, request: Request, id: str) -> Response:
    """What is on the air now: to be recognised as such, and never to be fetched."""
    playlist = f"https://manifest.googlevideo.com/api/manifest/hls_playlist/id/{id}/itag/93/file/index.m3u8"
    return as_text(
        "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=300000,CODECS="mp4a.40.2,avc1.4d4015",RESOLUTION=160x90,FRAME-RATE=10\n'
        f"{playlist}\n"
    )
