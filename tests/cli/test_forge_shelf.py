"""Stems under names for people: links to what the library keeps, never copies."""

from __future__ import annotations

import dataclasses
from uuid import UUID

import pytest

from sfa import media
from sfa.cli.forge.shelf import shelve
from sfa.settings import Settings
from tests.cli.rows import found, separation, stem


@pytest.fixture
def settings(tmp_path):
    settings = dataclasses.replace(Settings.from_env({}), data=tmp_path)
    for digit in "01":
        place = media.blob(settings, digit * 64)
        place.parent.mkdir(parents=True)
        place.write_bytes(digit.encode())
    return settings


def test_stem_gets_a_name_and_takes_no_room(settings):
    place = shelve(settings, found(title="So/ng", artist="Some Body"))["vocals"]
    assert place == settings.forged / "Some Body - So_ng 00000000" / "htdemucs" / "vocals.flac"
    assert place.samefile(media.blob(settings, "0" * 64))


def test_second_time_it_is_the_same_name(settings):
    first = shelve(settings, found())
    assert shelve(settings, found()) == first
    assert [file.name for file in first["vocals"].parent.iterdir()] == ["vocals.flac"]


def test_songs_of_one_title_and_separations_of_one_song_stay_apart(settings):
    places = {
        shelve(settings, one)["vocals"]
        for one in (found(), found(track_id=UUID(int=9 << 100)), found(made=separation(ran="htdemucs_ft")))
    }
    assert len(places) == 3


def test_name_follows_what_the_separation_has_now(settings):
    shelve(settings, found())
    place = shelve(settings, found(stems=[stem(sha256="1" * 64)]))["vocals"]
    assert place.read_bytes() == b"1"


def test_where_nothing_can_be_linked_the_stem_lies_in_the_library(settings):
    settings.forged.write_text("in the way")
    assert shelve(settings, found())["vocals"] == media.blob(settings, "0" * 64)
