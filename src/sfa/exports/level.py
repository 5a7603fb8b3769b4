"""How loud a mix becomes, told while it is being measured."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable
from typing import Any

from sfa.children.pour import Flow
from sfa.errors import ChildFailed, Refused
from sfa.exports.making import PROGRAM, Request

Level = dict[str, Any]
Render = Callable[..., str]

_EVERY_S = 0.25


def level_of(said: dict[str, Any]) -> Level:
    """What the child measured, with the distance to full scale in dB: by how much over, and under it."""
    peak = said["peak"]
    under_db = 20 * math.log10(peak) if 0 < peak <= 1 else 0.0
    return {"peak": peak, "at_s": said["at_s"], "by_db": said["by_db"], "under_db": under_db}


async def measured(order: Request) -> Level:
    """Have a mix measured. Raises as `Flow.open` does."""
    flow = await Flow.open(PROGRAM, order)
    await flow.end()
    return level_of(flow.said)


async def told(
    order: Request, render: Render, keep: Callable[[Level], str | None]
) -> AsyncGenerator[bytes, None]:
    """The same as server-sent events: how far it is, then the level, or why there is none.

    `render` makes the partial; `keep` hears the level and answers with the
    address under which a mix that is too loud can be had lower.
    """
    share = 0.0

    async def hear(done: float, _: str) -> None:
        nonlocal share
        share = done

    yield _event(render(share=share))
    working = asyncio.create_task(Flow.open(PROGRAM, order, hear))
    try:
        while not (await asyncio.wait({working}, timeout=_EVERY_S))[0]:
            yield _event(render(share=share))
        flow = working.result()
        await flow.end()
        level = level_of(flow.said)
        yield _event(render(level=level, offer=keep(level)))
    except (Refused, ChildFailed) as error:
        yield _event(render(wrong=error))
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def _event(partial: str) -> bytes:
    return "".join(f"data: {line}\n" for line in partial.splitlines()).encode() + b"\n"
