"""Who owns what."""

from sfa.accounts.store import owner_id

__all__ = ["owner_id"]
