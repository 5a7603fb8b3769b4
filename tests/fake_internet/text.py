"""Searching by words, as both YouTubes and Spotify do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from tests.fake_internet.model import Video


def words(text: str) -> set[str]:
    """Without accents and regard to case; what is no letter and no digit parts them."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    return set(re.findall(r"\w+", "".join(sign for sign in flat if not unicodedata.combining(sign))))


def by_likeness(query: str, videos: Iterable[Video]) -> list[Video]:
    """What shares a word with the query, the most of them first: a search always finds something."""
    asked = words(query)

    def common(video: Video) -> int:
        said = [
            video.title,
            *(artist.name for artist in video.artists),
            video.album.name if video.album else "",
        ]
        return len(asked & words(" ".join(said)))

    found = [(common(video), video) for video in videos if video.playable != "live"]
    return [video for score, video in sorted(found, key=lambda one: (-one[0], -one[1].views)) if score]
