"""Results as people and programs read them."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from sfa.analysis import Reading, Readings
from sfa.cli.forge import display, song
from sfa.cli.forge.document import text_of
from sfa.cli.forge.report import table_of
from sfa.cli.forge.song import Song, Trouble
from tests.cli.rows import FORGED, found, run, separation, stem


def text(one, width=110) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, emoji=False)
    for part in table_of(one):
        console.print(part, soft_wrap=not hasattr(part, "columns"))
    return out.getvalue()


def done(**changes) -> Song:
    one = Song("/music/song.wav")
    one.result = found(**changes)
    one.track_id = one.result.track.id
    one.runs = [run(), run("separation"), run("analysis"), run("stem_analysis")]
    one.end(song.DONE)
    return one


def document(*songs, trouble=None):
    said = text_of(songs, trouble)
    return json.loads(said, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


@pytest.mark.parametrize(
    "fact",
    [
        "0:04, 44.1 kHz, stereo, wav, pcm_s16",
        "120.0 bpm (90 % sure); or 60.0",
        "A minor, Camelot 8A (90 % sure); or C major 8B",
        "4 beats to the bar",
        "−14.2 LUFS, true peak −1.0 dBTP, range 5.0 LU",
        "A 0:00–0:02, B 0:02–0:04",
        "Am 75 %, none 25 %; begins Am none",
        "vocals.flac; by htdemucs (Demucs, on cpu)",
    ],
)
def test_table_says(fact):
    assert fact in text(found())


def test_path_of_the_stems_is_never_broken():
    assert f"{FORGED}\n" in text(found(), width=40)


def test_stand_in_is_named_with_reason_and_remedy():
    made = separation(ran="quick", engine="quick", why="No weights.", fix="Get them.")
    said = text(found(made=made))
    assert "ROUGH STEMS: quick stood in for htdemucs." in said
    assert "No weights." in said
    assert "Get them." in said


def test_reading_that_could_not_be_taken_says_why():
    said = Readings(by_name={"tempo": Reading("tempo", None, None, "it is silent")})
    assert "Tempo" in text(found(said=said))
    assert "not known: it is silent" in text(found(said=said))


def test_title_cannot_write_to_the_terminal():
    said = text(found(title="[red]so\x1b[31mng\n[/red]"))
    assert said.startswith("[red]so [31mng [/red]")
    assert "\x1b" not in said


def test_document_has_every_reading():
    (track,) = document(done())["tracks"]
    assert (track["state"], track["file"], track["error"]) == ("done", "/music/song.wav", None)
    assert track["tempo"]["bpm"] == 120.0
    assert track["tempo"]["alternatives"] == [{"bpm": 60.0, "confidence": 0.3}]
    assert (track["key"]["camelot"], track["key"]["method"]) == ("8A", "by ear")
    assert track["beats"]["positions"] == [1, 2]
    assert track["sections"][1]["group"] == 1
    assert track["stems"][0]["path"] == f"{FORGED}/vocals.flac"
    assert track["stems"][0]["duration_s"] == 1.0


def test_numbers_that_are_none_are_null():
    (track,) = document(done(stems=[stem(peak=float("nan"), true_peak_dbtp=float("-inf"))]))["tracks"]
    assert track["stems"][0]["peak"] is None
    assert track["stems"][0]["true_peak_dbtp"] is None


def test_document_of_a_file_that_never_got_in_has_the_same_keys():
    lost = Song("no\udcffbytes.wav")
    lost.end(song.FAILED, Trouble("unreadable", "There is no file.", "Check it."))
    both = document(done(), lost)
    assert both["ok"] is False
    assert both["tracks"][0].keys() == both["tracks"][1].keys()
    assert both["tracks"][1]["error"] == {
        "code": "unreadable",
        "message": "There is no file.",
        "fix": "Check it.",
    }


def test_document_tells_what_kept_the_whole_command_from_working():
    said = document(Song("a.wav"), trouble=Trouble("model_unknown", "No such model.", ""))
    assert (said["ok"], said["error"]["code"]) == (False, "model_unknown")


class Heard:
    """A plain display, and what it has said."""

    def __init__(self, *songs):
        self.out = io.StringIO()
        console = Console(file=self.out, width=200, highlight=False, emoji=False)
        self.display = display.Plain(console, list(songs), display.report.Silence())

    def lines(self):
        return [line.removeprefix("sfa: ") for line in self.out.getvalue().splitlines()]


def test_plain_display_says_each_change_once():
    one = Song("song.wav")
    heard = Heard(one)
    for state in ("blocked", "queued", "running", "running", "done", "done"):
        one.runs = [run("analysis", state, note="Waits for its turn." if state == "queued" else "listening")]
        heard.display.changed()
    assert heard.lines() == ["“song.wav”: Analysis has begun.", "“song.wav”: Analysis is done, 1.0 s."]


def test_plain_display_says_why_nothing_moves():
    one = Song("song.wav")
    heard = Heard(one)
    one.runs = [run("analysis", "queued", note="The queue is paused: loud fan.")]
    heard.display.changed()
    heard.display.away(True)
    heard.display.away(True)
    heard.display.away(False)
    assert heard.lines() == [
        "“song.wav”: Analysis waits. The queue is paused: loud fan.",
        "Waiting for the database.",
        "The database is back.",
    ]


def test_what_was_done_before_is_told_in_one_sentence():
    one = done()
    heard = Heard(one)
    heard.display.changed()
    heard.display.ended(one)
    assert heard.lines() == ["“song.wav” was in the library already, with all that was asked for."]


def test_picture_shows_progress_and_forecast():
    one = Song("song.wav", phase=song.WORKING)
    one.runs = [run(), run("separation", "running", progress=0.5, left_s=61.2, eta_s=61.2, note="listening")]
    console = Console(file=io.StringIO(), width=100, height=30, force_terminal=True, emoji=False)
    picture = display.Moving(console, [one], display.report.Silence())
    console.print(picture._picture())
    said = console.file.getvalue()
    assert "50 %" in said
    assert "1:02 left" in said
    assert "listening" in said


def test_picture_of_many_songs_fits_the_screen():
    many = [Song(f"{number}.wav", phase=song.WORKING, runs=[run(state="running")]) for number in range(100)]
    console = Console(file=io.StringIO(), width=100, height=20, force_terminal=True, emoji=False)
    console.print(display.Moving(console, many, display.report.Silence())._picture())
    assert len(console.file.getvalue().splitlines()) <= 20
