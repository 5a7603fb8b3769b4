"""Tracks: what the other rooms hang their rows on."""

from sfa.library.store import Track, count_tracks, newest_tracks, source_of_track, track_by_id
from sfa.library.take_in import TakenIn, Wish, shown_file_name, take_in

__all__ = [
    "TakenIn",
    "Track",
    "Wish",
    "count_tracks",
    "newest_tracks",
    "shown_file_name",
    "source_of_track",
    "take_in",
    "track_by_id",
]
