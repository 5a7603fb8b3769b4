"""What one command does between its studio and its end: files go in, runs are watched, results come out."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine
from uuid import UUID

from sfa import accounts, db, runs
from sfa.cli.forge import result, song, taking_in
from sfa.cli.forge.display import Display
from sfa.cli.forge.export import Place, cannot_export
from sfa.cli.forge.files import Interrupted
from sfa.cli.forge.result import Result
from sfa.cli.forge.shelf import shelve
from sfa.cli.forge.song import Order, Song, Trouble
from sfa.cli.forge.studio import Studio, in_thread
from sfa.cli.forge.taking_in import Arrived, Wanted
from sfa.errors import NotFound, SfaError
from sfa.sql import Conn

_FLOOR_S = 1.0  # a look at least so often, should a word get lost
_CEILING_S = 0.1  # and at most so often
_LEAVE_S = 10.0  # steps in hand have so long to stop
_CANCEL_S = 5.0
_ALONE_S = 10.0  # nobody took a job for so long: the workers are gone, not busy
_NOBODY = "No worker is there to take it."  # as look.runs says it


class Forging:
    """All songs of one command."""

    def __init__(
        self, studio: Studio, wanted: Wanted, place: Place | None, songs: list[Song], display: Display
    ) -> None:
        self._studio = studio
        self._wanted = wanted
        self._place = place
        self._songs = songs
        self._display = display
        self._orders: dict[Song, Order] = {}
        self._account: UUID | None = None
        self._stopping = asyncio.Event()
        self._one_export = asyncio.Semaphore(1)
        self._beside: set[asyncio.Task[None]] = set()
        self._alone_since: float | None = None

    @property
    def stopped(self) -> bool:
        return self._stopping.is_set()

    async def run(self) -> None:
        """Until every song has ended, or has been left.

        Raises
        ------
        SfaError
            When the studio is gone for good.
        """
        work = asyncio.create_task(self._take_and_watch())
        leaving = asyncio.create_task(self._leave_late())
        try:
            await asyncio.wait({work, leaving}, return_when=asyncio.FIRST_COMPLETED)
            for task in (work, *self._beside):
                if task.done():
                    task.result()
        finally:
            for task in (work, leaving, *self._beside):
                task.cancel()
            await asyncio.gather(work, leaving, *self._beside, return_exceptions=True)

    async def _take_and_watch(self) -> None:
        await asyncio.gather(self._take_all(), self._watch())

    def stop(self) -> None:
        """Take back what this command asked for; `run` returns soon after."""
        self._stopping.set()
        self._display.say("Stopping: what this command asked for is cancelled. Ctrl-C again leaves at once.")
        self._start(self._cancel_all())

    async def _take_all(self) -> None:
        for one in self._songs:
            if one.phase == song.WAITING and not self.stopped:
                await self._take(one)
            if one.phase == song.WAITING:
                one.end(song.CANCELLED, song.not_begun(one))

    async def _take(self, one: Song) -> None:
        one.phase = song.COPYING
        try:
            async with taking_in.arrived(self._studio.settings, one, self._ear(one)) as arrival:
                await self._patiently(lambda conn: self._put(conn, one, arrival))
        except Interrupted:
            one.end(song.CANCELLED, song.not_begun(one))
        except SfaError as error:
            one.end(song.FAILED, Trouble.of(error))
        if not one.is_open:
            self._display.ended(one)
        elif self.stopped:  # it came to be while the others were being cancelled
            self._start(self._cancel_all())

    async def _put(self, conn: Conn, one: Song, arrival: Arrived) -> None:
        account = await self._owner(conn)
        settings = self._studio.settings
        self._orders[one] = await taking_in.put(conn, settings, account, one, arrival, self._wanted)
        one.phase = song.WORKING
        self._display.changed()

    async def _watch(self) -> None:
        while any(one.is_open for one in self._songs):
            await self._patiently(self._watch_on)

    async def _watch_on(self, conn: Conn) -> None:
        await conn.execute("listen sfa")
        self._display.away(False)
        while True:
            began = time.monotonic()
            await self._look(conn)
            if not any(one.is_open for one in self._songs):
                return
            # A large library takes longer to look at, and is looked at less often.
            pause_s = max(_CEILING_S, 2 * (time.monotonic() - began))
            async for _ in conn.notifies(timeout=_FLOOR_S, stop_after=1):
                pass
            await asyncio.sleep(pause_s)

    async def _look(self, conn: Conn) -> None:
        watched = {one: one.track_id for one in self._songs if one.phase == song.WORKING and one.track_id}
        found = await runs.of_tracks(conn, set(watched.values()))
        for one, track_id in watched.items():
            one.runs = song.asked_for(found.get(track_id, []), one.model, one.answer)
        self._display.changed()
        for one, track_id in watched.items():
            if song.have_ended(one.runs):
                await self._end(conn, one, track_id)
        await self._mind_workers(list(watched))

    async def _mind_workers(self, watched: list[Song]) -> None:
        """Where jobs wait and nobody is there to take them, the studio has been ended: find another."""
        if not any(run.note == _NOBODY for one in watched for run in one.runs):
            self._alone_since = None
            return
        self._alone_since = self._alone_since or time.monotonic()
        if time.monotonic() - self._alone_since > _ALONE_S:
            self._alone_since = None
            await self._studio.attach_again()

    async def _end(self, conn: Conn, one: Song, track_id: UUID) -> None:
        trouble = song.trouble_of(one)
        try:
            found = await result.read(
                conn,
                account_id=await self._owner(conn),
                track_id=track_id,
                answer=one.answer,
                wanted=self._orders[one].stems,
            )
            found.named = await in_thread(lambda: shelve(self._studio.settings, found))
            one.result = found
        except NotFound:
            trouble = Trouble("gone", f"{one.shown} was deleted meanwhile.", "Forge it again.")
        if trouble is None and one.result and one.result.stems and self._place and not self.stopped:
            one.phase = song.EXPORTING
            self._start(self._export(one, one.result, self._place))
            return
        ended = song.DONE if trouble is None else song.FAILED
        one.end(song.CANCELLED if trouble and trouble.code == song.CANCELLED else ended, trouble)
        self._display.ended(one)

    async def _export(self, one: Song, found: Result, place: Place) -> None:
        one.copied = 0.0
        async with self._one_export:
            try:
                found.exported = await in_thread(lambda: place.export(found, self._ear(one)))
                one.end(song.DONE)
            except Interrupted:
                one.end(
                    song.CANCELLED,
                    Trouble(song.CANCELLED, f"The stems of {one.shown} were not copied out.", ""),
                )
            except Exception as error:  # noqa: BLE001 - whatever a disk or ffmpeg says is said to the user
                one.end(song.FAILED, cannot_export(one.shown, place.folder, error))
        self._display.ended(one)

    async def _cancel_all(self) -> None:
        working = [one for one in self._songs if one.phase == song.WORKING]
        for one in working:
            if not one.asked:
                one.end(song.LEFT, song.goes_on(one))
        try:
            async with asyncio.timeout(_CANCEL_S), await self._studio.connect() as conn:
                for track_id in {one.track_id for one in working if one.asked and one.track_id}:
                    with contextlib.suppress(NotFound):
                        await runs.cancel(conn, account_id=await self._owner(conn), track_id=track_id)
        except (*db.Away, TimeoutError):
            self._display.say(
                "The database does not answer, so nothing could be cancelled: the work goes on."
            )

    def _ear(self, one: Song) -> Callable[[float], bool]:
        """Hears how far a copy is, and says whether it is still wanted."""

        def told(done: float) -> bool:
            one.copied = done
            return not self.stopped

        return told

    async def _leave_late(self) -> None:
        """Once stopped, what does not end by itself is left."""
        await self._stopping.wait()
        await asyncio.sleep(_LEAVE_S)
        for one in self._songs:
            if one.is_open:
                one.end(song.LEFT, song.goes_on(one))

    async def _owner(self, conn: Conn) -> UUID:
        self._account = self._account or await accounts.owner_id(conn)
        return self._account

    async def _patiently(self, work: Callable[[Conn], Awaitable[None]]) -> None:
        """Do it on a connection of its own, and again for as long as the database goes away."""
        while True:
            try:
                async with await self._studio.connect() as conn:
                    return await work(conn)
            except db.Away:
                self._display.away(True)
                await self._studio.find_again()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._beside.add(asyncio.create_task(work))
