"""From a mix to its stems: what was asked, what ran, what came of it."""

from sfa.separation.store import (
    Separation,
    Stem,
    StemFile,
    separations_of_track,
    stem_by_id,
    stems_of_run,
    stems_of_track,
)

__all__ = [
    "Separation",
    "Stem",
    "StemFile",
    "separations_of_track",
    "stem_by_id",
    "stems_of_run",
    "stems_of_track",
]
