"""The database: the one that is used now, or a trial of the one that would be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from sfa.cli.doctor.finding import Finding
from sfa.errors import SfaError
from sfa.pg import OLDEST, EmbeddedPostgres, every_program
from sfa.settings import Settings
from sfa.supervise.owner import Owned, owning, shown


def postgres(settings: Settings) -> Iterator[Finding]:
    running = shown(settings.data)
    if settings.database_url is not None:
        yield from _look_at(settings.database_url, "DATABASE_URL")
    elif running is not None and running.database_url is not None:
        where = f" at {running.web}" if running.web else ", without a page"
        yield from _look_at(running.database_url, f"embedded; the studio is running{where}")
    elif not every_program():
        yield Finding(
            "PostgreSQL", "missing", f"no release from {OLDEST} on is here", "./sfa setup", essential=True
        )
    else:
        try:
            yield from _try_out(settings)
        except (SfaError, OSError) as error:
            fix = getattr(error, "fix", "") or "./sfa up says more"
            yield Finding("PostgreSQL", "missing", f"{error}", fix, essential=True)


def _try_out(settings: Settings) -> Iterator[Finding]:
    """Start the studio's own, if nobody is at it; else, or if there is none yet, a throw-away one."""
    if (settings.data / "pg" / "PG_VERSION").exists():
        try:
            with owning(settings.data, headless=True):
                yield from _started(EmbeddedPostgres(settings.data), "embedded, not running")
        except Owned:
            yield Finding("PostgreSQL", "warn", "the studio is just starting or ending", "./sfa doctor")
        return
    with tempfile.TemporaryDirectory(prefix="sfa-doctor-", ignore_cleanup_errors=True) as folder:
        trial = EmbeddedPostgres(Path(folder), durable=False)
        for finding in _started(trial, "embedded, not used yet; a throw-away one runs"):
            if finding.name == "PostgreSQL":
                yield finding


def _started(server: EmbeddedPostgres, how: str) -> Iterator[Finding]:
    try:
        yield from _look_at(server.start(), how)
    finally:
        server.stop()


def _look_at(url: str, how: str) -> Iterator[Finding]:
    from sfa.migrate import pending

    try:
        with psycopg.connect(url, connect_timeout=5, application_name="sfa doctor") as conn:
            release, exact = conn.info.server_version // 10000, conn.execute("show server_version").fetchone()
    except psycopg.Error as error:
        said = f"{how}: {str(error).strip().splitlines()[0]}"  # then come questions about the server
        yield Finding(
            "PostgreSQL", "missing", said, "Start that server, or unset DATABASE_URL", essential=True
        )
        return
    if release < OLDEST:
        said = f"{how}: {release}, and {OLDEST} or later is needed"
        yield Finding(
            "PostgreSQL", "missing", said, "unset DATABASE_URL uses the embedded one", essential=True
        )
        return
    yield Finding("PostgreSQL", "ok", f"{exact[0] if exact else release}, {how}")
    try:
        missing = pending(url)
    except SfaError as error:
        yield Finding("migrations", "missing", f"{error}", error.fix, essential=True)
        return
    if missing:
        yield Finding("migrations", "warn", f"{len(missing)} to be applied", "./sfa migrate")
    else:
        yield Finding("migrations", "ok", "up to date")
