"""A song that was read, to be corrected: four seconds at 120 BPM in four, A minor, Am and F, A and B."""

from __future__ import annotations

from sfa import corrections
from sfa.analysis.put import put_readings
from sfa.corrections import edits
from tests.make import add_track
from tests.runs.test_store import one
from tests.web.make import little_song, readings_of


async def read_song(conn, tmp_path, **columns):
    """A track with its readings; its id and its owner's."""
    track = await add_track(conn, duration_s=4.0, **columns)
    await read_again(conn, tmp_path, track)
    return track, await one(conn, "select account_id from tracks where id = %s", track)


async def read_again(conn, tmp_path, track, **facts):
    """What another analysis would leave."""
    song = little_song()
    for name, value in facts.items():
        setattr(song, name, value)
    result, data = readings_of(song)
    (tmp_path / "curves.bin").write_bytes(data)
    await put_readings(conn, track, result, tmp_path / "curves.bin", run_id=1)


class Hand:
    """A person who corrects one song."""

    def __init__(self, conn, track, owner) -> None:
        self.conn, self.track, self.owner = conn, track, owner

    async def song(self):
        return await corrections.song_of(self.conn, account_id=self.owner, track_id=self.track)

    async def correct(self, what, *, seen=None, **form):
        """Correct upon the newest version, or upon the one that was seen; the act."""
        edit = edits.edit_of(what)
        version = (await self.song()).version(edit.part) if seen is None else seen
        act = await corrections.correct(
            self.conn,
            account_id=self.owner,
            track_id=self.track,
            what=what,
            seen=version,
            form={name: value if isinstance(value, list) else [str(value)] for name, value in form.items()},
        )
        # As the end of the transaction does.
        await self.conn.execute("select set_config('sfa.act', '', true)")
        return act

    async def restore(self, what):
        edit = edits.edit_of(what)
        version = (await self.song()).version(edit.part)
        return await corrections.restore(
            self.conn, account_id=self.owner, track_id=self.track, what=what, seen=version
        )
