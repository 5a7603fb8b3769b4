"""What a person did, one undo for everything: acts, and the journal of the rows that each of them changed."""

from sfa.acts.store import Act, act_by_id, begin, forget_old, newest, say, undo

__all__ = ["Act", "act_by_id", "begin", "forget_old", "newest", "say", "undo"]
