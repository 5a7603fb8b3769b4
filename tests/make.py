"""Nouns with defaults: what a test needs to exist before it begins."""

from __future__ import annotations

import hashlib
import io
import uuid
from pathlib import Path

import numpy as np
import soundfile

from sfa import db, library, media
from sfa.settings import Settings

RATE = 44_100


def wav(*, seconds: float = 1.0, hz: float = 220.0, rate: int = RATE, channels: int = 2) -> bytes:
    """A sine as a WAV file: sound, and nothing else."""
    t = np.arange(int(seconds * rate)) / rate
    samples = np.repeat(0.3 * np.sin(2 * np.pi * hz * t)[:, None], channels, axis=1)
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format="WAV", subtype="PCM_16")
    return out.getvalue()


async def add_track(conn, *, account_id=None, title="Song", file_name="song.wav", **columns):
    """A row of `tracks` without a file; its id."""
    if account_id is None:
        account_id = (await (await conn.execute("select id from accounts limit 1")).fetchone())[0]
    track_id = uuid.uuid4()
    row = {
        "id": track_id,
        "account_id": account_id,
        "title": title,
        "file_name": file_name,
        "bytes": 1,
        "sha256": hashlib.sha256(track_id.bytes).hexdigest(),
        **columns,
    }
    names = ", ".join(row)
    values = ", ".join(f"%({name})s" for name in row)
    await conn.execute(f"insert into tracks ({names}) values ({values})", row)
    return track_id


async def add_account(conn, name="somebody else"):
    cur = await conn.execute("insert into accounts (name) values (%s) returning id", [name])
    return (await cur.fetchone())[0]


async def take_in(pool, settings: Settings, account_id, content: bytes | Path, name="song.wav", **wish):
    """A file goes in as a person's would: bytes, rows and job."""
    data = content.read_bytes() if isinstance(content, Path) else content
    with media.arriving(settings) as folder:
        file = media.copy_in(io.BytesIO(data), folder, limit=1 << 30, name=name)
        async with db.transaction(pool) as conn:
            return await library.take_in(
                conn, settings, account_id=account_id, file=file, file_name=name, wish=library.Wish(**wish)
            )
