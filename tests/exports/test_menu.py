"""The menu of a track's page: links and one form that work as they are, and only for what there is."""

from __future__ import annotations

import re

from tests import make
from tests.exports.forged import forge, noise_song


async def test_every_link_of_the_menu_leads_to_a_file(site, pool, settings, account):
    track, _ = await forge(pool, settings, account, noise_song(1.2))
    menu = _menu((await site.get(f"/tracks/{track}")).text)
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', menu)]
    assert len(links) == 4 * 3 + 1 + 2 + 2 + 3
    for link in links:
        answer = await site.get(link)
        assert answer.status_code == 200, link
        assert answer.headers.get("content-disposition", "").startswith("attachment") or "/mix?" in link


async def test_form_of_the_zip_asks_for_what_is_ticked(site, pool, settings, account):
    track, _ = await forge(pool, settings, account, noise_song(0.3))
    menu = _menu((await site.get(f"/tracks/{track}")).text)
    run = re.search(r'name="run" value="(\d+)"', menu)[1]
    assert re.findall(r'name="stem"\s+value="(\w+)"\s+checked', menu) == ["vocals", "drums", "bass", "other"]
    asked = {"run": run, "stem": ["vocals", "bass"], "fmt": "flac", "readings": "true"}
    assert (await site.get(f"/tracks/{track}/stems.zip", params=asked)).status_code == 200


async def test_what_is_not_there_yet_is_said_instead(site, pool, settings, account):
    taken = await make.take_in(pool, settings, account, make.wav())
    menu = _menu((await site.get(f"/tracks/{taken.track_id}")).text)
    assert "There are no stems to take away yet." in menu
    assert "There are no readings to take away yet." in menu
    assert "href=" not in menu


async def test_stems_that_share_a_part_of_the_deck_are_said(site, pool, settings, account):
    names = ("vocals", "drums", "guitar", "piano", "other")
    track, _ = await forge(pool, settings, account, noise_song(0.3, names=names))
    menu = " ".join(_menu((await site.get(f"/tracks/{track}")).text).split())
    assert "guitar and piano and other share the part “Other”." in menu
    assert "The part of bass is silent: there is no such stem." in menu


def _menu(page: str) -> str:
    return page[
        page.index('<details id="exports"') : page.index("</details>", page.index('<details id="exports"'))
    ]
