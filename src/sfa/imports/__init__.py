"""From a link to tracks: what it holds, and what of it is wanted."""

from sfa.imports.store import (
    Entry,
    Import,
    ask,
    ask_again,
    cover,
    entries,
    forget,
    import_by_id,
    newest,
    take,
)

__all__ = [
    "Entry",
    "Import",
    "ask",
    "ask_again",
    "cover",
    "entries",
    "forget",
    "import_by_id",
    "newest",
    "take",
]
