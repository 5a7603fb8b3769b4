"""Housekeeping, once a night. It also keeps procrastinate's watch over its own listener going:
without a periodic task a worker would live on deaf after the server was away."""

from __future__ import annotations

from procrastinate import JobContext

from sfa import db
from sfa.queue import app
from sfa.runs import store
from sfa.runs.sweep import sweep
from sfa.runs.work import Tools


@app.periodic(cron="17 3 * * *")
@app.task(name="runs.tidy", queue="analysis", pass_context=True)
async def tidy(context: JobContext, timestamp: int) -> None:
    """Forget old jobs, and remove what died processes left on disk."""
    tools: Tools = context.additional_context["tools"]
    async with db.transaction(tools.pool) as conn:
        await store.purge(conn)
    await sweep(tools.settings, tools.pool)
