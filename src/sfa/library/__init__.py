"""Tracks: what the other rooms hang their rows on."""

from sfa.library.recognise import Pasted, Recognised, SourceRef
from sfa.library.store import (
    KnownFile,
    SourceFile,
    Track,
    count_tracks,
    sound_of_track,
    source_of_track,
    track_by_id,
    track_of_file,
    tracks_by_ids,
    tracks_in_trash,
    tracks_of_files,
)
from sfa.library.take_in import (
    DEFAULT_MODEL,
    TakenIn,
    Wish,
    forge_again,
    separate_again,
    shown_file_name,
    take_in,
)

__all__ = [
    "DEFAULT_MODEL",
    "KnownFile",
    "Pasted",
    "Recognised",
    "SourceFile",
    "SourceRef",
    "TakenIn",
    "Track",
    "Wish",
    "count_tracks",
    "forge_again",
    "separate_again",
    "shown_file_name",
    "sound_of_track",
    "source_of_track",
    "take_in",
    "track_by_id",
    "track_of_file",
    "tracks_by_ids",
    "tracks_in_trash",
    "tracks_of_files",
]
