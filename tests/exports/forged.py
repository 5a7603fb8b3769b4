"""Forged songs for the tests of exports, and what came out of a download as samples."""

from __future__ import annotations

import io

import numpy as np
import soundfile

from tests.web.make import RATE, Song, add_song, little_song

HARD_NAME = 'a/b\\c "quoted" 🎸 ünï…'


def noise_song(seconds: float = 1.5, peak: float = 0.2, names=("vocals", "drums", "bass", "other")) -> Song:
    """Stems that no two samples of are alike, on the grid of 16 bits."""
    rng = np.random.default_rng(7)
    frames = int(seconds * RATE) + 17  # no round number of blocks
    stems = {name: _grid(rng.uniform(-peak, peak, (frames, 2))) for name in names}
    made = little_song(seconds)
    return Song(stems, chords=made.chords, sections=made.sections)


def _grid(samples):
    return (np.rint(samples * 32768) / 32768).astype(np.float32)


async def forge(pool, settings, account, song: Song | None = None, *, title: str | None = None, **more):
    """A finished track; its id and its song."""
    song = song or noise_song()
    track = await add_song(pool, settings, account, song, **more)
    if title is not None:
        async with pool.connection() as conn:
            await conn.execute("update tracks set title = %s where id = %s", [title, track])
    return track, song


async def stem_ids(pool, track) -> dict[str, object]:
    async with pool.connection() as conn:
        rows = await conn.execute("select name, id from stems where track_id = %s", [track])
        return dict(await rows.fetchall())


def samples(data: bytes) -> np.ndarray:
    return soundfile.read(io.BytesIO(data), always_2d=True)[0]
