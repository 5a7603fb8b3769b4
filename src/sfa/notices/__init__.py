"""What a person may want to know when they come back: what was finished, and what went wrong."""

from sfa.notices.store import Notice, count_unseen, forget_old, newest, see, see_track

__all__ = ["Notice", "count_unseen", "forget_old", "newest", "see", "see_track"]
