"""A studio with a track of every kind, for tests that look at all pages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sfa import db
from sfa.catalogue import store as catalogue
from sfa.playlists import store as playlists
from tests import make
from tests.web.make import add_song, fail, little_song, progress, set_runs

_READ = [
    "tempos",
    "beats",
    "metres",
    "keys",
    "key_evidence",
    "chords",
    "sections",
    "loudness",
    "spectrum",
    "balance",
    "onsets",
    "curves",
    "peaks",
    "readings",
]


@dataclass(frozen=True, slots=True)
class Studio:
    done: UUID
    several: UUID  # separations
    unread: UUID  # separated, and its analysis failed
    moving: UUID
    failed: UUID
    playlist: UUID
    empty_playlist: UUID


async def furnish(pool, settings, account) -> Studio:
    """As after some weeks of use."""
    song = little_song(6.0)
    tracks = {}
    for name, title, artist in [
        ("done", "Glass Harbour", "Mira Voss"),
        ("several", "Río de Oro", "Orquesta Sur"),
        ("unread", "A title that is longer than anybody would make it, were it not for tests", None),
    ]:
        # Another length each: the same bytes twice would be the same track.
        song = little_song(4.0 + len(tracks))
        tracks[name] = await add_song(pool, settings, account, song, f"{name}.flac")
        async with db.transaction(pool) as conn:
            await conn.execute(
                "update tracks set title = %s, artist = %s where id = %s", [title, artist, tracks[name]]
            )
    async with db.transaction(pool) as conn:
        await _separate_again(conn, tracks["several"])
        for table in _READ:
            await conn.execute(f"delete from {table} where track_id = %s", [tracks["unread"]])
        await fail(conn, tracks["unread"], stage="analysis", error="There was not enough memory.")
        for name, title in [("moving", "Night Bus"), ("failed", "Paper Tide"), ("gone", "Thrown away")]:
            tracks[name] = await make.add_track(conn, title=title)
            await conn.execute("select sfa.forge_track(%s)", [tracks[name]])
        await progress(conn, tracks["moving"], "decode", 0.4, "half way there")
        await fail(conn, tracks["failed"])
        await catalogue.trash(conn, account_id=account, track_ids=[tracks.pop("gone")])
        await catalogue.tag_tracks(conn, account_id=account, track_ids=[tracks["done"]], name="live set")
        await playlists.make_crate(conn, account_id=account, name="House", filter="bpm=118-128")
        full, empty = [
            await playlists.make(conn, account_id=account, name=name) for name in ("Friday", "Later")
        ]
        await playlists.append(
            conn, account_id=account, playlist_id=full, track_ids=[tracks["done"], tracks["several"]]
        )
    return Studio(**tracks, playlist=full, empty_playlist=empty)


async def _separate_again(conn, track) -> None:
    await conn.execute("select sfa.forge_track(%s, 'quick', null, false)", [track])
    await conn.execute(
        """update separations set engine = 'quick', ran = 'quick', device = 'cpu'
            where model = 'quick' and track_id = %s""",
        [track],
    )
    await set_runs(conn, track, "done")
