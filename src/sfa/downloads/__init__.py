"""From a link to sound: where it may be had, which of that is the song, and the file."""

from sfa.downloads.downloader import YOUTUBE, look
from sfa.downloads.store import Place, candidates_of_track, choose, close, closed_until

__all__ = ["YOUTUBE", "Place", "candidates_of_track", "choose", "close", "closed_until", "look"]
