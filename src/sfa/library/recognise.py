"""What somebody has pasted: links, by whose they are and what they lead to, paths, or just words.

Pure: nothing is asked of any network. A link becomes a `SourceRef` with one canonical address, whichever of
its many spellings was given; everything that fetches keys on that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from sfa.errors import Refused
from sfa.names import clean

Source = Literal["spotify", "youtube", "web", "table"]  # table: a file with songs, never out of a text
Code = Literal["BAD_URL", "UNSUPPORTED_KIND"]

MOST = 200  # of one paste; more is told to be too much
_MOST_LETTERS = 50_000
_LONGEST = 4000  # of one link
_AUDIO = re.compile(
    r"\.(?:3gp|aac|ac3|aif[cf]?|aiff|alac|amr|ape|au|caf|flac|m4a|mk[av]|mov|mp[234]|og[ag]|opus|snd|wave?|web[am]"
    r"|wma|wv)",
    re.IGNORECASE,
)

_SPOTIFY = frozenset({"open.spotify.com", "play.spotify.com"})
_SPOTIFY_SHORT = frozenset({"spotify.link", "spotify.app.link"})
_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")
_SPOTIFY_KINDS = frozenset({"track", "album", "playlist", "artist"})
_SPOTIFY_OTHER = frozenset(
    {"episode", "show", "audiobook", "chapter", "user", "collection", "local", "concert"}
)
_LOCALE = re.compile(r"intl-[a-z]{2,3}(-[a-z]{2,4})?")
_SHORT_CODE = re.compile(r"[\w-]{1,64}", re.ASCII)

_YOUTUBE = frozenset(
    {"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "www.youtube-nocookie.com"}
)
_VIDEO_ID = re.compile(r"[\w-]{11}", re.ASCII)
_LIST_ID = re.compile(r"[\w-]{2,64}", re.ASCII)

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_LINK_IN_TEXT = re.compile(r"(?:https?://|spotify:(?=\w+:))[^\s<>\"“”]+", re.IGNORECASE)
_BARE = re.compile(
    r"(?:www\.|(?:[a-z0-9-]+\.)*(?:spotify\.com|spotify\.link|youtube\.com|youtu\.be)(?=[/?]))\S+", re.I
)
_PATH = re.compile(r"/[^/\s]|~/|\.{1,2}[\\/]|[a-z]:[\\/]|\\\\[^\\]", re.IGNORECASE)
_CLOSERS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class SourceRef:
    """One thing on the net. The same thing has the same ref, however its link was written."""

    source: Source
    kind: str  # spotify: track album playlist artist short; youtube: video playlist channel; web: file page
    id: str  # unique within source and kind
    url: str  # canonical

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """One piece of what was given."""

    given: str  # as one line that can be shown
    what: Literal["link", "path", "words", "nothing"]  # nothing: it looks like a link, and leads nowhere
    ref: SourceRef | None = None
    code: Code | None = None
    why: str = ""  # with a code: what is wrong with it, as a sentence


@dataclass(frozen=True, slots=True)
class Pasted:
    found: list[Recognised]
    left_out: int  # pieces beyond the most that are looked at


class _Fault(Exception):
    def __init__(self, code: Code, why: str) -> None:
        super().__init__(why)
        self.code: Code = code
        self.why = why


def recognise_pasted(text: str) -> Pasted:
    """What somebody sent to a page.

    Raises
    ------
    Refused
        When it is more than is looked through at once.
    """
    if len(text) > _MOST_LETTERS:
        raise Refused(
            f"That is more text than the {_MOST_LETTERS:,} letters that are looked through at once.",
            fix="Paste the links alone, or a part of them.",
        )
    return recognise(text)


def recognise(text: str) -> Pasted:
    """Everything in a text, in its order, each thing once. Lines without a link are one piece each."""
    seen: dict[object, Recognised] = {}
    for line in text.splitlines():
        for piece in _pieces(line):
            one = recognise_one(piece)
            seen.setdefault(one.ref or (one.what, one.given), one)
    found = list(seen.values())
    return Pasted(found[:MOST], max(0, len(found) - MOST))


def recognise_one(piece: str) -> Recognised:
    """One link, one path, or what is neither."""
    text = piece.strip().strip("\ufeff\u200b")
    given = clean(text, 500) or ""
    if quoted := re.fullmatch(r"(['\"“‘])(.+)['\"”’]", text):
        text = quoted[2]
    if text.lower().startswith("file:"):
        return Recognised(clean(_path_of(text), 4000) or given, "path")
    if _PATH.match(text):
        return Recognised(clean(text, 4000) or given, "path")
    try:
        if text.lower().startswith("spotify:") and not re.search(r"\s", text):
            return Recognised(given, "link", _spotify_uri(text))
        if _HTTP.match(text):
            return Recognised(given, "link", _link(text))
        if _BARE.fullmatch(text):
            return Recognised(given, "link", _link(f"https://{text}"))
        if _SCHEME.match(text) and "://" in text and " " not in text:
            raise _Fault("BAD_URL", "Only links that begin with http or https lead anywhere here.")
    except _Fault as fault:
        return Recognised(given, "nothing", None, fault.code, fault.why)
    return Recognised(given, "words")


def _pieces(line: str) -> list[str]:
    """The links in a line, if there are any; else the line."""
    line = line.strip()
    if not line:
        return []
    if _PATH.match(line.lstrip("'\"“‘")):
        return [line]
    links = [_trimmed(match[0]) for match in _LINK_IN_TEXT.finditer(line)]
    if links:
        return links
    words = line.split()
    return words if len(words) > 1 and all(_BARE.fullmatch(word) for word in words) else [line]


def _trimmed(link: str) -> str:
    """A link in a sentence, without the stop that ends the sentence or the bracket that it stands in."""
    unopened = {closer: link.count(closer) - link.count(opener) for closer, opener in _CLOSERS.items()}
    end = len(link)
    while end and (link[end - 1] in ".,;:!?'’»*_" or unopened.get(link[end - 1], 0) > 0):
        end -= 1
        if link[end] in unopened:
            unopened[link[end]] -= 1
    return link[:end]


def _link(url: str) -> SourceRef:
    if len(url) > _LONGEST:
        raise _Fault("BAD_URL", f"This link has more than {_LONGEST:,} letters.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host.encode("idna").decode() if not host.isascii() else host
    except ValueError as error:  # a port or an address that is none, a name that no server can have
        raise _Fault("BAD_URL", "This is not written as a link is.") from error
    # A browser ends the host at a backslash, others do not: such a link says one thing and means another.
    if not host or "\\" in url or any(letter.isspace() or not letter.isprintable() for letter in url):
        raise _Fault("BAD_URL", "This is not written as a link is.")
    if parts.username is not None or parts.password is not None:
        raise _Fault("BAD_URL", "This link carries a name or a password; those are not taken along.")
    if port not in (None, 80, 443):
        return _web(parts, host, port)
    if host in _SPOTIFY:
        return _spotify(_segments(parts))
    if host in _SPOTIFY_SHORT:
        return _short(host, _segments(parts))
    if host == "spotify.com" or host.endswith(".spotify.com"):
        raise _Fault("BAD_URL", "A page of Spotify that is no track, album, playlist or artist.")
    if host in _YOUTUBE or host == "youtu.be":
        return _youtube(host, _segments(parts), parse_qs(parts.query))
    return _web(parts, host, port)


def _segments(parts: SplitResult) -> list[str]:
    return [unquote(segment) for segment in parts.path.split("/") if segment]


def _spotify_uri(uri: str) -> SourceRef:
    """`spotify:track:…`, and `spotify:user:…:playlist:…` as it was written until 2018."""
    segments = [part for part in re.split(r"[:/]", re.split(r"[?#]", uri, maxsplit=1)[0])[1:] if part]
    return _spotify(segments)


def _spotify(segments: list[str]) -> SourceRef:
    while segments and (_LOCALE.fullmatch(segments[0].lower()) or segments[0].lower() == "embed"):
        segments = segments[1:]
    if len(segments) >= 3 and segments[0].lower() == "user" and segments[2].lower() == "playlist":
        segments = segments[2:]
    kind = segments[0].lower() if segments else ""
    if kind == "s":
        return _short("open.spotify.com/s", segments[1:])
    if kind in _SPOTIFY_OTHER:
        named = {"episode": "An episode of a podcast", "show": "A podcast", "user": "The page of a listener"}
        named |= {"collection": "The songs that somebody likes", "local": "A file on somebody's own disk"}
        what = named.get(kind, f"{'An' if kind[0] in 'aeiou' else 'A'} {kind}")
        raise _Fault(
            "UNSUPPORTED_KIND", f"{what} on Spotify; tracks, albums, playlists and artists are known here."
        )
    if kind not in _SPOTIFY_KINDS:
        raise _Fault("BAD_URL", "A page of Spotify that is no track, album, playlist or artist.")
    given = segments[1] if len(segments) > 1 else ""
    if not _SPOTIFY_ID.fullmatch(given):
        raise _Fault(
            "BAD_URL",
            f"A link to a Spotify {kind} ends in 22 letters and digits; "
            + (f"this one has {len(given)}." if len(given) != 22 else "this one has other signs."),
        )
    return SourceRef("spotify", kind, given, f"https://open.spotify.com/{kind}/{given}")


def _short(host: str, segments: list[str]) -> SourceRef:
    """Where it leads only Spotify knows; it is asked when the link is followed."""
    if len(segments) != 1 or not _SHORT_CODE.fullmatch(segments[0]):
        raise _Fault("BAD_URL", "A short link of Spotify that is cut off.")
    address = f"{host}/{segments[0]}"
    return SourceRef("spotify", "short", address, f"https://{address}")


def _youtube(host: str, segments: list[str], query: dict[str, list[str]]) -> SourceRef:
    first = segments[0].lower() if segments else ""
    listed = query.get("list", [""])[0]
    if host == "youtu.be":
        video = segments[0] if segments else ""
    elif first == "watch":
        video = query.get("v", [""])[0]
    elif first in ("shorts", "live", "embed", "v") and len(segments) > 1 and segments[1] != "videoseries":
        video = segments[1]
    else:
        video = ""
    if video:
        if not _VIDEO_ID.fullmatch(video):
            raise _Fault("BAD_URL", "A link to a video on YouTube has an id of 11 signs; this one has not.")
        return SourceRef("youtube", "video", video, f"https://www.youtube.com/watch?v={video}")
    if first in ("playlist", "watch", "embed") and _LIST_ID.fullmatch(listed):
        return SourceRef("youtube", "playlist", listed, f"https://www.youtube.com/playlist?list={listed}")
    if first.startswith("@") and len(first) > 1:
        return SourceRef("youtube", "channel", segments[0], f"https://www.youtube.com/{segments[0]}")
    if first in ("channel", "c", "user") and len(segments) > 1:
        name = f"{first}/{segments[1]}"
        return SourceRef("youtube", "channel", name, f"https://www.youtube.com/{name}")
    raise _Fault("BAD_URL", "A page of YouTube that is no video, playlist or channel.")


def _web(parts: SplitResult, host: str, port: int | None) -> SourceRef:
    scheme = parts.scheme.lower()
    own = {"http": 80, "https": 443}[scheme]
    place = f"[{host}]" if ":" in host else host
    if port not in (None, own):
        place = f"{place}:{port}"
    url = f"{scheme}://{place}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
    is_file = _AUDIO.fullmatch(PurePosixPath(unquote(parts.path)).suffix)
    return SourceRef("web", "file" if is_file else "page", url, url)


def _path_of(url: str) -> str:
    """A file: URL as the path that it stands for."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    path = unquote(parts.path)
    return path[1:] if re.match(r"/[A-Za-z]:[\\/]", path) else path
