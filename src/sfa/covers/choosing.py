"""A picture that a person sent becomes a cover: drawn anew by a child, since this process answers pages."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from sfa.children.supervise import Child, Limits
from sfa.covers.store import Made
from sfa.errors import ChildFailed, Refused

log = structlog.get_logger()

_PROGRAM = "sfa.children.picture"
_LIMITS = Limits(timeout_s=60, stall_s=60, memory_mb=1500)
_hands = asyncio.Semaphore(2)  # each takes a core for a moment


async def redrawn(source: Path, folder: Path) -> Made:
    """The picture in `source`, as a cover in `folder`.

    Raises
    ------
    Refused
        When it is no picture, or one that cannot be read.
    """
    async with _hands:
        try:
            child = await Child.start(_PROGRAM, {})
            try:
                told = await child.ask({"source": str(source), "work": str(folder)}, _nobody_looks, _LIMITS)
            finally:
                await asyncio.shield(child.end())
        except ChildFailed as error:
            log.warning("cover.not_drawn", reason=str(error), evidence=error.evidence[-500:])
            raise Refused("The picture could not be read.", fix="Export it again, as a JPEG.") from error
    return Made.of(told)


async def _nobody_looks(_done: float, _note: str) -> None:
    return
