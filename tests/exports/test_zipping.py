"""The archive itself: lengths told before, every reader content, large files, safe on a stream."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime

import pytest

from sfa.exports.naming import distinct
from sfa.exports.zipping import Entry, length_of, zipped

AT = datetime(2024, 5, 6, 7, 8, 10, tzinfo=UTC)


def entry(name: str, *pieces: bytes, size: int | None = -1) -> Entry:
    async def content():
        for piece in pieces:
            yield piece

    return Entry(name, sum(map(len, pieces)) if size == -1 else size, content)


async def made(entries) -> bytes:
    return b"".join([piece async for piece in zipped(entries, AT)])


async def test_archive_is_as_long_as_was_said_and_holds_what_went_in():
    entries = [entry("Song/a.wav", b"abc", b"def"), entry("Song/ü 🎸.json", b"{}"), entry("Song/empty")]
    data = await made(entries)
    assert len(data) == length_of(entries)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["Song/a.wav", "Song/ü 🎸.json", "Song/empty"]
        assert archive.read("Song/a.wav") == b"abcdef"
        assert archive.getinfo("Song/a.wav").date_time == (2024, 5, 6, 7, 8, 10)


async def test_length_not_known_before_is_right_afterwards():
    data = await made([entry("a.mp3", b"x" * 1000, size=None), entry("b.txt", b"y")])
    assert length_of([entry("a.mp3", size=None)]) is None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.getinfo("a.mp3").file_size == 1000


@pytest.mark.skipif(shutil.which("unzip") is None, reason="no unzip on this machine")
async def test_info_zip_takes_it_too(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(await made([entry("s/a b.wav", b"abc"), entry("s/é.mp3", b"d" * 99, size=None)]))
    tested = await asyncio.to_thread(subprocess.run, ["unzip", "-tq", str(path)], capture_output=True)
    assert tested.returncode == 0


async def test_more_than_4_gib_is_zip64(tmp_path):
    """Zeros, and holes on the disk where they come to lie: neither time nor room is spent on them."""
    big, block = (1 << 32) + 5, bytes(1 << 24)

    async def zeros():
        for _ in range(big // len(block)):
            yield block
        yield block[: big % len(block)]

    entries = [Entry("big.wav", big, zeros), entry("after.txt", b"still here")]
    path = tmp_path / "big.zip"
    with path.open("wb") as out:
        async for piece in zipped(entries, AT):
            if piece == block:
                out.seek(len(block), 1)
            else:
                out.write(piece)
    assert path.stat().st_size == length_of(entries)
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("big.wav").file_size == big
        assert archive.read("after.txt") == b"still here"


async def test_entry_that_is_not_as_long_as_it_said_breaks_off():
    with pytest.raises(RuntimeError, match=r"a\.wav has 3 bytes, not 4"):
        await made([entry("a.wav", b"abc", size=4)])


async def test_closing_the_archive_closes_what_is_read():
    closed = asyncio.Event()

    async def content():
        try:
            while True:
                yield b"x"
        finally:
            closed.set()

    pieces = zipped([Entry("endless", None, content)], AT)
    await anext(pieces)
    await pieces.aclose()
    assert closed.is_set()


def test_names_that_differ_in_case_only_are_told_apart():
    assert distinct(["Vocals", "vocals", "a/b", "a_b"]) == ["Vocals", "vocals (2)", "a_b", "a_b (2)"]
