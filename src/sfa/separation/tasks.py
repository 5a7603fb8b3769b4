"""The stage that splits a track into stems."""

from __future__ import annotations

import asyncio

from procrastinate import JobContext

from sfa import library, media
from sfa.queue import app
from sfa.runs.work import scratch_of, work
from sfa.separation import store
from sfa.sql import Conn

PROGRAM = "sfa.children.separate"


@app.task(name="separation.separate", pass_context=True)
async def separate(context: JobContext, *, run_id: int) -> None:
    """Replace the stems of this run and their pack; files and rows appear together."""
    async with work(context, run_id) as job:
        if job is None:
            return
        track = job.start.track_id
        source = await job.read(lambda conn: library.source_of_track(conn, track))
        request = await job.read(lambda conn: store.request_of_run(conn, run_id))
        out = scratch_of(job, "out")
        result = await job.ask(
            PROGRAM,
            {
                "source": str(media.blob(job.settings, str(source.sha256))),
                "name": source.file_name,
                "work": str(scratch_of(job, "separate")),
                "out": str(out),
                "model": request.model,
                "fallback": request.fallback,
                "stems": request.wanted,
                "models_dir": str(job.settings.models_dir),
                "device": job.settings.device,
            },
        )
        job.seconds.update(result["seconds"])
        await asyncio.to_thread(media.settle, out)  # the transaction then has little to wait for

        async def write(conn: Conn) -> None:
            await store.put_result(conn, request, result)
            for made in [*result["stems"], result["pack"]]:
                media.keep(job.settings, out / made["file"], sha256=made["sha256"], bytes=made["bytes"])

        await job.finish(write)
