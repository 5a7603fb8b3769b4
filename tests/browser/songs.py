"""A studio with a track of every kind, for tests that look at all pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sfa import db, imports
from sfa.catalogue import store as catalogue
from sfa.imports import store as imports_store
from sfa.library.recognise import recognise_one
from sfa.playlists import store as playlists
from tests import make
from tests.imports.test_taking import asked, job_of, song
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
    album: UUID  # a link, looked at
    taken: UUID  # one that became tracks, and was asked again since


async def furnish(pool, settings, account) -> Studio:
    """As after some weeks of use."""
    tracks = {}
    for name, title, artist in [
        ("done", "Glass Harbour", "Mira Voss"),
        ("several", "Río de Oro", "Orquesta Sur"),
        ("unread", "A title that is longer than anybody would make it, were it not for tests", None),
    ]:
        # Another length each: the same bytes twice would be the same track.
        sound = little_song(4.0 + len(tracks))
        tracks[name] = await add_song(pool, settings, account, sound, f"{name}.flac")
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
        await playlists.keep_crate(conn, account_id=account, name="House", filter="bpm=118-128")
        full, empty = [
            await playlists.make(conn, account_id=account, name=name) for name in ("Friday", "Later")
        ]
        await playlists.append(
            conn, account_id=account, playlist_id=full, track_ids=[tracks["done"], tracks["several"]]
        )
        album, taken = await _links(conn, account)
    return Studio(**tracks, playlist=full, empty_playlist=empty, album=album, taken=taken)


async def _links(conn, account) -> tuple[UUID, UUID]:
    """Links in every state: looked at, taken, not there, and waiting for a pause to end."""
    base = "https://open.spotify.com"
    away = {"skip_code": "track_not_playable", "skip_why": "Spotify has no licence to play the song here."}
    album = await asked(
        conn, account, song(1), song(2, **away), song(3, title="A" + " very" * 20 + " long title")
    )
    taken = await asked(conn, account, song(4), song(5), link=f"{base}/playlist/{'P' * 22}")
    await imports.take(conn, account_id=account, import_id=taken, positions=[1, 2, 4, 5], step=True)
    await asked(conn, account, song(5, position=1), song(6, position=2), link=f"{base}/playlist/{'P' * 22}")
    gone, waits = [
        await imports.ask(conn, account_id=account, ref=recognise_one(f"{base}/track/{letter * 22}").ref)
        for letter in "GW"
    ]
    await imports_store.failed(
        conn, gone, job_id=await job_of(conn, gone), code="not_found_or_private",
        error="There is no such track on Spotify, or it is private.", fix="Copy the link once more, whole.",
    )  # fmt: skip
    until = datetime.now(UTC) + timedelta(hours=3)
    await imports_store.ask_later(
        conn, waits, at=until, note="Spotify wants a pause until 17:30.", counts=False
    )
    return album, taken


async def _separate_again(conn, track) -> None:
    await conn.execute("select sfa.forge_track(%s, 'quick', null, false)", [track])
    await conn.execute(
        """update separations set engine = 'quick', ran = 'quick', device = 'cpu'
            where model = 'quick' and track_id = %s""",
        [track],
    )
    await set_runs(conn, track, "done")
