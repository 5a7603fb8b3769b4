from __future__ import annotations

import pytest

SCRIPT = {"HX-Request": "true"}
ID = "4uLU6hMCjMI75M1A2tKUQC"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"spotify:track:{ID}", ["A track on Spotify.", f"https://open.spotify.com/track/{ID}"]),
        (f"https://open.spotify.com/album/{ID}", ["An album on Spotify."]),
        ("https://spotify.link/abc", ["A short link of Spotify."]),
        ("https://youtu.be/dQw4w9WgXcQ", ["A video on YouTube.", "Look at what it holds"]),
        (
            "https://example.org/song.mp3",
            ["A sound file at", "example.org", "Nothing is fetched before you have chosen"],
        ),
        ("https://example.org/", ["A page at"]),
        ("https://open.spotify.com/track/abc", ["ends in 22 letters and digits", "Copy the link once more"]),
        ("/music/song.flac", ["A path on a disk.", "./sfa forge"]),
        ("Lead to Gold", ["neither a link nor a path", "/library?q=Lead%20to%20Gold"]),
        (" \n ", ["There was nothing to read in it."]),
    ],
)
async def test_what_was_pasted_is_shown_for_what_it_is(site, pool, text, says):
    answer = await site.post("/recognise", data={"text": text}, headers=SCRIPT)
    assert answer.status_code == 200
    for words in says:
        assert words in answer.text
    async with pool.connection() as conn:
        assert (await (await conn.execute("select count(*) from tracks")).fetchone())[0] == 0


async def test_words_that_were_pasted_do_nothing_but_be_shown(site):
    text = '<script>alert(1)</script>\n"><img src=x onerror=alert(1)>\nhttps://example.org/<b>'
    answer = await site.post("/recognise", data={"text": text}, headers=SCRIPT)
    assert "<script>" not in answer.text
    assert "<img" not in answer.text
    assert "<b></p>" not in answer.text


async def test_a_form_without_script_gets_a_page(site):
    answer = await site.post("/recognise", data={"text": "https://youtu.be/dQw4w9WgXcQ"})
    assert answer.status_code == 200
    assert "<!doctype html>" in answer.text.lower()
    assert "A video on YouTube." in answer.text


async def test_a_novel_is_too_much_and_many_lines_are_counted(site):
    novel = await site.post("/recognise", data={"text": "x" * 50_001}, headers=SCRIPT)
    assert novel.status_code == 422
    assert "50,000 letters" in novel.text
    many = "\n".join(f"https://example.org/{n}" for n in range(205))
    answer = await site.post("/recognise", data={"text": many}, headers=SCRIPT)
    assert "And 5 more pieces, which were not looked at." in answer.text
