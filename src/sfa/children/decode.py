"""Child: reads one file of sound to its end, to see that it is whole. `python -m sfa.children.decode`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from sfa.children.picture import told
from sfa.children.protocol import CannotDo, Report, serve
from sfa.sound import BadSound, verify
from sfa.sound.attached import Attached, attached


def decode(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Facts of the file, and `pcm_sha256`, the hash of its samples as raw float32 of one or two channels.

    With a folder `work`: also what the file carries besides, its cover as a file in there.
    """
    source = Path(request["source"])
    try:
        facts, digest = verify(source, name=request["name"], report=report)
    except BadSound as error:
        raise CannotDo(error.code, str(error), error.fix) from error
    besides = attached(source, Path(request["work"])) if "work" in request else Attached()
    return asdict(facts) | {
        "pcm_sha256": digest,
        "year": besides.year,
        "genre": besides.genre,
        "cover": told(besides.cover) if besides.cover else None,
        "cover_left_out": besides.left_out,
    }


if __name__ == "__main__":
    serve(decode)
