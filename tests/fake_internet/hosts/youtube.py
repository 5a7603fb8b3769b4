"""www.youtube.com as yt-dlp reads it: the page of a video, the player's answers, and search.

Streams have plain addresses, without a challenge that would need a JavaScript engine. Only the client that
yt-dlp asks for without one gets them; to a browser's client YouTube gives none that a program can fetch.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.fake_internet.hosts.site import Site
from tests.fake_internet.hosts.youtube_shapes import (
    KIND_OF_ITAG,
    Json,
    audio_format,
    microformat,
    playability,
    thumbnails_of,
    video_details,
    video_item,
)
from tests.fake_internet.messages import Request, Response, Unmodelled, as_file, as_html, as_json, as_text
from tests.fake_internet.model import Video
from tests.fake_internet.text import by_likeness

if TYPE_CHECKING:
    from tests.fake_internet.internet import FakeInternet

site = Site(("www.youtube.com",))
thumbnails = Site(("i.ytimg.com",))
_PLAYER = "/s/player/0f1e2d3c/player_ias.vflset/en_US/base.js"
_STS = 20_660  # the day of the player, which a client has to name
_PAGE = 20


@site.get("/")
def home(net: FakeInternet, request: Request) -> Response:
    return as_html(_page({}))


@site.get("/watch")
def watch(net: FakeInternet, request: Request) -> Response:
    id = request.query.get("v", "")
    video = net.world.videos.get(id)
    title = video.title if video else ""
    contents: Json = {"twoColumnWatchNextResults": {"results": {"results": {"contents": []}}}}
    return as_html(
        _page(
            {
                "ytInitialPlayerResponse": _player(net, video, streams=False),
                "ytInitialData": {
                    "contents": contents,
                    "currentVideoEndpoint": {"watchEndpoint": {"videoId": id}},
                },
            },
            title,
        )
    )


@site.get(r"/embed/([\w-]{11})")
def embed(net: FakeInternet, request: Request, id: str) -> Response:
    return as_html(_page({}))


@site.get("/iframe_api")
def iframe_api(net: FakeInternet, request: Request) -> Response:
    return as_text(f"var scriptUrl = 'https:\\/\\/www.youtube.com{_PLAYER}';".replace("/", "\\/"))


@site.get(_PLAYER)
def player_script(net: FakeInternet, request: Request) -> Response:
    return as_text(f"var signatureTimestamp={_STS};signatureTimestamp:{_STS}")


@site.post("/youtubei/v1/player")
def player(net: FakeInternet, request: Request) -> Response:
    body = request.json()
    client = body["context"]["client"]["clientName"]
    video = net.world.videos.get(body["videoId"])
    match client:
        case "VISIONOS":
            return as_json(_player(net, video, streams=True))
        case "WEB" | "WEB_EMBEDDED_PLAYER":
            return as_json(_player(net, video, streams=False))
        case _:
            raise Unmodelled(f"the player of client {client}")


@site.post("/youtubei/v1/search")
def search(net: FakeInternet, request: Request) -> Response:
    """Shows only what can be played here, unlike the one of YouTube Music."""
    playable = [video for video in net.world.videos.values() if video.playable == "ok"]
    found = by_likeness(request.json()["query"], playable)[:_PAGE]
    section = {"itemSectionRenderer": {"contents": [video_item(video) for video in found]}}
    results = {"primaryContents": {"sectionListRenderer": {"contents": [section]}}}
    return as_json(
        {"contents": {"twoColumnSearchResultsRenderer": results}, "estimatedResults": str(len(found))}
    )


@thumbnails.get(r"/vi(?:_webp)?/([\w-]{11})/\w+\.(jpg|webp)")
def thumbnail(net: FakeInternet, request: Request, id: str, suffix: str) -> Response:
    video = net.world.videos.get(id)
    if video is None or not request.path.endswith(
        thumbnails_of(video)["thumbnails"][0]["url"].split("/")[-1]
    ):
        return as_text("", 404)
    colour = video.album.colour if video.album else "44546a"
    return as_file(request, net.studio.cover(colour, 480), "image/jpeg")


def _page(variables: dict[str, Json], title: str = "") -> str:
    config = {
        "VISITOR_DATA": "CgtmaXh0dXJlVmlzaXQ%3D",
        "PLAYER_JS_URL": _PLAYER,
        "STS": _STS,
        "INNERTUBE_CONTEXT": {
            "client": {"clientName": "WEB", "clientVersion": "2.20260708.00.00", "hl": "en"}
        },
        "INNERTUBE_CONTEXT_CLIENT_NAME": 1,
    }
    scripts = "".join(
        f"<script>var {name} = {json.dumps(value).replace('</', '<' + chr(92) + '/')};</script>"
        for name, value in variables.items()
    )
    return (
        f"<!DOCTYPE html><html><head><title>{title} - YouTube</title>"
        f"<script>ytcfg.set({json.dumps(config)});</script></head><body>{scripts}</body></html>"
    )


def _player(net: FakeInternet, video: Video | None, *, streams: bool) -> Json:
    said: Json = {"responseContext": {}, "playabilityStatus": playability(video)}
    if video is None or video.playable in ("bot", "private", "gone"):
        return said
    said |= {"videoDetails": video_details(video), "microformat": microformat(video)}
    if streams and video.playable == "ok":
        formats = [
            audio_format(video, itag, len(net.studio.song(video.sound, kind)), net.now())
            for itag, kind in KIND_OF_ITAG.items()
        ]
        said["streamingData"] = {"expiresInSeconds": "21540", "formats": [], "adaptiveFormats": formats}
    if streams and video.playable == "live":
        manifest = f"https://manifest.googlevideo.com/api/manifest/hls_variant/id/{video.id}/file/index.m3u8"
        said["streamingData"] = {"expiresInSeconds": "21540", "hlsManifestUrl": manifest}
    return said
