"""The renderers of YouTube's inner API, as far as ytmusicapi 1.12.1 and yt-dlp 2026.8.19 read them."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from tests.fake_internet.audio import Kind
from tests.fake_internet.messages import Unmodelled
from tests.fake_internet.model import Artist, Video

Json = dict[str, Any]
_KEY = b"only the double knows it"
KIND_OF_ITAG: dict[int, Kind] = {251: "webm", 140: "m4a"}
STREAM_HOST = "rr1---sn-fixture.googlevideo.com"
LIVE_FOR_S = 6 * 3600  # an address of a stream is good for six hours

# What the page of a song says in a language: YouTube Music answers in the one that it is asked in.
_SHELVES = {
    "en": {
        "song": "Songs",
        "video": "Videos",
        "one song": "Song",
        "one video": "Video",
        "none": "No results",
    },
    "de": {
        "song": "Titel",
        "video": "Videos",
        "one song": "Titel",
        "one video": "Video",
        "none": "Keine Ergebnisse",
    },
}


def shelf_words(language: str) -> dict[str, str]:
    if language not in _SHELVES:
        raise Unmodelled(f"YouTube Music in {language!r}")
    return _SHELVES[language]


def clock(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02}"


def channel_id(artist: Artist) -> str:
    return f"UC{artist.id}"


def thumbnails_of(video: Video) -> Json:
    url = f"https://i.ytimg.com/vi/{video.id}/hqdefault.jpg"
    return {"thumbnails": [{"url": url, "width": 480, "height": 360}]}


def music_item(video: Video, language: str, *, with_kind: bool) -> Json:
    """A row of a search on YouTube Music. `with_kind`: rows of different kinds stand together."""
    said = shelf_words(language)
    runs: list[Json] = [{"text": said[f"one {video.kind}"]}, _DOT] if with_kind else []
    for n, artist in enumerate(video.artists):
        runs += ([{"text": " & "}] if n else []) + [_linked(artist.name, channel_id(artist))]
    if video.kind == "song" and video.album:
        runs += [_DOT, _linked(video.album.name, f"MPREb_{video.album.id[:11]}")]
    if video.kind == "video":
        runs += [_DOT, {"text": f"{video.views // 1000}K views"}]
    runs += [_DOT, {"text": clock(video.sound.seconds)}]
    play = {
        "watchEndpoint": {
            "videoId": video.id,
            "watchEndpointMusicSupportedConfigs": {
                "watchEndpointMusicConfig": {"musicVideoType": music_video_type(video)}
            },
        }
    }
    button = {"musicPlayButtonRenderer": {"playNavigationEndpoint": play}}
    row: Json = {
        "flexColumns": [
            _column([{"text": video.title, "navigationEndpoint": play}]),
            _column(runs),
        ],
        "overlay": {"musicItemThumbnailOverlayRenderer": {"content": button}},
        "playlistItemData": {"videoId": video.id},
        "thumbnail": {"musicThumbnailRenderer": {"thumbnail": thumbnails_of(video)}},
    }
    if video.explicit:
        label = {"accessibilityData": {"accessibilityData": {"label": "Explicit"}}}
        row["badges"] = [{"musicInlineBadgeRenderer": label}]
    return {"musicResponsiveListItemRenderer": row}


def music_video_type(video: Video) -> str:
    return {"song": "MUSIC_VIDEO_TYPE_ATV", "video": "MUSIC_VIDEO_TYPE_OMV"}[video.kind]


def video_item(video: Video) -> Json:
    """A row of a search on YouTube itself."""
    channel = video.artists[0]
    return {
        "videoRenderer": {
            "videoId": video.id,
            "title": {"runs": [{"text": video.title}]},
            "lengthText": {"simpleText": clock(video.sound.seconds)},
            "viewCountText": {"simpleText": f"{video.views:,} views"},
            "ownerText": {"runs": [_linked(channel.name, channel_id(channel))]},
            "thumbnail": thumbnails_of(video),
        }
    }


def video_details(video: Video) -> Json:
    channel = video.artists[0]
    return {
        "videoId": video.id,
        "title": video.title,
        "lengthSeconds": "0" if video.playable == "live" else str(round(video.sound.seconds)),
        "channelId": channel_id(channel),
        "author": f"{channel.name} - Topic" if video.kind == "song" else channel.name,
        "shortDescription": _description(video),
        "thumbnail": thumbnails_of(video),
        "viewCount": str(video.views),
        "keywords": [artist.name for artist in video.artists],
        "isPrivate": False,
        "isLiveContent": video.playable == "live",
        "isLive": video.playable == "live",
        "musicVideoType": music_video_type(video),
    }


def microformat(video: Video) -> Json:
    countries = ["AT", "CH"] if video.playable == "region" else ["AT", "CH", "DE", "GB", "US"]
    said = {
        "title": {"simpleText": video.title},
        "lengthSeconds": str(round(video.sound.seconds)),
        "ownerProfileUrl": f"http://www.youtube.com/channel/{channel_id(video.artists[0])}",
        "externalChannelId": channel_id(video.artists[0]),
        "isFamilySafe": video.playable != "age",
        "availableCountries": countries,
        "viewCount": str(video.views),
        "category": "Music",
        "publishDate": "2025-11-07T00:00:00-08:00",
        "uploadDate": "2025-11-07T00:00:00-08:00",
    }
    return {"playerMicroformatRenderer": said}


def playability(video: Video | None) -> Json:
    """Why something cannot be played, in the words that clients look for."""
    match video.playable if video else "gone":
        case "ok" | "live":
            return {"status": "OK", "playableInEmbed": True}
        case "region":
            why = "The uploader has not made this video available in your country"
            return _refusal("UNPLAYABLE", "Video unavailable", why)
        case "age":
            said = _refusal("LOGIN_REQUIRED", "Sign in to confirm your age")
            return said | {"desktopLegacyAgeGateReason": 1}
        case "bot":
            return _refusal("LOGIN_REQUIRED", "Sign in to confirm you’re not a bot")
        case "private":
            why = "Sign in if you've been granted access to this video"
            return _refusal("LOGIN_REQUIRED", "Private video", why)
        case "later":
            return _refusal("UNPLAYABLE", "This content isn't available, try again later.")
        case _:
            return _refusal("ERROR", "Video unavailable", "This video has been removed by the uploader")


def audio_format(video: Video, itag: int, size: int, now: float) -> Json:
    mime = {251: 'audio/webm; codecs="opus"', 140: 'audio/mp4; codecs="mp4a.40.2"'}[itag]
    rate = round(size * 8 / video.sound.seconds)
    return {
        "itag": itag,
        "url": stream_url(video, itag, size, now),
        "mimeType": mime,
        "bitrate": rate,
        "averageBitrate": rate,
        "contentLength": str(size),
        "lastModified": "1767225600000000",
        "quality": "tiny",
        "projectionType": "RECTANGULAR",
        "audioQuality": "AUDIO_QUALITY_MEDIUM",
        "approxDurationMs": str(video.sound.ms),
        "audioSampleRate": "48000",
        "audioChannels": 2,
        "loudnessDb": -7.0,
    }


def stream_url(video: Video, itag: int, size: int, now: float) -> str:
    signed = {
        "expire": str(int(now) + LIVE_FOR_S),
        "id": video.id,
        "itag": str(itag),
        "source": "youtube",
        "clen": str(size),
        "dur": f"{video.sound.seconds:.3f}",
    }
    return f"https://{STREAM_HOST}/videoplayback?{urlencode({**signed, 'sig': signature(signed)})}"


def signature(query: dict[str, str]) -> str:
    said = "&".join(
        f"{key}={query.get(key, '')}" for key in ("expire", "id", "itag", "source", "clen", "dur")
    )
    return hmac.new(_KEY, said.encode(), hashlib.sha256).hexdigest()


_DOT: Json = {"text": " • "}


def _linked(text: str, browse_id: str) -> Json:
    return {"text": text, "navigationEndpoint": {"browseEndpoint": {"browseId": browse_id}}}


def _column(runs: list[Json]) -> Json:
    return {"musicResponsiveListItemFlexColumnRenderer": {"text": {"runs": runs}}}


def _refusal(status: str, reason: str, subreason: str | None = None) -> Json:
    screen: Json = {"reason": {"simpleText": reason}}
    if subreason:
        screen["subreason"] = {"simpleText": subreason}
    return {"status": status, "reason": reason, "errorScreen": {"playerErrorMessageRenderer": screen}}


def _description(video: Video) -> str:
    if video.kind != "song" or video.album is None:
        return ""
    return "\n\n".join(
        (
            f"Provided to YouTube by {video.album.label}",
            " · ".join((video.title, *(artist.name for artist in video.artists))),
            video.album.name,
            f"℗ {video.album.released[:4]} {video.album.label}",
            f"Released on: {video.album.released}",
            "Auto-generated by YouTube.",
        )
    )
