"""open.spotify.com without a key: pages to embed and to look at, oEmbed, and the short links that lead there.

What an embedded page carries is undocumented. It shows a hundred rows at most. What is absent and what is
private look alike: status 200, and 404 in the data.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.fake_internet.hosts.site import Site
from tests.fake_internet.messages import Request, Response, as_html, as_json, as_text, redirect
from tests.fake_internet.model import Album, Artist, Episode, Item, Playlist, Side, Track, cover_url

if TYPE_CHECKING:
    from tests.fake_internet.internet import FakeInternet

site = Site(("open.spotify.com",))
short_site = Site(("spotify.link", "spotify.app.link"))
Json = dict[str, Any]
Thing = Track | Album | Artist | Playlist
_KIND = "(track|album|playlist|artist)"
_MOST_ROWS = 100
# Not from large to small: who takes the first takes the wrong one.
_SIDES: tuple[Side, ...] = (64, 640, 300)


@site.get(rf"/(?:intl-[a-z-]+/)?embed/{_KIND}/(\w+)")
def embed(net: FakeInternet, request: Request, kind: str, id: str) -> Response:
    thing = _public(net, kind, id)
    if thing is None:
        props: Json = {"status": 404, "title": "Page not found", "description": "", "links": [], "rtl": False}
    else:
        entity = _entity(net, thing)
        props = {
            "state": {
                "data": {
                    "entity": entity,
                    "embeded_entity_uri": entity["uri"],
                    "defaultAudioFileObject": {"passthrough": "NONE"},
                },
                "settings": {"rtl": False, "entityContext": kind, "isMobile": False},
            },
            "config": {"locale": "en", "restrictionId": ""},
        }
    data = {"props": {"pageProps": props, "__N_SSP": True}, "page": f"/{kind}/[id]", "query": {"id": id}}
    text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return as_html(
        '<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/></head><body><div id="__next"></div>'
        f'<script id="__NEXT_DATA__" type="application/json">{text}</script></body></html>'
    )


@site.get("/oembed")
def oembed(net: FakeInternet, request: Request) -> Response:
    """Title and picture, and nobody's name."""
    parts = urlsplit(request.query.get("url", "")).path.strip("/").split("/")
    thing = _public(net, parts[-2], parts[-1]) if len(parts) >= 2 else None
    if thing is None:
        return as_text("Not Found", 404)
    page = f"https://open.spotify.com/embed/{parts[-2]}/{parts[-1]}?utm_source=oembed"
    return as_json(
        {
            "html": f'<iframe width="100%" height="352" title="Spotify Embed" src="{page}"></iframe>',
            "iframe_url": page,
            "width": 456,
            "height": 352,
            "version": "1.0",
            "provider_name": "Spotify",
            "provider_url": "https://spotify.com",
            "type": "rich",
            "title": thing.name,
            "thumbnail_url": cover_url(_colour(thing), 300),
            "thumbnail_width": 300,
            "thumbnail_height": 300,
        }
    )


@site.get(r"/s/([\w-]+)")
def new_short_link(net: FakeInternet, request: Request, code: str) -> Response:
    return _led_on(net, request, code, net.world.short_links.get(code))


@site.get(rf"/(?:intl-[a-z-]+/)?{_KIND}/(\w+)")
def page(net: FakeInternet, request: Request, kind: str, id: str) -> Response:
    thing = _public(net, kind, id)
    if thing is None:
        return as_html("<!DOCTYPE html><title>Page not found</title>", 404)
    said = {
        "og:title": thing.name,
        "og:type": {"track": "music.song", "artist": "profile"}.get(kind, f"music.{kind}"),
        "og:url": f"https://open.spotify.com/{kind}/{id}",
        "og:image": cover_url(_colour(thing)),
        "og:site_name": "Spotify",
    }
    tags = "".join(f'<meta property="{name}" content="{html.escape(text)}"/>' for name, text in said.items())
    return as_html(f"<!DOCTYPE html><head><title>{html.escape(thing.name)}</title>{tags}</head>")


@short_site.get(r"/([\w-]+)")
def short_link(net: FakeInternet, request: Request, code: str) -> Response:
    """`spotify.link` leads to `spotify.app.link`, and that to Spotify."""
    to = net.world.short_links.get(code)
    if to and request.host == "spotify.link" and not to.startswith("https://spotify.link/"):
        return redirect(f"https://spotify.app.link/{code}?_p=c11232d92a", 307)
    return _led_on(net, request, code, to)


