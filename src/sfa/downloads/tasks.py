"""The stage `fetch`: from a track that is only a link to its sound."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from procrastinate import JobContext

from sfa import media
from sfa.downloads import downloader, match, store
from sfa.downloads.downloader import YOUTUBE, is_youtube
from sfa.downloads.match import Candidate, Judged
from sfa.downloads.store import Wanted
from sfa.errors import Refused
from sfa.library import store as tracks
from sfa.library.tasks import PROGRAM as DECODE
from sfa.queue import app
from sfa.runs.work import Work, scratch_of, work
from sfa.sql import Conn
from sfa.web.words import day

log = structlog.get_logger()

_FORMAT = "opus"  # what YouTube keeps music in at its best; where it has another form that stays as it is
_LEAST_BYTES = 10_000
_PROVIDERS = ("youtube-music", "youtube")  # the second is asked where the first has nothing without doubt
_TRIES = 3  # places that a song is fetched from, when one after the other turns out not to play it
# What is wrong with one place, and says nothing of the next.
_OF_THE_PLACE = frozenset(
    {"source_private", "source_removed", "source_region", "source_age", "live_stream", "no_sound"}
    | {"protected", "too_large", "truncated", "match_doubtful"}
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was listened to and is the song."""

    file: media.Incoming
    url: str
    provider: str
    title: str
    duration_ms: int


@app.task(name="downloads.fetch", pass_context=True)
async def fetch(context: JobContext, *, run_id: int) -> None:
    """Find the sound of a track, or take the one that a person has chosen, and make it the track's file."""
    async with work(context, run_id) as job:
        if job is None:
            return
        wanted = await job.read(lambda conn: store.wanted(conn, job.start.track_id))
        if wanted.is_there:
            await job.finish(_nothing)
            return
        try:
            if not await _has_to_wait(job, wanted):
                fetched = await _fetched(job, wanted)
                await job.finish(lambda conn: _put(conn, job, wanted, fetched))
        except Refused as error:
            if "retry_at" not in error.facts:
                raise
            await _close(job, error)


async def _nothing(_: Conn) -> None:
    return


async def _has_to_wait(job: Work, wanted: Wanted) -> bool:
    if not is_youtube(wanted.place):
        return False
    until = await job.read(lambda conn: store.closed_until(conn, YOUTUBE))
    if until is not None:
        await job.later(until, f"YouTube asks for a pause until {day(until)}.")
    return until is not None


async def _close(job: Work, error: Refused) -> None:
    until: Any = error.facts["retry_at"]
    await job.read(lambda conn: store.close(conn, YOUTUBE, until=until, code=error.code, why=str(error)))
    await job.later(until, f"YouTube asks for a pause until {day(until)}.")


async def _fetched(job: Work, wanted: Wanted) -> Fetched:
    if wanted.place is not None:
        return await _fetched_from(job, wanted, wanted.place)
    judged = await _found(job, wanted)
    sure = [one.candidate for one in judged if one.doubt is None]
    refused: Refused | None = None
    for candidate in sure[:_TRIES]:
        try:
            return await _fetched_from(job, wanted, candidate.url, candidate)
        except Refused as error:
            if error.code not in _OF_THE_PLACE:
                raise
            refused = refused or error
            put = partial(store.put_doubt, track_id=wanted.id, url=candidate.url, doubt=str(error))
            await job.keep(put)
    if refused is not None:
        raise refused
    if judged:
        raise _doubtful(wanted, judged[0].candidate, judged[0].doubt or "")
    raise Refused(
        f"Nothing was found that could be {wanted.name}.",
        code="no_match",
        fix="Give a link to it, or add a file of your own.",
    )


async def _found(job: Work, wanted: Wanted) -> list[Judged]:
    """The candidates, and kept, so that a person may choose."""
    found: dict[str, Candidate] = {}
    judged: list[Judged] = []
    for provider in _PROVIDERS:
        answer = await downloader.ask(
            job.ask, job.settings, scratch_of(job, "home"), name=wanted.name,
            do="find", song=wanted.song, provider=provider,
        )  # fmt: skip
        for one in answer["candidates"]:
            # A video has one address on YouTube and another on YouTube Music.
            found.setdefault(one["url"].rpartition("v=")[2], Candidate(**one))
        judged = match.judge(wanted.asked, found.values())
        if judged and judged[0].doubt is None:
            break
    await job.keep(lambda conn: store.put_candidates(conn, wanted.id, judged))
    return judged


async def _fetched_from(job: Work, wanted: Wanted, url: str, found: Candidate | None = None) -> Fetched:
    """What is at a place, once it was listened to. Without `found` a person says that it is there."""
    out = scratch_of(job, "out")
    knows_best = wanted.source == "web" and wanted.sound_url is None  # the file, about its title
    how = {"do": "fetch", "format": _FORMAT} if is_youtube(url) else {"do": "take"}
    answer = await downloader.ask(
        job.ask, job.settings, scratch_of(job, "home"), name=wanted.name,
        url=url, out=str(out), song=None if knows_best else wanted.song, **how,
    )  # fmt: skip
    log.info("sound.fetched", url=url, bytes=answer["bytes"], **answer["versions"])
    path = Path(answer["path"])
    if answer["bytes"] < _LEAST_BYTES:
        raise Refused(
            f"What came for {wanted.name} has {answer['bytes']} bytes; that is no song.",
            code="truncated",
            fix="Choose another source for it, or give a link to one.",
        )
    facts = await job.ask(DECODE, {"source": str(path), "name": wanted.name})
    duration_ms = 1000 * facts["duration_s"]
    if found is not None and not match.is_as_long(wanted.asked, duration_ms):
        raise _doubtful(wanted, found, f"What came lasts {match.clock(duration_ms)}.")
    sha256 = await asyncio.to_thread(media.digest_of, path)
    return Fetched(
        media.Incoming(path, answer["bytes"], sha256),
        url,
        found.provider if found else answer["provider"] or "web",
        answer["title"] or wanted.title,
        round(duration_ms),
    )


def _doubtful(wanted: Wanted, found: Candidate, why: str) -> Refused:
    return Refused(
        match.both(wanted.asked, found, why),
        code="match_doubtful",
        fix="Listen to what was found and choose, or give a link to the song.",
    )


async def _put(conn: Conn, job: Work, wanted: Wanted, fetched: Fetched) -> None:
    file = fetched.file
    source = await tracks.source_of_track(conn, wanted.id)
    if title := await tracks.other_track_of_file(conn, source, sha256=file.sha256):
        raise Refused(
            f"{wanted.name} is in the library already, as “{title}”: the same file came for both.",
            fix="Look at that one; this one can be deleted.",
        )
    await tracks.copied(conn, wanted.id, bytes=file.bytes, sha256=file.sha256)
    await store.taken(
        conn,
        wanted.id,
        url=fetched.url,
        provider=fetched.provider,
        title=fetched.title,
        duration_ms=fetched.duration_ms,
        file_name=_with_ending(wanted.file_name, file.path.suffix),
    )
    media.keep(job.settings, file.path, sha256=file.sha256, bytes=file.bytes)


def _with_ending(name: str, ending: str) -> str:
    return name if name.lower().endswith(ending.lower()) else name[: 255 - len(ending)] + ending
