"""What is compressed on its way to a browser, and what is not."""

from __future__ import annotations

import httpx
import pytest

from sfa.web.templates import STATIC, STATIC_URL

GZIP = {"Accept-Encoding": "gzip, br"}
PLAIN = {"Accept-Encoding": "identity"}


async def raw(site, path, headers) -> tuple[httpx.Headers, bytes]:
    """As it came over the wire."""
    async with site.stream("GET", path, headers=headers) as answer:
        return answer.headers, b"".join([piece async for piece in answer.aiter_raw()])


@pytest.mark.parametrize("path", ["/library", f"{STATIC_URL}/css/base.css"])
async def test_text_is_small_for_a_browser_that_asks_and_the_same_for_another(site, path):
    headers, small = await raw(site, path, GZIP)
    assert headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in headers["vary"]
    assert int(headers["content-length"]) == len(small)
    headers, large = await raw(site, path, PLAIN)
    assert "content-encoding" not in headers
    assert len(small) < len(large) / 2
    assert len((await site.get(path, headers=GZIP)).content) == pytest.approx(len(large), abs=20)


async def test_what_would_not_shrink_and_what_is_no_page_goes_as_it_is(site):
    font = "vendor/plex-5.3.0/ibm-plex-sans-latin-400-normal.woff2"
    headers, body = await raw(site, f"{STATIC_URL}/{font}", GZIP)
    assert "content-encoding" not in headers
    assert headers["content-type"] == "font/woff2"
    assert body == (STATIC / font).read_bytes()
    async with site.stream("GET", "/events", headers=GZIP) as stream:
        assert "content-encoding" not in stream.headers
        assert await anext(stream.aiter_raw())


async def test_every_module_has_the_type_that_browsers_ask_of_one(site):
    for file in ("js/shell.js", "js/engine/deck.js"):
        headers, _ = await raw(site, f"{STATIC_URL}/{file}", PLAIN)
        assert headers["content-type"].startswith("text/javascript")
