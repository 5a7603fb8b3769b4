"""Reading what a far side has told: any field may be missing, or be something else than it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sfa.names import clean

Json = Mapping[str, Any]
_MOST = 2**31 - 1  # what a column of integers takes
_DATE = re.compile(r"(?!0000)\d{4}(-\d\d(-\d\d)?)?")


def table(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: object, longest: int = 500) -> str | None:
    """One line that can be shown, or None."""
    return clean(value, longest) if isinstance(value, str) else None


def whole(value: object) -> int | None:
    """A number of 1 or more, or None: none of ours begins at 0."""
    return value if type(value) is int and 0 < value <= _MOST else None


def date(value: object) -> str | None:
    """1979, 1979-11 or 1979-11-30, whatever time of the day may follow."""
    found = _DATE.match(value) if isinstance(value, str) else None
    return found[0] if found else None


def names(artists: object) -> tuple[str, ...]:
    """Of artists, in their order."""
    return tuple(filter(None, (text(table(artist).get("name")) for artist in rows(artists))))


def picture(images: object) -> str | None:
    """The largest of several addresses; lists come in any order, and some without sizes."""
    known = [image for image in map(table, rows(images)) if _is_https(image.get("url"))]
    return max(known, key=_side)["url"] if known else None


def joined(names: Iterable[str]) -> str | None:
    return ", ".join(names) or None


def _is_https(url: object) -> bool:
    return isinstance(url, str) and url.startswith("https://") and url.isprintable() and len(url) < 2000


def _side(image: Json) -> int:
    return max(whole(image.get(key)) or 0 for key in ("width", "height", "maxWidth", "maxHeight"))
