"""From a mix to its stems: what was asked, what ran, what came of it."""

from sfa.separation.store import (
    Pack,
    PackPart,
    Separation,
    Stem,
    StemFile,
    StemSound,
    choose,
    pack_of_run,
    part_of_pack,
    separations_of_track,
    sound_of_stem,
    stems_of_run,
    stems_of_track,
)

__all__ = [
    "Pack",
    "PackPart",
    "Separation",
    "Stem",
    "StemFile",
    "StemSound",
    "choose",
    "pack_of_run",
    "part_of_pack",
    "separations_of_track",
    "sound_of_stem",
    "stems_of_run",
    "stems_of_track",
]
