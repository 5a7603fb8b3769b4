"""Taking things away in a real browser: by keyboard, and as downloads."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import expect

from sfa.sound.voices import Voice
from tests.exports.forged import forge, noise_song


async def test_menu_opens_by_keyboard_and_the_zip_arrives(screen, pool, settings, account, tmp_path):
    track, _ = await forge(pool, settings, account)
    await screen.open(f"/tracks/{track}")
    await screen.page.locator("#exports summary").focus()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.get_by_role("button", name="Download zip")).to_be_visible()
    await screen.page.get_by_label("bass", exact=True).uncheck()
    async with screen.page.expect_download() as arriving:
        await screen.page.get_by_role("button", name="Download zip").click()
    download = await arriving.value
    assert download.suggested_filename == "song - stems.zip"
    await download.save_as(tmp_path / "a.zip")
    names = zipfile.ZipFile(tmp_path / "a.zip").namelist()
    assert names == ["song/vocals.flac", "song/drums.flac", "song/other.flac"]


async def test_level_of_a_mix_is_told_and_its_offer_downloads(screen, pool, settings, account):
    track, _ = await forge(pool, settings, account, noise_song(20, peak=0.6))
    await screen.open(f"/tracks/{track}/mix")
    await screen.page.get_by_role("button", name="Check its level").click()
    await expect(screen.page.locator("#level")).to_contain_text("dB over full scale")
    async with screen.page.expect_download() as arriving:
        await screen.page.locator("#level a.button").click()
    assert (await arriving.value).suggested_filename == "song - mix.wav"
    assert screen.page.url.endswith("/mix")


async def test_menu_and_form_fit_a_phone(phone, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    await phone.open(f"/tracks/{track}")
    await phone.page.locator("#exports summary").click()
    await expect(phone.page.get_by_role("button", name="Download zip")).to_be_visible()
    assert await phone.overflow() <= 0
    await phone.open(f"/tracks/{track}/mix")
    assert await phone.overflow() <= 0


PANNED = """async pan => {
    const context = new OfflineAudioContext(2, 4, 44100);
    const buffer = context.createBuffer(2, 4, 44100);
    buffer.getChannelData(0).fill(0.3);
    buffer.getChannelData(1).fill(-0.7);
    const source = context.createBufferSource();
    source.buffer = buffer;
    const panner = context.createStereoPanner();
    panner.pan.value = pan;
    source.connect(panner).connect(context.destination);
    source.start();
    const made = await context.startRendering();
    return [made.getChannelData(0)[2], made.getChannelData(1)[2]];
}"""


@pytest.mark.parametrize("pan", [-1, -0.7, -0.1, 0, 0.3, 0.5, 1])
async def test_pan_of_a_mix_is_the_one_that_the_browser_plays(browser, pan):
    context = await browser.new_context()
    heard = await (await context.new_page()).evaluate(PANNED, pan)
    await context.close()
    written = Voice(Path("nowhere"), "a", pan=pan).matrix @ np.array([0.3, -0.7])
    assert heard == pytest.approx(list(written), abs=1e-6)
