"""Tracks that are only links yet, and the processes that fetch their sound."""

from __future__ import annotations

import uuid

import psutil

from sfa import db


async def add_link(pool, account, *, source, ref_id, url, title, artists=(), **more):
    """A track with its origin and its stages, the first of them in the queue; its id."""
    track_id = uuid.uuid4()
    origin = {"track_id": track_id, "account_id": account, "source": source, "ref_id": ref_id, "url": url}
    origin |= {"title": title, "artists": list(artists), **more}
    async with db.transaction(pool) as conn:
        await conn.execute(
            "insert into tracks (id, account_id, title, file_name, link, source)"
            " values (%(track_id)s, %(account_id)s, %(title)s, %(title)s, %(url)s, %(source)s)",
            origin,
        )
        names = ", ".join(origin)
        values = ", ".join(f"%({name})s" for name in origin)
        await conn.execute(f"insert into origins ({names}) values ({values})", origin)
        await conn.execute("select sfa.forge_track(%s, 'quick')", [track_id])
    return track_id


async def add_song(pool, account, track, **changes):
    """A track of the simulated Spotify, as an import writes it."""
    said = {
        "source": "spotify",
        "ref_id": track.id,
        "url": track.url,
        "title": track.name,
        "artists": [artist.name for artist in track.artists],
        "album": track.album.name,
        "album_artist": track.album.artists[0].name,
        "disc": track.disc,
        "number": track.number,
        "duration_ms": track.sound.ms,
        "isrc": track.isrc,
        "cover_url": track.album.cover_url(),
        "released": track.album.released,
        "explicit": track.explicit,
    }
    return await add_link(pool, account, **said | changes)


def downloaders(of: int) -> list[psutil.Process]:
    """Those that a process has started, guards included."""
    return [process for process in psutil.Process(of).children(recursive=True) if _fetches(process)]


def is_there(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _fetches(process: psutil.Process) -> bool:
    try:
        return any(part.endswith("children/fetch.py") for part in process.cmdline())
    except psutil.Error:
        return False
