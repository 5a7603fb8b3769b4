from __future__ import annotations

from tests.web.conftest import address, site

__all__ = ["address", "site"]
