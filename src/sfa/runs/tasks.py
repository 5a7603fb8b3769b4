"""Housekeeping, once a night. It also keeps procrastinate's watch over its own parts going, which ends
with the first of them: without a periodic task there is nothing to defer, and the deferrer ends at once."""

from __future__ import annotations

from procrastinate import JobContext

from sfa import acts, db, notices
from sfa.queue import app
from sfa.runs import store
from sfa.runs.sweep import sweep
from sfa.runs.work import Tools


@app.periodic(cron="17 3 * * *")
@app.task(name="runs.tidy", queue="analysis", pass_context=True)
async def tidy(context: JobContext, timestamp: int) -> None:
    """Forget old jobs and what was done long ago, and remove what died processes left on disk."""
    tools: Tools = context.additional_context["tools"]
    async with db.transaction(tools.pool) as conn:
        await store.purge(conn)
        await acts.forget_old(conn)
        await notices.forget_old(conn)
    await sweep(tools.settings, tools.pool)
