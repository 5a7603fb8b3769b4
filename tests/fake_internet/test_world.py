from __future__ import annotations

import itertools
import re

import pytest

from tests.fake_internet import world as ids
from tests.fake_internet.audio import MIME, Sound, Studio, heard
from tests.fake_internet.world import World


def test_every_song_has_a_pitch_of_its_own():
    world = World()
    sounds = {track.sound for track in world.tracks.values()}
    sounds |= {video.sound for video in world.videos.values()} | {world.media_sound}
    pitches = sorted(sound.hz for sound in sounds)
    assert all(high / low > 1.012 for low, high in itertools.pairwise(pitches))


def test_ids_are_as_spotify_and_youtube_write_them():
    world = World()
    tables = (world.tracks, world.albums, world.artists, world.playlists, world.episodes)
    assert all(re.fullmatch(r"[0-9A-Za-z]{22}", id) for table in tables for id in table)
    assert all(re.fullmatch(r"[\w-]{11}", id, re.ASCII) for id in world.videos)


def test_a_song_is_as_long_on_youtube_as_spotify_says_but_for_the_one_that_is_not():
    world = World()
    other = [t.id for t in world.tracks.values() if t.video and t.video.sound != t.sound]
    assert other == [ids.WRONG_LENGTH]
    track = world.track(ids.WRONG_LENGTH)
    assert track.video.sound.seconds - track.sound.seconds == 7


def test_what_a_test_changes_in_its_world_is_gone_in_the_next(net):
    net.world.playlist(ids.EMPTY_PLAYLIST).items.append(None)
    net.reset()
    assert net.world.playlist(ids.EMPTY_PLAYLIST).items == []


@pytest.mark.parametrize("kind", list(MIME))
def test_a_file_sounds_and_lasts_as_declared(tmp_path, kind):
    sound = Sound(330.0, 4.25)
    (tmp_path / "song").write_bytes(Studio(tmp_path / "sounds").song(sound, kind))
    found = heard(tmp_path / "song")
    assert found.is_(sound)
    assert not found.is_(Sound(330.0 * 2 ** (1 / 36), 4.25))
    assert not found.is_(Sound(330.0, 4.5))


def test_a_film_without_sound_is_heard_to_have_none(tmp_path):
    (tmp_path / "film").write_bytes(Studio(tmp_path / "sounds").silent_film(1.0))
    with pytest.raises(AssertionError, match="ffmpeg"):
        heard(tmp_path / "film")
