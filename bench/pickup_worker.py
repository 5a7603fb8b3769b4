"""A worker of the studio with one task more: `python -m bench.pickup_worker FILE`.

The task's first line writes the run's number and the time. All else is the
real thing: the worker's own main, its queue, its lease, its sweeper.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TextIO

from bench.pickup import TASK
from sfa import log
from sfa.queue import app
from sfa.runs import worker
from sfa.settings import Settings

_marks: list[TextIO] = []


@app.task(name=TASK, queue="download")
async def mark(*, run_id: int) -> None:
    _marks[0].write(f"{run_id} {time.time():.6f}\n")


def main(marks: Path) -> None:
    settings = Settings.from_env()
    log.set_up(settings.log_format)
    with marks.open("a", buffering=1) as file:
        _marks.append(file)
        asyncio.run(worker.run(settings, ["download"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
