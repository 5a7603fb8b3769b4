"""A picture of each track: out of its file, or chosen by a person."""

from sfa.covers.choosing import redrawn
from sfa.covers.store import Cover, Made, choose, covers_of_tracks, drop, put_found, title_of_track

__all__ = [
    "Cover",
    "Made",
    "choose",
    "covers_of_tracks",
    "drop",
    "put_found",
    "redrawn",
    "title_of_track",
]
