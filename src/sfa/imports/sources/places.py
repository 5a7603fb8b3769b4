"""What the downloader says of a link that is not Spotify's: a video, a list of them, a file, a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sfa.errors import CODES
from sfa.imports.found import Collection, Found
from sfa.library.recognise import SourceRef, recognise_one
from sfa.names import clean

MOST = 500  # entries of a list that are asked for


def collection_of(ref: SourceRef, told: Mapping[str, Any]) -> Collection:
    """An answer of `children/fetch.py` to `look`, as what a link holds."""
    title = clean(told["title"] or "", 500) or ref.url
    owner = clean(told["uploader"] or "", 500)
    if told["kind"] == "track":
        song = _song(1, told, ref)
        return _collection(ref, title, owner, told, 1, (song,))
    songs = tuple(_song(n, entry, None) for n, entry in enumerate(told["entries"], 1))
    return _collection(ref, title, owner, told, told["total"] or len(songs), songs)


def _collection(
    ref: SourceRef,
    title: str,
    owner: str | None,
    told: Mapping[str, Any],
    total: int,
    songs: tuple[Found, ...],
) -> Collection:
    complete = total <= len(songs)
    return Collection(
        ref=ref,
        title=title,
        owner=owner,
        cover_url=told["thumbnail"],
        total=total,
        complete=complete,
        why_incomplete=None if complete else f"Of {total:,} entries the first {len(songs):,} are shown here.",
        via="page",
        songs=songs,
    )


def _song(position: int, told: Mapping[str, Any], ref: SourceRef | None) -> Found:
    """`ref` is the link itself, where it leads to one song and to nothing else."""
    ref = ref or recognise_one(str(told["url"] or "")).ref
    code = told.get("code") or (None if ref else "not_music")
    uploader = clean(told["uploader"] or "", 500)
    return Found(
        position=position,
        source=ref.source if ref else "web",
        ref_id=ref.id if ref else None,
        url=ref.url if ref else None,
        title=clean(told["title"] or "", 500) or "Untitled",
        artists=(uploader,) if uploader else (),
        duration_ms=told["duration_ms"],
        cover_url=told["thumbnail"],
        skip_code=code,
        skip_why=CODES[code].meaning if code else None,
    )
