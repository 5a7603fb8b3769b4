"""One run: a stage carried out once over a track. State, progress, why it failed."""

from sfa.runs.store import Run, cancel, of_tracks, retry

__all__ = ["Run", "cancel", "of_tracks", "retry"]
