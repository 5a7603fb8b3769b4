"""What a link was found to hold, whoever was asked: pure data, before any of it is a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfa.library.recognise import SourceRef

Via = Literal["api", "account", "embed", "page", "table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One song as a far side describes it. What it did not say is None."""

    position: int  # from 1, in the order of the far side
    source: str  # spotify, youtube, web; words: nothing but a title and names, in a table
    title: str
    ref_id: str | None = None  # None, as `url`: nothing that could be asked for, so it is skipped
    url: str | None = None
    artists: tuple[str, ...] = ()
    album: str | None = None
    album_artist: str | None = None
    disc: int | None = None
    number: int | None = None
    duration_ms: int | None = None
    isrc: str | None = None
    cover_url: str | None = None
    released: str | None = None  # 1979, 1979-11 or 1979-11-30
    explicit: bool = False
    skip_code: str | None = None  # a key of `sfa.errors.CODES`, with `skip_why`: it stays behind
    skip_why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Everything behind one link, in its order, with what cannot be fetched and with what comes twice."""

    ref: SourceRef  # of a short link: what it led to
    title: str
    owner: str | None  # artist of a track or an album, owner of a playlist
    cover_url: str | None
    total: int | None  # entries, as the far side says
    complete: bool
    why_incomplete: str | None  # also where it is complete and was read another way than it was asked
    via: Via
    songs: tuple[Found, ...]
