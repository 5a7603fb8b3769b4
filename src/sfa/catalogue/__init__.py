"""The library as it is found: search, filters, order, tags, the trash."""

from sfa.catalogue.filters import Chip, Filter, parse
from sfa.catalogue.store import (
    Counts,
    Description,
    DescriptionClash,
    Found,
    Tag,
    TagOfTrack,
    counts,
    description,
    every_match,
    find,
    tags,
    tags_of_tracks,
)

__all__ = [
    "Chip",
    "Counts",
    "Description",
    "DescriptionClash",
    "Filter",
    "Found",
    "Tag",
    "TagOfTrack",
    "counts",
    "description",
    "every_match",
    "find",
    "parse",
    "tags",
    "tags_of_tracks",
]
