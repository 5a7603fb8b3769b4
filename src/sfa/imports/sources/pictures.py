"""The picture of what a link holds."""

from __future__ import annotations

import time
import urllib.request
from http.client import HTTPException
from pathlib import Path

from sfa.children import address
from sfa.errors import Refused
from sfa.imports.sources.asking import TIMEOUTS_S, USER_AGENT

_MOST_BYTES = 5 << 20
_MOST_SECONDS = 20.0


def fetched(url: str, folder: Path) -> Path:
    """The bytes at `url`, whatever they are, as a file in `folder`. Blocking.

    Raises
    ------
    Refused
        When the address is none that may be asked, or does not answer with a file of a decent size.
    """
    path, until = folder / "picture", time.monotonic() + _MOST_SECONDS
    request = urllib.request.Request(url, headers={"User-Agent": USER_AGENT})  # noqa: S310 - the opener looks
    try:
        with address.opener().open(request, timeout=TIMEOUTS_S[1]) as answer, path.open("wb") as file:
            while piece := answer.read(65_536):
                file.write(piece)
                if file.tell() > _MOST_BYTES or time.monotonic() > until:
                    raise Refused(f"The picture at {url} is too large.", code="upstream")
    except (address.AddressRefused, OSError, HTTPException) as error:
        raise Refused(f"The picture at {url} cannot be fetched.", code="network") from error
    return path
