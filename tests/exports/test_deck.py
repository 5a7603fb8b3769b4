"""Stem files for decks: five tracks, one of them on, and a box that says what they are."""

from __future__ import annotations

import asyncio
import re
import subprocess

import numpy as np
import pytest

from sfa import media
from sfa.sound import ffmpeg
from sfa.sound.stem_file import read_description
from tests.exports.forged import forge, noise_song
from tests.web.make import RATE

STEP = 1 / (1 << 23)


async def fetched(site, track, tmp_path, **asked):
    answer = await site.get(f"/tracks/{track}/deck.stem.m4a", params=asked, timeout=60)
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    path = tmp_path / "a.stem.m4a"
    path.write_bytes(answer.content)
    return path, answer


def streams(path) -> list[str]:
    seen = subprocess.run([ffmpeg(), "-hide_banner", "-i", str(path)], capture_output=True, text=True).stderr
    return re.findall(r"Stream #0:\d+.*", seen)


def track_of(path, number: int) -> np.ndarray:
    argv = [ffmpeg(), "-v", "error", "-i", str(path), "-map", f"0:a:{number}", "-f", "f64le", "-"]
    raw = subprocess.run(argv, capture_output=True, check=True).stdout
    return np.frombuffer(raw).reshape(-1, 2)


@pytest.mark.parametrize("codec", ["aac", "alac"])
async def test_file_has_the_mix_and_four_named_stems(site, pool, settings, account, tmp_path, codec):
    track, _ = await forge(pool, settings, account, title='Ä "b"/c')
    path, answer = await fetched(site, track, tmp_path, codec=codec)
    found = streams(path)
    assert len(found) == 5
    assert all(f"Audio: {codec}" in line and f"{RATE} Hz, stereo" in line for line in found)
    assert ["(default)" in line for line in found] == [True, False, False, False, False]
    said = read_description(path)
    assert [stem["name"] for stem in said["stems"]] == ["Drums", "Bass", "Other", "Vocals"]
    assert all(re.fullmatch("#[0-9A-F]{6}", stem["color"]) for stem in said["stems"])
    assert said["version"] == 1
    assert said["mastering_dsp"]["limiter"]["enabled"] is False
    assert "filename*=UTF-8''%C3%84%20_b__c.stem.m4a" in answer.headers["content-disposition"]


async def test_lossless_tracks_are_the_original_and_the_stems_to_the_sample(
    site, pool, settings, account, tmp_path
):
    track, song = await forge(pool, settings, account)
    path, _ = await fetched(site, track, tmp_path, codec="alac")
    assert np.array_equal(track_of(path, 0), np.round(song.mix * 32768) / 32768)
    for number, name in enumerate(["drums", "bass", "other", "vocals"], 1):
        assert np.array_equal(track_of(path, number), song.stems[name])


async def test_tracks_of_lossy_sound_line_up(site, pool, settings, account, tmp_path):
    track, song = await forge(pool, settings, account)
    path, _ = await fetched(site, track, tmp_path, codec="aac")
    heard, played = track_of(path, 1)[:, 0], song.stems["drums"][:, 0]
    fits = [np.dot(heard[3000:40_000], played[3000 + lag : 40_000 + lag]) for lag in range(-30, 31)]
    assert int(np.argmax(fits)) == 30


async def test_guitar_and_piano_join_the_rest_of_the_band(site, pool, settings, account, tmp_path):
    names = ("vocals", "drums", "bass", "guitar", "piano", "other")
    track, song = await forge(pool, settings, account, noise_song(names=names, peak=0.15))
    path, _ = await fetched(site, track, tmp_path, codec="alac")
    assert len(streams(path)) == 5
    band = sum(song.stems[name].astype(np.float64) for name in ("guitar", "piano", "other"))
    assert np.array_equal(track_of(path, 3), band)


async def test_sum_over_full_scale_lowers_all_tracks_alike(site, pool, settings, account, tmp_path):
    names = ("vocals", "drums", "guitar", "piano", "other")
    track, song = await forge(pool, settings, account, noise_song(names=names, peak=0.5))
    async with pool.connection() as conn:
        digest = (await (await conn.execute("select sha256 from tracks")).fetchone())[0]
    assert media.blob(settings, digest).exists()
    path, answer = await fetched(site, track, tmp_path, codec="alac")
    band = sum(song.stems[name].astype(np.float64) for name in ("guitar", "piano", "other"))
    factor = 1 / np.abs(band).max()
    assert float(answer.headers["x-lowered-db"]) == pytest.approx(-20 * np.log10(factor), abs=0.06)
    assert np.abs(track_of(path, 3) - band * factor).max() <= STEP
    assert np.abs(track_of(path, 4) - song.stems["vocals"] * factor).max() <= STEP
    assert not track_of(path, 2).any()  # there is no bass in this separation


async def test_nothing_is_left_on_the_disk(site, pool, settings, account, tmp_path):
    track, _ = await forge(pool, settings, account)
    await fetched(site, track, tmp_path)
    async with asyncio.timeout(10):  # it goes after the last byte was sent
        while media.scratch_folders(settings):
            await asyncio.sleep(0.02)


async def test_original_that_is_missing_is_named(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    async with pool.connection() as conn:
        digest = (await (await conn.execute("select sha256 from tracks")).fetchone())[0]
    media.blob(settings, digest).unlink()
    answer = await site.get(f"/tracks/{track}/deck.stem.m4a")
    assert answer.status_code == 422
    assert "“song.flac” is not there any more" in answer.text


async def test_song_of_more_than_an_hour_is_refused(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    async with pool.connection() as conn:
        await conn.execute("update stems set frames = 44100 * 3601")
    answer = await site.get(f"/tracks/{track}/deck.stem.m4a")
    assert answer.status_code == 422
    assert "Take the stems as a zip instead." in answer.text
