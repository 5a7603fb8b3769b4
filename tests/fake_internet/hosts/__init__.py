"""Who answers for which name. A host that is in none of these does not exist."""

from __future__ import annotations

from tests.fake_internet.hosts import (
    googlevideo,
    media,
    open_spotify,
    spotify_accounts,
    spotify_api,
    spotify_images,
    youtube,
    youtube_music,
)
from tests.fake_internet.hosts.site import Site

SITES = (
    spotify_accounts.site,
    spotify_api.site,
    open_spotify.site,
    open_spotify.short_site,
    spotify_images.site,
    youtube_music.site,
    youtube.site,
    youtube.thumbnails,
    googlevideo.site,
    googlevideo.manifests,
    media.site,
)


def site_of(host: str) -> Site | None:
    return next((site for site in SITES if site.serves(host)), None)
