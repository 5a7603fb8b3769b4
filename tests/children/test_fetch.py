"""The downloader's child: real spotdl and yt-dlp, which song arrived is heard, every no has its reason."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from pathlib import Path

import pytest
import pytest_asyncio

from sfa.children import fetch as child
from sfa.children.supervise import Children, Limits
from sfa.errors import Refused
from sfa.lifeline import Foreign
from sfa.sound.programs import ffmpeg
from tests.conftest import ROOT
from tests.fake_internet import world as ids
from tests.fake_internet.audio import heard, picture, tags
from tests.fake_internet.internet import YT_DLP_ARGS

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEDIA = "https://media.fixture.example"
STREAMS = "*.googlevideo.com"
LIMIT = 1 << 20


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def children(fake_internet, downloader, tmp_path_factory):
    """One child serves all requests here: what was slow to import stays imported."""
    children = Children(
        {**fake_internet.environment(tmp_path_factory.mktemp("home")), "DATABASE_URL": "secret"}
    )
    yield children
    await children.close()


@pytest.fixture
def ask(net, children, downloader, tmp_path):
    program = Foreign("downloader", [str(downloader / "python"), "-I", "-X", "utf8", child.__file__])
    numbers = itertools.count()
    told: list[tuple[float, str]] = []

    async def on_progress(done, note):
        told.append((done, note))

    async def ask(do, **what):
        home = tmp_path / f"home-{next(numbers)}"
        home.mkdir()
        out = Path(what.setdefault("out", str(tmp_path / "out")))
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        always = {"name": "It", "home": str(home), "ffmpeg": ffmpeg(), "cache": str(tmp_path / "cache")}
        more = {"limit": LIMIT, "arguments": YT_DLP_ARGS, "format": "opus", "song": None, "most": 5}
        return await children.ask(program, {"do": do, **always, **more, **what}, on_progress, Limits())

    ask.told = told
    return ask


@pytest.fixture
def refused(ask):
    async def refused(do, **what):
        with pytest.raises(Refused) as caught:
            await ask(do, **what)
        assert str(caught.value)[-1] == "."
        assert caught.value.fix
        return caught.value.code

    return refused


def song_of(track):
    album = track.album
    return {
        "title": track.name,
        "artists": [artist.name for artist in track.artists],
        "album": album.name,
        "album_artist": album.artists[0].name,
        "disc": track.disc,
        "number": track.number,
        "duration_ms": track.sound.ms,
        "isrc": track.isrc,
        "cover_url": album.cover_url(),
        "released": album.released,
        "explicit": track.explicit,
        "url": track.url,
        "ref_id": track.id,
    }


async def found(ask, net, id, provider="youtube-music", **changes):
    asked = song_of(net.world.track(id)) | changes
    return (await ask("find", song=asked, provider=provider))["candidates"]


async def test_song_is_found_by_the_number_of_its_recording(ask, net):
    [one] = await found(ask, net, ids.PLAIN)
    assert one == {
        "url": "https://music.youtube.com/watch?v=vPlainSong0",
        "provider": "youtube-music",
        "title": "Copper Rain",
        "artists": ["Ada Quill"],
        "duration_ms": 5000,
        "score": 1.0,
        "explicit": False,
        "verified": True,
        "isrc": True,
    }
    assert len(net.calls("music.youtube.com", "/youtubei/v1/search")) == 1, "who is sure asks no more"


async def test_song_is_found_by_its_words(ask, net):
    best, *_ = await found(ask, net, ids.DUET, isrc=None)
    assert (best["title"], best["isrc"], best["score"] > 0.9) == ("Two Lanterns", False, True)


async def test_what_labels_did_not_deliver_is_found_as_a_video(ask, net):
    best, *_ = await found(ask, net, ids.VIDEO_ONLY)
    assert (best["url"], best["verified"]) == ("https://www.youtube.com/watch?v=vVideoOnly0", False)


async def test_youtube_itself_is_asked_for_a_list_and_not_for_ten_videos(ask, net):
    best, *_ = await found(ask, net, ids.PLAIN, provider="youtube")
    assert (best["url"], best["artists"]) == ("https://www.youtube.com/watch?v=vPlainSong0", ["Ada Quill"])
    assert net.calls("*", "/watch") == net.calls("*", "/youtubei/v1/player") == []


async def test_a_song_of_another_length_is_told_with_half_a_score(ask, net):
    [one] = await found(ask, net, ids.WRONG_LENGTH, isrc=None, duration_ms=60_000)
    assert (one["title"], one["score"]) == ("Long Way Round", 0.5)


async def test_nothing_is_found_where_nothing_is(ask, net):
    assert await found(ask, net, ids.NO_SOURCE) == []


async def test_song_arrives_as_it_is_with_title_and_cover(ask, net):
    track = net.world.track(ids.PLAIN)
    got = await ask("fetch", song=song_of(track), url=track.video.url)
    assert heard(got["path"]).is_(track.sound)
    said = tags(got["path"])
    assert (said["title"], said["artist"], said["album"]) == ("Copper Rain", "Ada Quill", "Field Notes")
    assert picture(got["path"]) == net.studio.cover(track.album.colour, 640)
    assert (got["bytes"], got["provider"]) == (Path(got["path"]).stat().st_size, "Youtube")
    assert set(got["versions"]) == {"spotdl", "yt-dlp", "ytmusicapi"}
    assert net.calls("*.spotify.com") == [], "a complete song needs no metadata"
    assert len(net.calls("*", "/youtubei/v1/player")) == 1, "YouTube is asked once"
    assert [done for done, _ in ask.told] == sorted(done for done, _ in ask.told)
    assert (ask.told[0][0] >= 0.1, ask.told[-1]) == (True, (0.95, "checking it"))


async def test_a_stream_of_another_form_is_not_encoded_anew(ask, net):
    track = net.world.track(ids.DUET)
    only_m4a = f"{YT_DLP_ARGS} --format bestaudio[ext=m4a]"
    got = await ask("fetch", song=song_of(track), url=track.video.url, arguments=only_m4a)
    assert Path(got["path"]).name == "sound.m4a"
    assert heard(got["path"]).is_(track.sound)
    assert tags(got["path"])["title"] == "Two Lanterns"
    assert len(net.calls("*", "/youtubei/v1/player")) == 1


@pytest.mark.parametrize("id", [ids.UNUSUAL_TITLE, ids.SLASH_TITLE])
async def test_titles_are_no_file_names(ask, net, id):
    track = net.world.track(id)
    got = await ask("fetch", song=song_of(track), url=track.video.url)
    assert Path(got["path"]).name == "sound.opus"
    assert tags(got["path"])["title"] == track.name


async def test_nothing_is_left_but_the_file_and_what_lies_in_the_home(ask, net, tmp_path):
    track = net.world.track(ids.PLAIN)
    await ask("fetch", song=song_of(track), url=track.video.url)
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["sound.opus"]
    assert list(net.home.iterdir()) == []


async def test_a_cut_stream_goes_on_where_it_broke_off(ask, net):
    track = net.world.track(ids.PLAIN)
    net.add_fault(host=STREAMS, cut=20_000)
    got = await ask("fetch", song=song_of(track), url=track.video.url)
    assert heard(got["path"]).is_(track.sound)
    first, second = (int(call.range[6:].partition("-")[0]) for call in net.calls(STREAMS))
    assert (first, 10_000 < second <= 20_000) == (0, True)


async def test_a_picture_that_cannot_be_had_stops_no_song(ask, net):
    track = net.world.track(ids.PLAIN)
    inside = song_of(track) | {"cover_url": net.internal_url}
    got = await ask("fetch", song=inside, url=track.video.url)
    assert heard(got["path"]).is_(track.sound)
    with pytest.raises(AssertionError, match="matches no streams"):
        picture(got["path"])


@pytest.mark.parametrize(
    ("id", "code"),
    [
        (ids.REGION_LOCKED, "source_region"),
        (ids.AGE_GATED, "source_age"),
        (ids.BOT_CHECK, "source_rate_limited"),
        (ids.TRY_LATER, "source_rate_limited"),
        (ids.PRIVATE_VIDEO, "source_private"),
        (ids.GONE_VIDEO, "source_removed"),
    ],
)
async def test_what_youtube_refuses_has_its_reason(refused, net, id, code):
    track = net.world.track(id)
    assert await refused("fetch", song=song_of(track), url=track.video.url) == code


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"host": STREAMS, "status": 403}, "source_forbidden"),
        ({"host": "www.youtube.com", "path": "/*", "status": 429}, "source_rate_limited"),
        ({"host": "www.youtube.com", "path": "/*", "status": 503}, "upstream"),
        ({"host": STREAMS, "drop": True}, "network"),
    ],
)
async def test_what_goes_wrong_on_the_way_has_its_reason(refused, net, fault, code):
    net.add_fault(**fault, times=None)
    track = net.world.track(ids.PLAIN)
    assert await refused("fetch", song=song_of(track), url=track.video.url) == code


@pytest.mark.parametrize(
    ("fault", "code"),
    [({"status": 429}, "source_rate_limited"), ({"status": 502}, "upstream"), ({"drop": True}, "network")],
)
async def test_a_search_that_fails_is_not_an_empty_one(refused, net, fault, code):
    net.add_fault(host="music.youtube.com", **fault, times=None)
    song = song_of(net.world.track(ids.PLAIN))
    assert await refused("find", song=song, provider="youtube-music") == code


async def test_who_is_not_trusted_is_named(refused, net):
    net.expect("www.youtube.com")
    track = net.world.track(ids.PLAIN)
    assert await refused("fetch", song=song_of(track), url=track.video.url, arguments="") == "tls"


async def test_what_does_not_fit_is_not_downloaded(refused, net):
    track = net.world.track(ids.PLAIN)
    assert await refused("fetch", song=song_of(track), url=track.video.url, limit=10_000) == "too_large"
    assert net.calls(STREAMS) == []


async def test_ffmpeg_that_is_not_there_is_said_so(refused, net, tmp_path):
    track = net.world.track(ids.PLAIN)
    none = str(tmp_path / "ffmpeg")
    assert await refused("fetch", song=song_of(track), url=track.video.url, ffmpeg=none) == "ffmpeg_missing"


async def test_link_to_a_video_is_looked_at_and_not_fetched(ask, net):
    video = net.world.track(ids.PLAIN).video
    assert await ask("look", url=video.url) == {
        "kind": "track",
        "id": video.id,
        "url": video.url,
        "title": "Copper Rain",
        "uploader": "Ada Quill",
        "duration_ms": 5000,
        "thumbnail": f"https://i.ytimg.com/vi/{video.id}/hqdefault.jpg",
    }
    assert net.calls(STREAMS) == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"https://www.youtube.com/watch?v={ids.LIVE_VIDEO}", "live_stream"),
        (f"{MEDIA}/radio.mp3", "live_stream"),
        (f"{MEDIA}/live.m3u8", "live_stream"),
        (f"{MEDIA}/page.html", "not_audio"),
        (f"{MEDIA}/missing.mp3", "source_removed"),
        (f"{MEDIA}/forbidden.mp3", "source_forbidden"),
        ("http://10.0.0.1/song.mp3", "internal_address"),
        ("ytsearch:copper rain", "bad_url"),
        ("file:///etc/hostname", "bad_url"),
    ],
)
@pytest.mark.parametrize("do", ["look", "take"])
async def test_what_is_no_song_is_refused(refused, do, url, code):
    assert await refused(do, url=url) == code


@pytest.mark.parametrize("do", ["look", "take"])
async def test_a_redirect_into_this_machine_is_not_followed(refused, net, do):
    for to in (net.internal_url, "http://127.0.0.1/internal.mp3", "http://169.254.169.254/latest"):
        assert await refused(do, url=f"{MEDIA}/redirect?to={to}") in ("internal_address", "bad_url")
    assert net.calls("127.0.0.1") == []


async def test_a_file_that_grows_beyond_the_limit_is_stopped(refused, net):
    unmeasured = f"{YT_DLP_ARGS} --max-filesize 1G"
    assert await refused("take", url=f"{MEDIA}/song.wav", limit=100_000, arguments=unmeasured) == "too_large"
    assert net.calls("media.fixture.example")[-1].status == 200


async def test_a_page_with_several_songs_is_a_list(ask, net):
    body = "<title>Two</title>" + "".join(f'<audio src="/song.{kind}"></audio>' for kind in ("mp3", "flac"))
    net.add_fault(path="/page.html", body=body, headers={"Content-Type": "text/html"}, times=None)
    got = await ask("look", url=f"{MEDIA}/page.html", most=1)
    assert (got["kind"], [entry["url"] for entry in got["entries"]]) == ("playlist", [f"{MEDIA}/song.mp3"])
    assert got["entries"][0]["code"] is None
    taken = await ask("take", url=f"{MEDIA}/page.html")
    assert heard(taken["path"]).is_(net.world.media_sound)


@pytest.mark.parametrize("name", ["song.mp3", "song.flac", "song.m4a", "film.mp4", "redirects/3"])
async def test_what_lies_open_is_taken_as_it_is(ask, net, name):
    got = await ask("take", url=f"{MEDIA}/{name}")
    assert heard(got["path"]).is_(net.world.media_sound)
    assert got["provider"] == "Generic"


async def test_a_page_gives_what_it_plays(ask, net):
    got = await ask("take", url=f"{MEDIA}/page-with-song.html")
    assert heard(got["path"]).is_(net.world.media_sound)


async def test_a_song_may_be_written_into_what_is_taken(ask, net):
    track = net.world.track(ids.NO_SOURCE)
    got = await ask("take", url=f"{MEDIA}/song.mp3", song=song_of(track))
    assert tags(got["path"])["title"] == "Unheard Ledger"
    assert heard(got["path"]).is_(net.world.media_sound)


async def test_nothing_that_comes_is_an_empty_file(refused):
    assert await refused("take", url=f"{MEDIA}/empty.mp3") == "empty_file"


async def test_no_password_of_the_machine_reaches_the_downloader(ask, net, tmp_path):
    spy = tmp_path / "ffmpeg"
    spy.write_text(f'#!/bin/sh\nenv > {tmp_path}/seen\nexec {ffmpeg()} "$@"\n')
    spy.chmod(0o755)
    track = net.world.track(ids.PLAIN)
    await ask("fetch", song=song_of(track), url=track.video.url, ffmpeg=str(spy))
    seen = (tmp_path / "seen").read_text()
    assert "HTTPS_PROXY" in seen
    assert "secret" not in seen
    assert f"HOME={tmp_path}" in seen


async def test_a_foreign_program_is_a_child_like_any_other():
    children = Children({"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"})
    program = Foreign("stranger", [sys.executable, "-m", "tests.children.programs.obedient"])

    async def quiet(done, note):
        return None

    try:
        assert (await children.ask(program, {"do": "answer", "echo": "é"}, quiet, Limits()))["echo"] == "é"
        with pytest.raises(Refused) as caught:
            await children.ask(program, {"do": "refuse"}, quiet, Limits())
        assert caught.value.facts == {"program": "stranger"}
    finally:
        await children.close()


async def test_the_child_imports_nothing_of_the_package():
    for name in ("fetch", "finding", "far_side", "address", "protocol"):
        text = (ROOT / "src" / "sfa" / "children" / f"{name}.py").read_text()
        lines = [line for line in text.splitlines() if line.startswith(("from sfa", "import sfa"))]
        assert lines == []
