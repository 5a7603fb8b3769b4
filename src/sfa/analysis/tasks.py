"""The stages that read: the mix beside its separation, the stems once they are there."""

from __future__ import annotations

from procrastinate import JobContext

from sfa import library, media, separation
from sfa.analysis.put import put_readings, put_stem_readings
from sfa.queue import app
from sfa.runs.work import scratch_of, work
from sfa.sql import Conn

PROGRAM = "sfa.children.analyse"
_CURVES = "curves.bin"


@app.task(name="analysis.analyse", pass_context=True)
async def analyse(context: JobContext, *, run_id: int) -> None:
    """Replace the readings of the run's track."""
    async with work(context, run_id) as job:
        if job is None:
            return
        track = job.start.track_id
        source = await job.read(lambda conn: library.source_of_track(conn, track))
        scratch = scratch_of(job, "analyse")
        path = media.blob(job.settings, str(source.sha256))
        result = await job.ask(
            PROGRAM, {"what": "mix", "source": str(path), "name": source.file_name, "work": str(scratch)}
        )

        async def write(conn: Conn) -> None:
            await put_readings(conn, track, result, scratch / _CURVES, run_id=run_id)

        await job.finish(write)


@app.task(name="analysis.analyse_stems", pass_context=True)
async def analyse_stems(context: JobContext, *, run_id: int) -> None:
    """Replace the readings of the stems that this run follows."""
    async with work(context, run_id) as job:
        if job is None:
            return
        stems = await job.read(lambda conn: separation.stems_of_run(conn, run_id))
        scratch = scratch_of(job, "analyse")
        files = [{"name": stem.name, "path": str(media.blob(job.settings, stem.sha256))} for stem in stems]
        result = await job.ask(PROGRAM, {"what": "stems", "stems": files, "work": str(scratch)})

        async def write(conn: Conn) -> None:
            await put_stem_readings(conn, stems, result, scratch / _CURVES)

        await job.finish(write)
