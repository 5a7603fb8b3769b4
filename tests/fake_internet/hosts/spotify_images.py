"""i.scdn.co: covers, each of one colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fake_internet.hosts.site import Site
from tests.fake_internet.messages import Request, Response, as_file, as_text
from tests.fake_internet.model import cover_of

if TYPE_CHECKING:
    from tests.fake_internet.internet import FakeInternet

site = Site(("i.scdn.co",))


@site.get("/image/([0-9a-f]+)")
def image(net: FakeInternet, request: Request, name: str) -> Response:
    cover = cover_of(name)
    known = {album.colour for album in net.world.albums.values()}
    known |= {playlist.colour for playlist in net.world.playlists.values()}
    if cover is None or cover[0] not in known:
        return as_text("", 404)
    return as_file(request, net.studio.cover(*cover), "image/jpeg")
