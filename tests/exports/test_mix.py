"""An own mix: to the sample, by the browser's law of pan, never clipped, measured before it is written."""

from __future__ import annotations

import html
import io
import re

import numpy as np
import pytest
import soundfile

from sfa import media
from sfa.exports import making
from tests.exports.forged import forge, noise_song, samples
from tests.web.make import RATE

STEP = 1 / (1 << 23)  # of 24 bits


async def mixed(site, track, **asked) -> np.ndarray:
    answer = await site.get(f"/tracks/{track}/mix/file", params=asked)
    assert answer.status_code == 200, answer.text
    return samples(answer.content)


@pytest.mark.parametrize("fmt", ["wav", "flac"])
async def test_mix_as_it_is_is_the_sum_of_the_stems_to_the_bit(site, pool, settings, account, fmt):
    track, song = await forge(pool, settings, account)
    answer = await site.get(f"/tracks/{track}/mix/file", params={"fmt": fmt})
    assert np.array_equal(samples(answer.content), _sum(song))
    info = soundfile.info(io.BytesIO(answer.content))
    assert (info.subtype, info.frames) == ("PCM_24", len(song.mix))


async def test_gain_and_mute_are_heard(site, pool, settings, account):
    track, song = await forge(pool, settings, account)
    asked = {"gain.vocals": "-6", "gain.drums": "+3.5", "mute.bass": "1", "mute.other": "1"}
    wanted = 10 ** (-6 / 20) * _of(song, "vocals") + 10 ** (3.5 / 20) * _of(song, "drums")
    assert np.abs(await mixed(site, track, **asked) - wanted).max() <= STEP / 2


@pytest.mark.parametrize("pan", [-1, -0.4, 0, 0.25, 1])
async def test_pan_is_that_of_the_browser(site, pool, settings, account, pan):
    track, song = await forge(pool, settings, account)
    asked = {f"mute.{name}": "1" for name in song.stems if name != "vocals"}
    left, right = _of(song, "vocals").T
    x = (pan + 1 if pan <= 0 else pan) * np.pi / 2  # Web Audio API, StereoPannerNode, a stereo input
    if pan <= 0:
        wanted = left + right * np.cos(x), right * np.sin(x)
    else:
        wanted = left * np.cos(x), right + left * np.sin(x)
    heard = await mixed(site, track, **asked, **{"pan.vocals": str(pan)})
    assert np.abs(heard - np.stack(wanted, axis=1)).max() <= STEP / 2


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ({"from": "0.5", "to": "1.25"}, 22_050, 55_125),
        ({"from": "0:01"}, 44_100, None),
        ({"to": "0:00:00.1"}, 0, 4410),
        ({"from": "1", "to": "99:00"}, 44_100, None),
    ],
)
async def test_stretch_begins_and_ends_on_its_frame(site, pool, settings, account, asked, start, stop):
    track, song = await forge(pool, settings, account)
    assert np.array_equal(await mixed(site, track, **asked), _sum(song)[start:stop])


async def test_mp3_of_a_mix_has_the_length_of_the_stretch(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    assert len(await mixed(site, track, fmt="mp3", to="1.1")) == round(1.1 * RATE)


async def test_sum_over_full_scale_is_not_written_and_the_offer_is_right(site, pool, settings, account):
    track, song = await forge(pool, settings, account, noise_song(peak=0.6))
    answer = await site.get(f"/tracks/{track}/mix/file", params={"gain.vocals": "2", "fmt": "wav"})
    assert answer.status_code == 422
    wanted = _sum(song) + (10 ** (2 / 20) - 1) * _of(song, "vocals")
    over_db = 20 * np.log10(np.abs(wanted).max())
    shown = float(re.search(r"This mix is ([\d.]+) dB over full scale", answer.text)[1])
    assert 0 <= shown - over_db <= 0.1
    offer = html.unescape(re.search(r'class="button" href="([^"]+mix/file[^"]+)"', answer.text)[1])
    heard = samples((await site.get(offer)).content)
    assert 0.98 < np.abs(heard).max() <= 1 - STEP
    assert np.abs(heard - wanted * 10 ** (-shown / 20)).max() <= STEP / 2


async def test_mix_can_be_lowered_without_being_asked(site, pool, settings, account):
    track, song = await forge(pool, settings, account, noise_song(peak=0.6))
    answer = await site.get(f"/tracks/{track}/mix/file", params={"loud": "lower"})
    lowered_db = float(answer.headers["x-lowered-db"])
    assert lowered_db > 0
    assert b"lowered by" in answer.content
    wanted = _sum(song) * 10 ** (-lowered_db / 20)
    assert np.abs(samples(answer.content) - wanted).max() <= STEP / 2


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"gain.vocals": "loud"}, "The gain of vocals is “loud”"),
        ({"gain.vocals": "nan"}, "The gain of vocals is “nan”"),
        ({"gain.vocals": "1e9"}, "can be from −96 to 24 dB"),
        ({"pan.vocals": "2"}, "The pan of vocals is “2”"),
        ({"gain.flute": "1"}, "no stem “flute”"),
        ({"from": "soon"}, "“soon” is no place in a song"),
        ({"from": "1", "to": "0.5"}, "is empty"),
        ({"from": "99"}, "is empty"),
        ({f"mute.{name}": "1" for name in ("vocals", "drums", "bass", "other")}, "Every stem is muted"),
    ],
)
async def test_what_cannot_be_mixed_is_said(site, pool, settings, account, asked, sentence):
    track, _ = await forge(pool, settings, account)
    answer = await site.get(f"/tracks/{track}/mix/file", params=asked)
    assert answer.status_code == 422
    assert sentence in answer.text


