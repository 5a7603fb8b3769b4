"""A file of the command line becomes a track with work to do, or is found to be one already."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sfa import library, media, runs, separation
from sfa.cli.forge import files, song
from sfa.cli.forge.song import Order, Song
from sfa.cli.forge.studio import in_thread
from sfa.library import DEFAULT_MODEL, track_of_file
from sfa.separators import models
from sfa.settings import Settings
from sfa.sql import Conn


@dataclass(frozen=True, slots=True)
class Wanted:
    """The same for every file of a command."""

    model: str | None
    stems: tuple[str, ...] | None
    priority: int


@dataclass(slots=True)
class Arrived:
    """A file that lies in a scratch folder until it is published."""

    name: str
    copy: Callable[[], media.Incoming]
    file: media.Incoming

    async def whole(self) -> media.Incoming:
        if not self.file.path.exists():  # it was published, and then the answer to the commit was lost
            self.file = await in_thread(self.copy)
        return self.file


def _make_demo(folder: Path) -> str:
    from sfa import demo  # brings scipy along, which takes a second

    return str(demo.write(folder / song.DEMO_NAME))


@asynccontextmanager
async def arrived(settings: Settings, one: Song, told: Callable[[float], bool]) -> AsyncIterator[Arrived]:
    """Copy the file of a song in, as the user who gave the command.

    Raises
    ------
    Refused
        When it cannot be read or kept.
    Interrupted
        When `told` says that nobody wants it any more.
    """
    with media.arriving(settings) as folder:

        def copy() -> media.Incoming:
            given = one.given or _make_demo(folder)
            return files.copy(given, folder, limit=settings.max_upload_bytes, told=told, pipe=one.pipe)

        yield Arrived(one.name, copy, await in_thread(copy))


async def put(
    conn: Conn, settings: Settings, account_id: UUID, one: Song, arrival: Arrived, wanted: Wanted
) -> Order:
    """Put a song into the library and ask for its work, in one transaction. What is there already stays.

    Raises
    ------
    Refused
        When the same model is at work on this track for other stems.
    """
    file = await arrival.whole()
    async with conn.transaction():
        known = await track_of_file(conn, account_id=account_id, sha256=file.sha256)
        was_moving = known is not None and not song.have_ended((await runs.of_tracks(conn, [known]))[known])
        model = wanted.model
        if model is None and known is not None and await _can_be_bettered(conn, settings, account_id, known):
            model = DEFAULT_MODEL
        taken = await library.take_in(
            conn,
            settings,
            account_id=account_id,
            file=file,
            file_name=arrival.name,
            wish=library.Wish(model, wanted.stems, wanted.priority, "file" if one.given else "demo"),
        )
        track_id = taken.track_id
        found = (await runs.of_tracks(conn, [track_id]))[track_id]
        made = await separation.separations_of_track(conn, account_id=account_id, track_id=track_id)
    order = Order(model or DEFAULT_MODEL, wanted.stems, fallback=model is None)
    one.track_id, one.is_new, one.model = track_id, taken.is_new, order.model
    one.answer = order.answer(made, found)
    one.runs = song.asked_for(found, one.model, one.answer)
    one.asked = taken.is_new or (known is not None and not was_moving and not song.have_ended(one.runs))
    return order


async def _can_be_bettered(conn: Conn, settings: Settings, account_id: UUID, track_id: UUID) -> bool:
    """Whether a stand-in made the stems of a track for want of weights that have come since."""
    made = await separation.separations_of_track(conn, account_id=account_id, track_id=track_id)
    mine = [one for one in made if one.model == DEFAULT_MODEL]
    if (
        not mine
        or any(one.ran == DEFAULT_MODEL for one in mine)
        or importlib.util.find_spec("demucs") is None
    ):
        return False
    weights = models.find(models.model(DEFAULT_MODEL, settings.models_dir), settings.models_dir)
    every = (await runs.of_tracks(conn, [track_id]))[track_id]
    ended = [run.finished_at for run in every if run.variant == DEFAULT_MODEL and run.stage == "separation"]
    if weights is None or not ended or ended[-1] is None:
        return False
    return max(file.stat().st_mtime for file in weights.files) > ended[-1].timestamp()
