"""Tracks: what the other rooms hang their rows on."""

from sfa.library.store import (
    SourceFile,
    Track,
    count_tracks,
    newest_tracks,
    sound_of_track,
    source_of_track,
    total_length_s,
    track_by_id,
    track_of_file,
    tracks_by_ids,
)
from sfa.library.take_in import (
    DEFAULT_MODEL,
    TakenIn,
    Wish,
    forge_again,
    shown_file_name,
    take_in,
)

__all__ = [
    "DEFAULT_MODEL",
    "SourceFile",
    "TakenIn",
    "Track",
    "Wish",
    "count_tracks",
    "forge_again",
    "newest_tracks",
    "shown_file_name",
    "sound_of_track",
    "source_of_track",
    "take_in",
    "total_length_s",
    "track_by_id",
    "track_of_file",
    "tracks_by_ids",
]
