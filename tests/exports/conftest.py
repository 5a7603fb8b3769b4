from tests.web.conftest import address, site  # noqa: F401 - fixtures
