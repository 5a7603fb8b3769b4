"""Housekeeping of the library, once a night, before what is left of it on disk is swept."""

from __future__ import annotations

from procrastinate import JobContext

from sfa import db
from sfa.catalogue import store
from sfa.queue import app
from sfa.runs.work import Tools


@app.periodic(cron="7 3 * * *")
@app.task(name="catalogue.empty_trash", queue="analysis", pass_context=True)
async def empty_trash(context: JobContext, timestamp: int) -> None:
    """Delete for good what was thrown away long enough ago."""
    tools: Tools = context.additional_context["tools"]
    async with db.transaction(tools.pool) as conn:
        await store.purge_expired(conn, days=tools.settings.trash_days)
