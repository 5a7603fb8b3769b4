"""What a person knows better than the readings: kept apart from them, above them wherever a song is shown."""

from sfa.corrections.rows import Corrections, Song
from sfa.corrections.store import Clash, correct, readings_of_track, restore, song_of

__all__ = ["Clash", "Corrections", "Song", "correct", "readings_of_track", "restore", "song_of"]
