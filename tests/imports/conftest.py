"""A site on a real socket, as the tests of the pages have it."""

from tests.web.conftest import address, site

__all__ = ["address", "site"]
