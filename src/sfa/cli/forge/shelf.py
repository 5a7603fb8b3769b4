"""Stems under names that people know, without copies: links to what the library keeps by its content."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from sfa import media
from sfa.cli.forge.export import folder_name
from sfa.cli.forge.result import Result
from sfa.exports.naming import safe_name
from sfa.settings import Settings


def shelve(settings: Settings, found: Result) -> dict[str, Path]:
    """Link the stems of one separation below `forged`; where each lies. Unlinked ones lie in the library."""
    if found.separation is None:
        return {}
    # Two songs may have one title, and one song several separations.
    song = f"{folder_name(found)} {str(found.track.id)[:8]}"
    folder = settings.forged / song / safe_name(found.separation.ran)
    return {
        stem.name: _link(media.blob(settings, stem.sha256), folder / f"{safe_name(stem.name)}.flac")
        for stem in found.stems
    }


def _link(content: Path, place: Path) -> Path:
    part = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(content, part)
        part.replace(place)
    except OSError:  # a file system without links, or no right to write: the names are a service, not a need
        return content
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)  # it stays when both were links to the same file already
    return place
