"""`python -m sfa`: what ./sfa hands over to."""

from __future__ import annotations

import sys

from sfa.cli import main

sys.exit(main())