async def test_muted_stem_may_be_missing(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    async with pool.connection() as conn:
        digest = (await (await conn.execute("select sha256 from stems where name = 'other'")).fetchone())[0]
    media.blob(settings, digest).unlink()
    answer = await site.get(f"/tracks/{track}/mix/file")
    assert (answer.status_code, "“other” is not in the media folder" in answer.text) == (404, True)
    assert len(await mixed(site, track, **{"mute.other": "1"}))


async def test_form_shows_what_the_address_says(site, pool, settings, account):
    track, _ = await forge(pool, settings, account, title="<b>&'\"")
    page = await site.get(
        f"/tracks/{track}/mix", params={"gain.vocals": "-4.5", "mute.drums": "1", "to": "1:00"}
    )
    assert page.status_code == 200
    assert "<b>&'" not in page.text
    assert re.search(r'name="gain.vocals"\s+value="-4.5"', page.text)
    assert re.search(r'name="mute.drums"\s+value="1"\s+aria-label="Mute drums"\s+checked', page.text)
    assert re.search(r'name="to"\s+value="1:00"', page.text)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({}, "dB over full scale"),
        ({"trim": "-20"}, "below full scale"),
        (
            {"mute.vocals": "1", "mute.drums": "1", "mute.bass": "1", "gain.other": "-3"},
            "dB below full scale",
        ),
    ],
)
async def test_level_is_told_with_and_without_scripts(site, pool, settings, account, asked, sentence):
    track, _ = await forge(pool, settings, account, noise_song(peak=0.6))
    page = await site.get(f"/tracks/{track}/mix/level", params=asked)
    assert sentence in " ".join(page.text.split())
    assert 'name="gain.vocals"' in page.text
    stream = await site.get(f"/tracks/{track}/mix/level", params=asked, headers={"HX-Request": "true"})
    assert stream.headers["content-type"].startswith("text/event-stream")
    first, *_, last = stream.text.strip().split("\n\n")
    assert "Measuring, 0 %" in first
    assert sentence in last


async def test_level_of_silence_and_of_what_is_missing_is_said(site, pool, settings, account):
    track, _ = await forge(pool, settings, account, noise_song(peak=0.0))
    asked = {"headers": {"HX-Request": "true"}}
    assert "This mix is silent." in (await site.get(f"/tracks/{track}/mix/level", **asked)).text
    async with pool.connection() as conn:
        digest = (await (await conn.execute("select sha256 from stems limit 1")).fetchone())[0]
    place = media.blob(settings, digest)
    place.chmod(0o644)
    place.write_bytes(bytes(place.stat().st_size))
    assert "is no sound any more" in (await site.get(f"/tracks/{track}/mix/level", **asked)).text


async def test_accepted_offer_is_not_measured_again(site, pool, settings, account):
    track, _ = await forge(pool, settings, account, noise_song(peak=0.6))
    making.PEAKS = making.Peaks()
    assert (await site.get(f"/tracks/{track}/mix/file")).status_code == 422
    assert len(making.PEAKS._known) == 1
    assert (await site.get(f"/tracks/{track}/mix/file", params={"trim": "-12"})).status_code == 200
    assert len(making.PEAKS._known) == 1


def _of(song, name):
    return song.stems[name].astype(np.float64)


def _sum(song):
    return np.sum([stem.astype(np.float64) for stem in song.stems.values()], axis=0)
