"""Everything that leaves the studio: stems, mixes and readings as files for other programs."""
