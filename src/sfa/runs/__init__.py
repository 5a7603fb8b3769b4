"""One run: a stage carried out once over a track. State, progress, why it failed."""

from sfa.runs.forecast import eta_s
from sfa.runs.store import Run, cancel, of_tracks, retry

__all__ = ["Run", "cancel", "eta_s", "of_tracks", "retry"]
