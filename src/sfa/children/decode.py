"""Child: reads one file of sound to its end, to see that it is whole. `python -m sfa.children.decode`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from sfa.children.protocol import CannotDo, Report, serve
from sfa.sound import BadSound, verify


def decode(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Facts of the file, and `pcm_sha256`, the hash of its samples as raw float32 of one or two channels."""
    try:
        facts, digest = verify(Path(request["source"]), name=request["name"], report=report)
    except BadSound as error:
        raise CannotDo(error.code, str(error), error.fix) from error
    return asdict(facts) | {"pcm_sha256": digest}


if __name__ == "__main__":
    serve(decode)
