"""Titles as names of files, on every system; and what a file says about itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sfa.library import Track
from sfa.separation import Separation, Stem

_LONGEST_BYTES = 160  # of a name; file systems take 255, and a number or an ending may follow
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # names of devices on Windows


def safe_name(text: str) -> str:
    """A title as the name of one file or folder, on every file system: never a path, never hidden."""
    text = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter
        for letter in unicodedata.normalize("NFC", text)
    )
    text = " ".join(_FORBIDDEN.sub("_", text).split()).lstrip(". ")
    while len(text.encode()) > _LONGEST_BYTES:
        text = text[:-1]
    text = text.rstrip(". ") or "untitled"
    return f"_{text}" if _RESERVED.match(text) else text


def song_name(track: Track) -> str:
    """Artist and title as one safe name."""
    return safe_name(f"{track.artist} - {track.title}" if track.artist else track.title)


def distinct(names: Iterable[str]) -> list[str]:
    """Safe names of which no two are one file on a system that does not tell A from a."""
    taken: set[str] = set()
    made = []
    for name in map(safe_name, names):
        number, free = 1, name
        while free.casefold() in taken:
            number += 1
            free = f"{name} ({number})"
        taken.add(free.casefold())
        made.append(free)
    return made


def mark(track: Track, made: Separation) -> str:
    """Says of a file which stems of which song it holds."""
    return f"{track.id}/{made.run_id}"


def tags_of_stem(track: Track, made: Separation, stem: Stem) -> dict[str, str | None]:
    """Tags of a stem as a file of its own."""
    return _tags(track, made, f"{track.title} ({stem.name})", f"{stem.name} by")


def tags_of_mix(track: Track, made: Separation, what: str) -> dict[str, str | None]:
    """Tags of stems put together again; `what` they are: "own mix", "stem file"."""
    return _tags(track, made, f"{track.title} ({what})", f"{what} of stems by")


def _tags(track: Track, made: Separation, title: str, what: str) -> dict[str, str | None]:
    rough = " (quick, rough)" if made.engine == "quick" else ""
    return {
        "title": title,
        "artist": track.artist,
        "album": track.album,
        "comment": f"{what} {made.ran}{rough}; {mark(track, made)}",
    }
