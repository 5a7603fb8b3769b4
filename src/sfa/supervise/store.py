"""What a supervisor and a command ask the database, each over a short connection of its own."""

from __future__ import annotations

import psycopg

from sfa.sql import One, Query, QueryFile

_sql = QueryFile("supervise")

_count_open_runs = _sql.value("count_open_runs")
_count_workers = _sql.value("count_workers")


def open_runs(conninfo: str) -> int:
    """Runs that wait for a worker or have one."""
    return _count(conninfo, _count_open_runs)


def live_workers(conninfo: str) -> int:
    return _count(conninfo, _count_workers)


def _count(conninfo: str, query: Query[One]) -> int:
    with psycopg.connect(conninfo, connect_timeout=5, application_name="sfa supervise") as conn:
        row = conn.execute(query.text).fetchone()
        return int(row[0]) if row else 0
