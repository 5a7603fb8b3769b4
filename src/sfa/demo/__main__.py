"""`python -m sfa.demo FILE`: play the demo song into a .flac or .wav file."""

from __future__ import annotations

import sys
from pathlib import Path

from sfa.demo.studio import write

if __name__ == "__main__":
    write(Path(sys.argv[1]))
