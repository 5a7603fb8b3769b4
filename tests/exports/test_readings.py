"""Readings as JSON, CSV and MIDI over HTTP, with the words that the command line uses."""

from __future__ import annotations

import csv
import io
import json

import mido
import pytest

from sfa.analysis.rows import Chord, Readings, Section
from sfa.exports.document import text_of
from sfa.exports.tables import table
from tests import make
from tests.exports.forged import forge
from tests.web.make import add_song, little_song


async def test_json_has_the_words_of_the_command_line(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    answer = await site.get(f"/tracks/{track}/readings.json")
    said = json.loads(answer.text)
    assert answer.headers["content-type"] == "application/json"
    assert said["track_id"] == str(track)
    assert said["tempo"]["alternatives"][0]["bpm"] == 60
    assert said["key"]["camelot"] == "8A"
    assert said["sections"][0]["group"] == 0
    assert [stem["name"] for stem in said["stems"]] == ["vocals", "drums", "bass", "other"]
    assert said["separation"]["ran"] == "htdemucs"
    absent = {reading["name"]: reading["absent"] for reading in said["readings"] if reading["absent"]}
    assert absent == {"onsets": "Too few attacks stand out."}


def test_what_is_no_number_is_null():
    assert json.loads(text_of({"a": float("nan"), "b": [float("-inf")]})) == {"a": None, "b": [None]}


async def test_tables_are_csv_that_reads_back(site, pool, settings, account):
    track = await add_song(pool, settings, account, little_song())
    rows = {}
    for name in ("beats", "chords", "sections"):
        answer = await site.get(f"/tracks/{track}/tables/{name}")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert f"filename*=UTF-8''song%20-%20{name}.csv" in answer.headers["content-disposition"]
        rows[name] = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert rows["beats"][5] == {"beat": "6", "at_s": "2.500000", "bar": "2", "position": "2"}
    assert [row["label"] for row in rows["chords"]] == ["Am", "F"]
    assert rows["sections"][1]["start_s"] == "2.0000"


def test_label_is_no_formula_of_a_spreadsheet():
    rows = Readings(sections=[Section(0, 1, '=cmd|"/c calc"!A1', 0, 0.5)], chords=[Chord(0, 1, "F#m", 0.5)])
    assert '\'=cmd|""/c calc""!A1' in table(rows, "sections")
    assert "F#m" in table(rows, "chords")


async def test_midi_of_a_track_is_as_long_as_its_sound(site, pool, settings, account):
    track = await add_song(pool, settings, account, little_song())
    answer = await site.get(f"/tracks/{track}/readings.mid")
    assert answer.headers["content-type"] == "audio/midi"
    assert mido.MidiFile(file=io.BytesIO(answer.content)).length == pytest.approx(4.0, abs=0.001)


async def test_track_that_was_not_read_says_so(site, pool, settings, account):
    taken = await make.take_in(pool, settings, account, make.wav())
    for path in ("readings.json", "readings.mid", "tables/beats"):
        answer = await site.get(f"/tracks/{taken.track_id}/{path}")
        assert answer.status_code == 404
        assert "This track has not been read yet." in answer.text


async def test_reading_that_could_not_be_taken_gives_its_reason(site, pool, settings, account):
    track, _ = await forge(pool, settings, account)
    async with pool.connection() as conn:
        await conn.execute("delete from beats where track_id = %s", [track])
        await conn.execute(
            "update readings set absent = 'There is no pulse.', method = null where name = 'beats'"
        )
    answer = await site.get(f"/tracks/{track}/tables/beats")
    assert answer.status_code == 404
    assert "This track has no beats: There is no pulse." in answer.text
    assert (await site.get(f"/tracks/{track}/tables/onions")).status_code == 404
