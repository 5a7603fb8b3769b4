"""Stems one by one: stored, to the sample, or as MP3, under names that no system stumbles over."""

from __future__ import annotations

import io
import re
from urllib.parse import unquote

import numpy as np
import pytest
import soundfile

from sfa import media
from tests import make
from tests.exports.forged import HARD_NAME, forge, samples, stem_ids


async def test_flac_is_the_stored_file_itself(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    answer = await site.get(f"/stems/{(await stem_ids(pool, track))['vocals']}/as/flac")
    async with pool.connection() as conn:
        digest = (await (await conn.execute("select sha256 from stems where name = 'vocals'")).fetchone())[0]
    assert answer.content == media.blob(settings, digest).read_bytes()
    assert answer.headers["content-type"] == "audio/flac"


async def test_wav_has_the_same_samples_and_as_many_bits(site, pool, settings, account):
    track, song = await forge(pool, settings, account)
    answer = await site.get(f"/stems/{(await stem_ids(pool, track))['drums']}/as/wav")
    assert soundfile.info(io.BytesIO(answer.content)).subtype == "PCM_16"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert np.array_equal(samples(answer.content), song.stems["drums"])


async def test_stem_of_24_bits_stays_one(site, pool, settings, account):
    track, song = await forge(pool, settings, account)
    fine = np.random.default_rng(3).integers(-(1 << 22), 1 << 22, song.stems["bass"].shape) / (1 << 23)
    await _replace(pool, settings, track, "bass", fine, "PCM_24")
    answer = await site.get(f"/stems/{(await stem_ids(pool, track))['bass']}/as/wav")
    assert soundfile.info(io.BytesIO(answer.content)).subtype == "PCM_24"
    assert np.array_equal(samples(answer.content), fine)


async def test_mp3_has_tags_and_begins_and_ends_with_the_song(site, pool, settings, account):
    track, song = await forge(pool, settings, account, title="Été")
    answer = await site.get(f"/stems/{(await stem_ids(pool, track))['vocals']}/as/mp3")
    info = soundfile.info(io.BytesIO(answer.content))
    assert info.frames == len(song.stems["vocals"])
    assert answer.content.startswith(b"ID3\x03")
    assert "Été (vocals)".encode("utf-16-le") in answer.content
    heard, played = samples(answer.content)[:, 0], song.stems["vocals"][:, 0]
    # Noise loses its uppermost octave to MP3; what is left lines up to the sample.
    shift = [np.dot(heard[2000:40_000], played[2000 + lag : 40_000 + lag]) for lag in range(-30, 31)]
    assert int(np.argmax(shift)) == 30


async def test_name_is_safe_and_keeps_its_letters(site, pool, settings, account):
    track, _ = await forge(pool, settings, account, title=HARD_NAME)
    answer = await site.get(f"/stems/{(await stem_ids(pool, track))['vocals']}/as/wav")
    said = answer.headers["content-disposition"]
    assert said.startswith("attachment; ")
    assert unquote(re.search(r"filename\*=UTF-8''(\S+)$", said)[1]) == "a_b_c _quoted_ 🎸 ünï… - vocals.wav"
    plain = re.search(r'filename="([^"]*)"', said)[1]
    assert plain.isascii()
    assert not set(plain) & set("/\\")


async def test_missing_file_is_named_with_the_way_out(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    async with pool.connection() as conn:
        digest = (await (await conn.execute("select sha256 from stems where name = 'bass'")).fetchone())[0]
    media.blob(settings, digest).unlink()
    for fmt in ("flac", "wav", "mp3"):
        answer = await site.get(f"/stems/{(await stem_ids(pool, track))['bass']}/as/{fmt}")
        assert answer.status_code == 404
        assert "The file of the stem “bass” is not in the media folder any more." in answer.text
        assert "separate the track again" in answer.text


async def test_damaged_file_is_said_before_the_first_byte(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    async with pool.connection() as conn:
        digest = (await (await conn.execute("select sha256 from stems where name = 'bass'")).fetchone())[0]
    place = media.blob(settings, digest)
    place.chmod(0o644)
    place.write_bytes(bytes(place.stat().st_size))
    answer = await site.get(f"/stems/{(await stem_ids(pool, track))['bass']}/as/wav")
    assert answer.status_code == 422
    assert "“bass” is no sound any more" in answer.text


@pytest.mark.parametrize("fmt", ["ogg", "FLAC", "exe", "wav.exe"])
async def test_unknown_format_is_refused_with_those_there_are(site, pool, settings, account, fmt):
    track, _ = await forge(pool, settings, account)
    answer = await site.get(f"/stems/{(await stem_ids(pool, track))['bass']}/as/{fmt}")
    assert answer.status_code == 422
    assert "Ask for flac or wav or mp3." in answer.text


async def test_stem_of_another_account_is_not_there(site, pool, settings, account):
    async with pool.connection() as conn:
        other = await make.add_account(conn)
    track, _ = await forge(pool, settings, other)
    stem = (await stem_ids(pool, track))["vocals"]
    for fmt in ("flac", "wav", "mp3"):
        assert (await site.get(f"/stems/{stem}/as/{fmt}")).status_code == 404


async def test_picture_on_a_foreign_page_makes_no_work(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    stem = (await stem_ids(pool, track))["vocals"]
    answer = await site.get(f"/stems/{stem}/as/mp3", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def _replace(pool, settings, track, name, frames, subtype):
    import hashlib

    out = io.BytesIO()
    soundfile.write(out, frames, 44_100, format="FLAC", subtype=subtype)
    data = out.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    place = media.blob(settings, digest)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    async with pool.connection() as conn:
        await conn.execute(
            "update stems set sha256 = %s, bytes = %s, peak = 0.5 where track_id = %s and name = %s",
            [digest, len(data), track, name],
        )
