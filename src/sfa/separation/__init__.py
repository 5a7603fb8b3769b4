"""From a mix to its stems: what was asked, what ran, what came of it."""

from sfa.separation.store import (
    Separation,
    Stem,
    StemFile,
    StemSound,
    separations_of_track,
    sound_of_stem,
    stem_by_id,
    stems_of_run,
    stems_of_track,
)

__all__ = [
    "Separation",
    "Stem",
    "StemFile",
    "StemSound",
    "separations_of_track",
    "sound_of_stem",
    "stem_by_id",
    "stems_of_run",
    "stems_of_track",
]
