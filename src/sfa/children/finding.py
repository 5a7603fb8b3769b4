"""Looks for a song at a provider, by spotdl's own search and judgement. Lies beside `fetch.py`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sfa.children.fetch import Desk

_MOST = 10
_SURE = 80.0  # of spotdl's hundred: a label's own recording that has it needs no further search
_CLOSE_S = 3.0
_OTHER_LENGTH = 0.5  # what is right but for its length has at most half of the score


def find(desk: Desk) -> list[dict[str, Any]]:
    """What may be the song, best first."""
    from spotdl.providers.audio import YouTube, YouTubeMusic

    kinds = {"youtube-music": YouTubeMusic, "youtube": YouTube}
    asked = song(desk.request["song"])
    # Ten results and not ten videos: one that cannot be played would end the search.
    provider = kinds[desk.request["provider"]](yt_dlp_args=shlex.join([*desk.arguments, "--flat-playlist"]))
    provider.audio_handler.params |= {"logger": desk.heard, "ignoreerrors": False}
    found: dict[str, dict[str, Any]] = {}
    for results in _searches(provider, asked):
        for result, score in _judged(results, asked):
            known = found.setdefault(result.result_id, _candidate(result, desk.request["provider"]))
            known["score"] = max(known["score"], round(score / 100, 4))
            known["isrc"] = known["isrc"] or bool(result.isrc_search)
        if any(_is_sure(one, asked) for one in found.values()):
            break
    return sorted(found.values(), key=lambda one: -float(one["score"]))[:_MOST]


def song(asked: dict[str, Any], **more: Any) -> Any:
    """As spotdl knows it, and complete: for what is missing it would ask Spotify."""
    from spotdl.types.song import Song

    artists = asked["artists"] or [""]
    released = asked.get("released") or ""
    return Song(
        name=asked["title"],
        artists=artists,
        artist=artists[0],
        genres=[],
        disc_number=asked.get("disc") or 1,
        disc_count=asked.get("disc") or 1,
        album_id="",
        album_name=asked.get("album") or "",
        album_artist=asked.get("album_artist") or artists[0],
        duration=round((asked.get("duration_ms") or 0) / 1000),
        year=int(released[:4]) if released[:4].isdigit() else 0,
        date=released,
        track_number=asked.get("number") or 1,
        tracks_count=asked.get("number") or 1,
        song_id=asked["ref_id"],
        explicit=bool(asked.get("explicit")),
        publisher="",
        url=asked["url"],
        isrc=asked.get("isrc") or "",
        cover_url=asked.get("cover_url"),
        copyright_text=None,
        **more,
    )


def _searches(provider: Any, asked: Any) -> Iterator[list[Any]]:
    """By the number that labels give to recordings, then by words; the first may be enough."""
    from spotdl.utils.formatter import create_song_title

    if asked.isrc and provider.SUPPORTS_ISRC:
        yield provider.get_results(asked.isrc)
    words = create_song_title(asked.name, asked.artists).lower()
    for options in provider.GET_RESULTS_OPTS:
        yield provider.get_results(words, **options)


def _judged(results: list[Any], asked: Any) -> Iterator[tuple[Any, float]]:
    """spotdl leaves out what has another length by far; who knows nothing better may want to hear of it."""
    from spotdl.utils.matching import order_results

    # YouTube names no artist: that is in the channel, if it is anywhere.
    channels = (
        replace(one, artists=one.artists or (one.author.removesuffix(" - Topic"),)) for one in results
    )
    named = list(channels)
    scores = order_results(named, asked)
    for one in named:
        if len(named) == 1 and one.isrc_search and one.verified:  # titles may be in another script
            yield one, max(_SURE, scores.get(one, 0.0))
        elif one in scores:
            yield one, scores[one]
        else:
            as_long = order_results([one], replace(asked, duration=int(one.duration)))
            yield from ((same, score * _OTHER_LENGTH) for same, score in as_long.items())


def _is_sure(found: dict[str, Any], asked: Any) -> bool:
    is_as_long = not asked.duration or abs((found["duration_ms"] or 0) / 1000 - asked.duration) <= _CLOSE_S
    return found["verified"] and found["score"] >= _SURE / 100 and is_as_long


def _candidate(result: Any, provider: str) -> dict[str, Any]:
    return {
        "url": result.url,
        "provider": provider,
        "title": result.name,
        "artists": list(result.artists),
        "duration_ms": round(result.duration * 1000) or None,
        "score": 0.0,
        "explicit": bool(result.explicit),
        "verified": bool(result.verified),
        "isrc": False,
    }
