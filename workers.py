"""The worker process: `python workers.py [download] [processing] [analysis]`, with DATABASE_URL set.

SIGTERM or SIGINT: no new work; what is in hand has SFA_GRACE_S seconds to end,
then it is handed back. A second signal hands it back at once.
"""

from __future__ import annotations

import asyncio
import sys

from sfa import log
from sfa.errors import SfaError
from sfa.runs import worker
from sfa.settings import Settings


def main(queues: list[str]) -> None:
    settings = Settings.from_env()
    log.set_up(settings.log_format)
    asyncio.run(worker.run(settings, queues))


if __name__ == "__main__":
    try:
        main(sys.argv[1:] or ["download", "processing", "analysis"])
    except SfaError as error:
        sys.exit(f"{error} {error.fix}".strip())
