"""What the real yt-dlp and the real ytmusicapi make of the double."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import requests

from sfa.sound.programs import ffmpeg
from tests.fake_internet import world as ids
from tests.fake_internet.audio import heard
from tests.fake_internet.internet import YT_DLP_ARGS
from tests.fake_internet.world import World

MEDIA = "https://media.fixture.example"
SEARCH = """
import json, sys
from ytmusicapi import YTMusic
asked = json.load(sys.stdin)
found = {}
for language in ("de", "en"):
    music = YTMusic(language=language)
    found[language] = [music.search(query, **how) for query, how in asked]
json.dump(found, sys.stdout)
"""


REFUSED = {
    ids.REGION_LOCKED: "not made this video available in your country",
    ids.AGE_GATED: "Sign in to confirm your age",
    ids.BOT_CHECK: "Sign in to confirm you’re not a bot",
    ids.PRIVATE_VIDEO: "Private video",
    ids.GONE_VIDEO: "Video unavailable",
    ids.TRY_LATER: "This content isn't available, try again later",
}


def yt_dlp(env: dict[str, str], downloader: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    always = [*YT_DLP_ARGS.split(), "--no-warnings", "--retries", "1", "--extractor-retries", "1"]
    return subprocess.run(
        [downloader / "yt-dlp", *always, "--ffmpeg-location", ffmpeg(), *arguments],
        env={"PATH": "/usr/bin:/bin", **env},
        cwd=env["HOME"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def looked_at(fake_internet, downloader, tmp_path_factory) -> tuple[dict[str, dict], list[str]]:
    """What yt-dlp says of everything below without fetching it, and what it complains of; asked once."""
    world = fake_internet.world
    videos = [world.track(id).video for id in (ids.PLAIN, *REFUSED)] + [world.videos[ids.LIVE_VIDEO]]
    media = [f"{MEDIA}/{name}" for name in ("live.m3u8", "page.html", "missing.mp3")]
    done = yt_dlp(
        fake_internet.environment(tmp_path_factory.mktemp("home")),
        downloader,
        *("-j", "--ignore-errors", *(video.url for video in videos), *media),
        "ytsearch1:ada quill camera lucida",
    )
    fake_internet.assert_honest()
    return {said["id"]: said for said in map(json.loads, done.stdout.splitlines())}, done.stderr.splitlines()


@pytest.mark.parametrize("id", REFUSED)
def test_what_youtube_refuses_has_its_reason(looked_at, id):
    found, complaints = looked_at
    video = World().track(id).video
    assert video.id not in found
    assert [line for line in complaints if video.id in line and REFUSED[id] in line], complaints


def test_a_song_says_what_it_is(looked_at):
    song = looked_at[0][World().track(ids.PLAIN).video.id]
    assert (song["track"], song["artist"], song["album"]) == ("Copper Rain", "Ada Quill", "Field Notes")
    assert {one["format_id"] for one in song["formats"]} == {"140", "251"}
    assert song["is_live"] is False


def test_what_is_on_the_air_is_known_as_such(looked_at):
    assert [looked_at[0][id]["is_live"] for id in (ids.LIVE_VIDEO, "live")] == [True, True]


def test_what_is_nothing_to_hear_is_told(looked_at):
    of_media = [line for line in looked_at[1] if "page.html" in line or "missing" in line]
    assert ["Unsupported URL" in of_media[0], "404" in of_media[1]] == [True, True]


def test_youtubes_own_search_finds_the_likeliest_first(looked_at):
    assert World().track(ids.VIDEO_ONLY).video.id in looked_at[0]


def test_a_plain_file_is_fetched_whole(net, downloader):
    done = yt_dlp(net.env, downloader, "-o", "found.%(ext)s", f"{MEDIA}/redirects/2")
    assert done.returncode == 0, done.stderr
    assert heard(net.home / "found.mp3").is_(net.world.media_sound)


def test_an_m4a_is_mended_and_a_cut_stream_is_gone_on_with(net, downloader):
    net.add_fault(host="*.googlevideo.com", cut=20_000)
    track = net.world.track(ids.DUET)
    done = yt_dlp(net.env, downloader, "-f", "140", "-o", "song.%(ext)s", track.video.url)
    assert done.returncode == 0, done.stderr
    assert heard(net.home / "song.m4a").is_(track.sound)
    first, second = net.calls("*.googlevideo.com")
    assert first.range.startswith("bytes=0-")
    # It keeps whole blocks of what had come, and asks for the rest.
    assert 0 < int(second.range.removeprefix("bytes=").split("-")[0]) <= 20_000
    assert b"ftypdash" not in (net.home / "song.m4a").read_bytes()[:16]


def test_a_stream_needs_an_address_that_is_signed_and_good(net):
    asked = {
        "context": {"client": {"clientName": "VISIONOS"}},
        "videoId": net.world.track(ids.PLAIN).video.id,
    }
    said = requests.post("https://www.youtube.com/youtubei/v1/player", json=asked, timeout=5).json()
    url = said["streamingData"]["adaptiveFormats"][0]["url"]
    assert requests.get(url, timeout=5).status_code == 200
    assert requests.get(url.replace("itag=251", "itag=140"), timeout=5).status_code == 403
    net.advance(6 * 3600 + 1)
    assert requests.get(url, timeout=5).status_code == 403


def test_a_search_is_answered_in_the_language_that_asks(net, downloader):
    plain = net.world.track(ids.PLAIN)
    asked = [
        ("ada quill - copper rain", {"filter": "songs", "ignore_spelling": True}),
        ("ada quill - copper rain", {"filter": "videos", "ignore_spelling": True}),
        (plain.isrc, {}),
        ("qzqzqz", {"filter": "songs"}),
    ]
    done = subprocess.run(
        [downloader / "python", "-c", SEARCH],
        input=json.dumps(asked),
        env={"PATH": "/usr/bin:/bin", **net.env},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)
    for language, shelf in (("de", "Titel"), ("en", "Songs")):
        songs, videos, by_isrc, nothing = found[language]
        best = songs[0]
        assert (best["videoId"], best["category"], best["duration"]) == (plain.video.id, shelf, "0:05")
        assert (best["album"]["name"], best["artists"][0]["name"]) == ("Field Notes", "Ada Quill")
        assert {"dLive000000", "dKaraoke000"} <= {video["videoId"] for video in videos}
        assert [(one["videoId"], one["resultType"]) for one in by_isrc] == [(plain.video.id, "song")]
        assert nothing == []
    explicit = net.world.track(ids.EXPLICIT).video.id
    assert [one["videoId"] for one in found["de"][0] if one["isExplicit"]] == [explicit]
