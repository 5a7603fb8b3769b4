"""All stems as one zip: streamed, of the right length, and nothing goes on when one leaves."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from contextlib import AsyncExitStack

import httpx
import mido
import numpy as np
import psutil
import pytest

from sfa import media
from sfa.exports import making
from tests import make
from tests.exports.forged import HARD_NAME, forge, noise_song, samples


def opened(answer: httpx.Response) -> zipfile.ZipFile:
    assert answer.status_code == 200, answer.text
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


@pytest.mark.parametrize("fmt", ["flac", "wav"])
async def test_zip_holds_the_stems_to_the_sample_and_says_its_length(site, pool, settings, account, fmt):
    track, song = await forge(pool, settings, account)
    answer = await site.get(f"/tracks/{track}/stems.zip?fmt={fmt}")
    archive = opened(answer)
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert sorted(archive.namelist()) == sorted(f"song/{name}.{fmt}" for name in song.stems)
    for name, played in song.stems.items():
        assert np.array_equal(samples(archive.read(f"song/{name}.{fmt}")), played)


async def test_zip_of_mp3_is_whole_though_nobody_knew_its_length(site, pool, settings, account):
    track, song = await forge(pool, settings, account)
    answer = await site.get(f"/tracks/{track}/stems.zip?fmt=mp3")
    archive = opened(answer)
    assert "content-length" not in answer.headers
    assert {len(samples(archive.read(name))) for name in archive.namelist()} == {len(song.mix)}


async def test_chosen_stems_come_with_the_readings(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    asked = f"/tracks/{track}/stems.zip?stem=vocals&stem=drums&readings=true&midi=true"
    archive = opened(await site.get(asked))
    names = ["song/vocals.flac", "song/drums.flac", "song/readings.json", "song/readings.mid"]
    assert sorted(archive.namelist()) == sorted(names)
    assert json.loads(archive.read("song/readings.json"))["tempo"]["bpm"] == 120
    assert mido.MidiFile(file=io.BytesIO(archive.read("song/readings.mid"))).tracks


async def test_names_in_it_are_safe_on_every_system(site, pool, settings, account):
    song = noise_song(0.2, names=("Con", "con", "lead"))
    track, _ = await forge(pool, settings, account, song, title=HARD_NAME)
    async with pool.connection() as conn:
        await conn.execute("update stems set name = 'lead/gtr' where name = 'lead'")
    archive = opened(await site.get(f"/tracks/{track}/stems.zip"))
    folder = "a_b_c _quoted_ 🎸 ünï…"
    names = [f"{folder}/_Con.flac", f"{folder}/_con (2).flac", f"{folder}/lead_gtr.flac"]
    assert sorted(archive.namelist()) == sorted(names)


async def test_unknown_stem_or_separation_is_refused_by_name(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    answer = await site.get(f"/tracks/{track}/stems.zip?stem=flute")
    assert answer.status_code == 422
    assert "no stem “flute”" in answer.text
    answer = await site.get(f"/tracks/{track}/stems.zip?run=999999")
    assert answer.status_code == 404
    assert "no such separation" in answer.text


async def test_form_with_nothing_ticked_gets_nothing(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    answer = await site.get(f"/tracks/{track}/stems.zip?ticked=true")
    assert answer.status_code == 422
    assert "Nothing was chosen" in answer.text
    archive = opened(await site.get(f"/tracks/{track}/stems.zip?ticked=true&readings=true"))
    assert [name.rsplit("/", 1)[-1] for name in archive.namelist()] == ["readings.json"]


async def test_track_without_stems_says_so(site, pool, settings, account):
    taken = await make.take_in(pool, settings, account, make.wav())
    for path in ("stems.zip", "mix", "mix/file", "deck.stem.m4a"):
        answer = await site.get(f"/tracks/{taken.track_id}/{path}")
        assert answer.status_code == 404
        assert "This track has no stems yet." in answer.text


async def test_missing_stem_is_named_before_the_first_byte(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    async with pool.connection() as conn:
        digest = (await (await conn.execute("select sha256 from stems where name = 'drums'")).fetchone())[0]
    media.blob(settings, digest).unlink()
    for fmt in ("flac", "mp3"):
        answer = await site.get(f"/tracks/{track}/stems.zip?fmt={fmt}")
        assert answer.status_code == 404
        assert "“drums” is not in the media folder any more" in answer.text
    # What is not asked for is not missed.
    assert (await site.get(f"/tracks/{track}/stems.zip?stem=vocals")).status_code == 200


async def test_songs_of_another_account_are_not_there(site, pool, settings, account):
    async with pool.connection() as conn:
        other = await make.add_account(conn)
    track, _ = await forge(pool, settings, other)
    paths = ["stems.zip", "mix", "mix/file", "deck.stem.m4a", "readings.mid", "readings.json", "tables/beats"]
    for path in paths:
        answer = await site.get(f"/tracks/{track}/{path}")
        assert answer.status_code == 404, path
        assert "There is no such track." in answer.text


def at_work() -> list[psutil.Process]:
    """The children of this process that make files, and their ffmpeg."""
    return [
        one
        for one in psutil.Process().children(recursive=True)
        if one.is_running() and one.status() != psutil.STATUS_ZOMBIE and _makes(one)
    ]


def _makes(one: psutil.Process) -> bool:
    try:
        words = " ".join(one.cmdline())
    except psutil.Error:
        return False
    return making.PROGRAM in words or "ffmpeg" in words


async def nobody_at_work() -> None:
    async with asyncio.timeout(10):
        while at_work():
            await asyncio.sleep(0.05)


async def test_client_that_leaves_ends_the_work(site, pool, settings, account):
    track, _ = await forge(pool, settings, account, noise_song(40))
    async with site.stream("GET", f"/tracks/{track}/stems.zip?fmt=mp3") as answer:
        pieces = answer.aiter_bytes()
        await anext(pieces)
        assert at_work()
    await nobody_at_work()
    assert (await site.get(f"/tracks/{track}/stems.zip?fmt=wav&stem=vocals")).status_code == 200


async def test_client_that_leaves_while_a_mix_is_measured_ends_that_too(site, pool, settings, account):
    track, _ = await forge(pool, settings, account, noise_song(40, peak=0.7))
    with pytest.raises(httpx.ReadTimeout):
        await site.get(f"/tracks/{track}/mix/file", timeout=0.2)
    await nobody_at_work()
    assert making.BENCH._free == making.BENCH.places


async def test_more_at_once_than_the_machine_is_to_make_is_said(site, pool, settings, account):
    track, _ = await forge(pool, settings, account, noise_song(40))
    reading = []
    async with AsyncExitStack() as held:
        for _ in range(making.BENCH.places):
            stream = site.stream("GET", f"/tracks/{track}/stems.zip?fmt=wav")
            reading.append((await held.enter_async_context(stream)).aiter_bytes())
            await anext(reading[-1])
        answer = await site.get(f"/tracks/{track}/stems.zip?fmt=wav")
        assert answer.status_code == 503
        assert "2 files are being made already" in answer.text
        # What is only read from the disk goes on.
        assert (await site.get(f"/tracks/{track}/stems.zip?fmt=flac&stem=drums")).status_code == 200
    await nobody_at_work()


async def test_stem_that_breaks_in_the_middle_breaks_the_download_off(site, pool, settings, account):
    track, _ = await forge(pool, settings, account, noise_song(10, names=("vocals",)))
    async with pool.connection() as conn:
        digest = (await (await conn.execute("select sha256 from stems")).fetchone())[0]
    place = media.blob(settings, digest)
    place.chmod(0o644)
    with place.open("r+b") as file:
        file.seek(place.stat().st_size // 2)
        file.write(bytes(200_000))
    with pytest.raises(httpx.RemoteProtocolError):
        await site.get(f"/tracks/{track}/stems.zip?fmt=wav")
    with pytest.raises(httpx.RemoteProtocolError):
        await site.get(f"/tracks/{track}/stems.zip?fmt=mp3")
    await nobody_at_work()
