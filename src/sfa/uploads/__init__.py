"""Files that come in parts, and go on where they were interrupted."""

from sfa.uploads.store import Upload

__all__ = ["Upload"]
