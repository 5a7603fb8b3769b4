"""The whole way, with the real spotdl: a song that is given complete, searched, fetched, tagged."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from sfa.sound.programs import ffmpeg
from tests.fake_internet import world as ids
from tests.fake_internet.audio import heard, picture, tags
from tests.fake_internet.internet import YT_DLP_ARGS
from tests.fake_internet.model import Track

SCRIPT = Path(__file__).with_name("spotdl_download.py")


def complete(track: Track) -> dict[str, Any]:
    """A song as spotdl asks nobody about: nothing that it would look up is None."""
    album = track.album
    return {
        "name": track.name,
        "artists": [artist.name for artist in track.artists],
        "artist": track.artists[0].name,
        "genres": [],
        "disc_number": track.disc,
        "disc_count": 1,
        "album_name": album.name,
        "album_artist": album.artists[0].name,
        "album_id": album.id,
        "duration": track.sound.ms // 1000,
        "year": int(album.released[:4]),
        "date": album.released,
        "track_number": track.number,
        "tracks_count": len(album.tracks),
        "song_id": track.id,
        "explicit": track.explicit,
        "publisher": "",
        "url": track.url,
        "isrc": track.isrc,
        "cover_url": album.cover_url(),
        "copyright_text": None,
    }


def test_a_song_of_the_world_arrives_and_is_the_one(net, downloader, tmp_path):
    track = net.world.track(ids.DUET)
    job = {
        "songs": [complete(track)],
        "out": str(tmp_path / "out"),
        "format": "opus",
        "ffmpeg": ffmpeg(),
        "yt_dlp_args": f"{YT_DLP_ARGS} --ffmpeg-location {ffmpeg()}",
    }
    done = subprocess.run(
        [downloader / "python", SCRIPT],
        input=json.dumps(job),
        env={"PATH": "/usr/bin:/bin", **net.env},
        cwd=net.home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["errors"] == []
    [file] = answer["paths"]
    assert heard(file).is_(track.sound)
    said = tags(file)
    assert (said["title"], said["album"], said["isrc"]) == ("Two Lanterns", "Field Notes", track.isrc)
    assert picture(file) == net.studio.cover(track.album.colour, 640)

    assert net.calls("*.spotify.com") == [], "a complete song needs no metadata"
    assert [call.host for call in net.calls() if call.range] == ["rr1---sn-fixture.googlevideo.com"]
    assert len(net.calls("i.scdn.co")) == 1