def _led_on(net: FakeInternet, request: Request, code: str, to: str | None) -> Response:
    """A browser gets a script that offers it the app; everybody else gets a plain answer."""
    if to is None:
        return as_html("<!DOCTYPE html><title>Link not found</title>", 404)
    if request.from_browser:
        target = html.escape(to)
        return as_html(
            f'<!DOCTYPE html><head><meta property="og:url" content="{target}"/></head>'
            f"<script>window.location = {json.dumps(to)}</script>"
        )
    return redirect(to, 307)


def _public(net: FakeInternet, kind: str, id: str) -> Thing | None:
    world = net.world
    tables: dict[str, dict[str, Any]] = {
        "track": world.tracks,
        "album": world.albums,
        "artist": world.artists,
        "playlist": world.playlists,
    }
    thing: Thing | None = tables.get(kind, {}).get(id)
    if isinstance(thing, Playlist) and not thing.public:
        return None
    if isinstance(thing, Track) and thing.removed:
        return None
    return thing


def _colour(thing: Thing) -> str:
    match thing:
        case Track():
            return thing.album.colour
        case Artist():
            return "8c3b2f"
        case _:
            return thing.colour


def _entity(net: FakeInternet, thing: Thing) -> Json:
    kind = type(thing).__name__.lower()
    said: Json = {
        "type": kind,
        "name": thing.name,
        "uri": thing.uri,
        "id": thing.id,
        "title": thing.name,
        "subtitle": "",
        "releaseDate": None,
        "duration": 0,
        "maxDuration": 0,
        "isPlayable": True,
        "playabilityReason": "PLAYABLE",
        "isExplicit": False,
        "hasVideo": False,
        "relatedEntityUri": thing.uri,
        "visualIdentity": {"backgroundBase": {"alpha": 255, "blue": 40, "green": 60, "red": 80}, "image": []},
    }
    match thing:
        case Track():
            said |= _playability(thing)
            said["artists"] = [{"name": artist.name, "uri": artist.uri} for artist in thing.artists]
            said |= {
                "duration": thing.sound.ms,
                "isExplicit": thing.explicit,
                "relatedEntityUri": thing.artists[0].uri,
            }
            said |= {"subtitle": _names(thing.artists), "releaseDate": _date(thing.album.released)}
        case Album():
            said |= {"subtitle": _names(thing.artists), "releaseDate": _date(thing.released)}
            said["trackList"] = _rows(thing.tracks)
        case Playlist():
            said |= {"subtitle": thing.owner.name, "authors": [{"name": thing.owner.name}]}
            said["coverArt"] = {"sources": [{"height": None, "width": None, "url": cover_url(thing.colour)}]}
            said["trackList"] = _rows(thing.items)
            return said
        case Artist():
            said["subtitle"] = "Top tracks"
            said["trackList"] = _rows([t for t in net.world.tracks.values() if thing in t.artists][:10])
    said["visualIdentity"]["image"] = [
        {"url": cover_url(_colour(thing), side), "maxHeight": side, "maxWidth": side} for side in _SIDES
    ]
    return said


def _rows(items: Sequence[Item]) -> list[Json]:
    """What has no page of its own is not shown: what is gone, and what lies on somebody's disk."""
    shown = [
        item for item in items if isinstance(item, Episode) or (isinstance(item, Track) and not item.removed)
    ]
    return [_row(n, item) for n, item in enumerate(shown[:_MOST_ROWS])]


def _row(n: int, item: Track | Episode) -> Json:
    said: Json = {
        "uri": item.uri,
        "uid": hashlib.md5(f"{n}{item.uri}".encode()).hexdigest()[:16],
        "title": item.name,
        "subtitle": item.show if isinstance(item, Episode) else _names(item.artists),
        "isExplicit": False,
        "isNineteenPlus": False,
        "contentRatings": {"labels": []},
        "duration": item.ms if isinstance(item, Episode) else item.sound.ms,
        "isPlayable": True,
        "playabilityReason": "PLAYABLE",
        "audioPreview": None,
        "entityType": "episode" if isinstance(item, Episode) else "track",
    }
    if isinstance(item, Track):
        said |= _playability(item) | {"isExplicit": item.explicit}
        if item.explicit:
            said["contentRatings"] = {"labels": ["EXPLICIT"]}
    return said


def _playability(track: Track) -> Json:
    reason = "PLAYABLE" if track.playable else "COUNTRY_RESTRICTED"
    return {"isPlayable": track.playable, "playabilityReason": reason}


def _names(artists: list[Artist]) -> str:
    return ",\u00a0".join(artist.name for artist in artists)  # parted by a space that does not break


def _date(released: str) -> Json:
    return {"isoString": f"{released}{'-01-01'[len(released) - 4 :] if len(released) < 10 else ''}T00:00:00Z"}
