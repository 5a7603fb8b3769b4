"""Which way a link is read: by the keys of the studio where there are some, else by public pages."""

from __future__ import annotations

from dataclasses import replace

from sfa.errors import Refused
from sfa.imports.found import Collection
from sfa.imports.sources import embed, spotify
from sfa.imports.sources.asking import Pace
from sfa.imports.sources.keys import KeptInMemory, Keys, TokenCache
from sfa.imports.sources.short_links import follow
from sfa.library.recognise import SourceRef

# Spotify counts over all threads of a process together, so one pace is all of theirs.
_PACE = Pace()
_token = KeptInMemory()


def resolve(
    ref: SourceRef, *, keys: Keys | None = None, token: TokenCache = _token, pace: Pace = _PACE
) -> Collection:
    """Everything behind a link to Spotify.

    With keys the API gives playlists to their owners only, and its own ones to nobody; many of both are
    public pages nevertheless, so these are read instead, and `why_incomplete` says so.

    Raises
    ------
    Refused
        with the codes of imports; `retry_at` and `far_side` in its facts where that side wants a pause.
    """
    if ref.source != "spotify":
        raise ValueError(f"a {ref.kind} of {ref.source} is resolved by the downloads, not here")
    if ref.kind == "short":
        ref = follow(ref, pace=pace)
    if keys is None:
        return embed.resolve(ref, pace=pace)
    try:
        return spotify.resolve(ref, keys=keys, token=token, pace=pace)
    except Refused as refused:
        if ref.kind != "playlist" or refused.code not in ("playlist_withheld", "not_found_or_private"):
            raise
        return _by_its_page(ref, refused, pace)


def _by_its_page(ref: SourceRef, refused: Refused, pace: Pace) -> Collection:
    try:
        shown = embed.resolve(ref, pace=pace)
    except Refused as also:
        raise (refused if also.code in ("playlist_withheld", "not_found_or_private") else also) from also
    told = "Spotify keeps this playlist from applications, so its public page was read, without albums."
    return replace(shown, why_incomplete=" ".join(filter(None, (told, shown.why_incomplete))))
