"""`python -m sfa`: what ./sfa hands over to."""

from __future__ import annotations

import sys

try:
    from sfa.cli import main

    sys.exit(main())
except KeyboardInterrupt:  # while it was being imported
    sys.exit(130)
