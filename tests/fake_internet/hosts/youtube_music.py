"""music.youtube.com: the search that ytmusicapi asks, in the language that it is asked in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.fake_internet.hosts.site import Site
from tests.fake_internet.hosts.youtube_shapes import Json, music_item, shelf_words
from tests.fake_internet.messages import Request, Response, Unmodelled, as_html, as_json
from tests.fake_internet.model import Video
from tests.fake_internet.text import by_likeness

if TYPE_CHECKING:
    from tests.fake_internet.internet import FakeInternet

site = Site(("music.youtube.com",))
_ISRC = re.compile(r"[A-Z]{2}\w{3}\d{7}")
# What stands in `params` says which kinds of things are wanted.
_ONLY = {"EgWKAQII": "song", "EgWKAQIQ": "video"}
_PAGE = 20


@site.get("/")
def home(net: FakeInternet, request: Request) -> Response:
    config = {"VISITOR_DATA": "CgtmaXh0dXJlVmlzaXQ%3D", "INNERTUBE_CONTEXT_CLIENT_NAME": 67}
    return as_html(f"<!DOCTYPE html><script>ytcfg.set({json.dumps(config)});</script>")


@site.post("/youtubei/v1/search")
def search(net: FakeInternet, request: Request) -> Response:
    body = request.json()
    language = body["context"]["client"].get("hl", "en")
    only = _only(body.get("params"))
    found = _found(net, body["query"])
    shelves = [
        _shelf(language, kind, rows, with_kind=only is None)
        for kind in ("song", "video")
        if only in (None, kind) and (rows := [video for video in found if video.kind == kind][:_PAGE])
    ]
    tab = {"tabRenderer": {"content": {"sectionListRenderer": {"contents": shelves or [_nothing(language)]}}}}
    return as_json({"contents": {"tabbedSearchResultsRenderer": {"tabs": [tab]}}})


def _only(params: str | None) -> str | None:
    if params is None:
        return None
    if params[:8] not in _ONLY:
        raise Unmodelled(f"search with params {params}")
    return _ONLY[params[:8]]


def _found(net: FakeInternet, query: str) -> list[Video]:
    videos = list(net.world.videos.values())
    if _ISRC.fullmatch(query.upper()):
        return [video for video in videos if video.isrc == query.upper()]
    return by_likeness(query, videos)


def _shelf(language: str, kind: str, videos: list[Video], *, with_kind: bool) -> Json:
    rows = [music_item(video, language, with_kind=with_kind) for video in videos]
    return {
        "musicShelfRenderer": {"title": {"runs": [{"text": shelf_words(language)[kind]}]}, "contents": rows}
    }


def _nothing(language: str) -> Json:
    message = {"messageRenderer": {"text": {"runs": [{"text": shelf_words(language)["none"]}]}}}
    return {"itemSectionRenderer": {"contents": [message]}}
