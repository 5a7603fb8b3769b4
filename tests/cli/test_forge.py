"""`./sfa forge` as a person types it: a real database, a real worker, real files."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import soundfile

from sfa.cli import main
from sfa.settings import Settings
from tests import sound, weights
from tests.conftest import ROOT, Worker, on

LATE_S = 60


@dataclass
class Studio:
    """A database with one worker behind it, and the environment in which commands find it."""

    settings: Settings
    env: dict[str, str]
    folder: Path
    worker: Worker

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "sfa", "forge", *map(str, arguments)],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def forge(self, *arguments: object) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        return end_of(self.start(*arguments))

    def ask(self, question: str, *params: object) -> object:
        with psycopg.connect(self.settings.database_url, autocommit=True) as conn:
            cursor = conn.execute(question, params)
            return cursor.fetchone()[0] if cursor.description else None

    def until(self, question: str, *params: object) -> None:
        deadline = time.monotonic() + LATE_S
        while not self.ask(question, *params):
            assert time.monotonic() < deadline, f"{question} did not come true"
            time.sleep(0.05)

    def song(self, name: str, *, seconds: float = 3.0, hz: float = 220.0) -> Path:
        """A file unlike every other one: its pitch is its own."""
        path = self.folder / name
        soundfile.write(path, sound.stereo(sound.sine(hz, seconds, rate_hz=44_100)), 44_100)
        return path


def end_of(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=LATE_S)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def studio(server, template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("studio")
    name = f"sfa_forge_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f'create database "{name}" template "{template}"')
    here = {
        "SFA_DATA": str(folder / "data"),
        "DATABASE_URL": on(server, name),
        "SFA_MODELS": str(folder / "data" / "models"),
        "HF_HOME": str(folder / "hub"),
        "HF_HUB_CACHE": str(folder / "hub" / "hub"),
        "HF_HUB_OFFLINE": "0",
        "TORCH_HOME": str(folder / "torch"),
        "HF_ENDPOINT": "http://127.0.0.1:9",  # nothing listens there
        "SFA_DEVICE": "cpu",
    }
    settings = Settings.from_env(here)
    worker = Worker(settings, ("download", "processing", "analysis"), "test", here)
    made = Studio(settings, {**os.environ, **here}, folder, worker)
    made.until("select count(*) = 3 from look.workers where alive")
    yield made
    worker.end()
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f'drop database "{name}" with (force)')


@pytest.fixture(scope="module")
def piece(studio):
    """Sixteen seconds of a band in C major at 120 beats a minute."""
    samples = sound.progression(sound.MAJOR_CADENCE, 2.0, strikes=4) + sound.drums(120, 16.0, first_s=0.0)
    path = studio.folder / "a piece.wav"
    soundfile.write(path, samples * 0.8, sound.RATE_HZ)
    return path


@pytest.fixture(scope="module")
def first(studio, piece):
    """What the first command said about the piece."""
    return studio.forge(piece, "--model", "quick", "--priority", 7, "--json")


@pytest.fixture
def paused(studio):
    """Nothing is separated meanwhile."""
    studio.ask("select sfa.pause('processing', 'a test looks on')")
    yield
    studio.ask("select sfa.resume('processing')")


def only_track(document: str) -> dict[str, object]:
    (track,) = json.loads(document)["tracks"]
    return track


def test_file_becomes_stems_and_readings(studio, first, piece):
    status, out, _ = first
    track = only_track(out)
    assert status == 0
    assert (track["state"], track["new"], track["error"]) == ("done", True, None)
    assert abs(track["tempo"]["bpm"] - 120) < 1.2
    assert (track["key"]["tonic"], track["key"]["mode"], track["key"]["camelot"]) == ("C", "major", "8B")
    assert {reading["name"] for reading in track["readings"]} >= {
        "tempo",
        "beats",
        "key",
        "chords",
        "loudness",
    }
    assert [stem["name"] for stem in track["stems"]] == ["vocals", "drums", "bass", "other"]
    frames = soundfile.info(piece).frames
    assert {soundfile.info(stem["path"]).frames for stem in track["stems"]} == {frames}
    assert studio.ask("select priority from tracks where id = %s", track["track_id"]) == 7
    assert all(stem["integrated_lufs"] is None or stem["integrated_lufs"] < 0 for stem in track["stems"])


def test_second_time_is_done_at_once_from_the_rows(studio, first, piece):
    status, out, err = studio.forge(piece, piece, "--model", "quick", "--json")
    before = only_track(first[1])
    tracks = json.loads(out)["tracks"]
    assert status == 0
    assert [(track["track_id"], track["new"]) for track in tracks] == [(before["track_id"], False)] * 2
    assert all(track["stems"] == before["stems"] for track in tracks)
    assert all(track["seconds"] < 5 for track in tracks)
    assert err.count("was in the library already") == 2


def test_person_gets_a_table_and_copies_of_the_stems(studio, first, piece):
    out = studio.folder / "out"
    status, said, _ = studio.forge(
        piece, "--model", "quick", "--stems", "vocals,drums", "--format", "mp3", "--out", out
    )
    assert status == 0
    assert "C major, Camelot 8B" in said
    assert "Quick, rough stems" in said
    assert sorted(str(file.relative_to(out)) for file in out.rglob("*.*")) == [
        "a piece/drums.mp3",
        "a piece/vocals.mp3",
    ]
    assert f"{out}/a piece\n" in said


def test_what_another_program_pipes_in_becomes_a_track(studio):
    song = studio.song("piped.wav", hz=410)
    command = f"cat '{song}' | {sys.executable} -m sfa forge /dev/stdin --model quick --json"
    piped = subprocess.Popen(
        ["bash", "-c", command],
        cwd=ROOT,
        env=studio.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    status, out, _ = end_of(piped)
    assert (status, only_track(out)["state"]) == (0, "done")
    sha256 = hashlib.sha256(song.read_bytes()).hexdigest()
    assert studio.ask("select sha256 from tracks where id = %s", only_track(out)["track_id"]) == sha256


def test_bad_file_does_not_stop_the_others(studio):
    text = studio.folder / "a text\nin two lines.wav"
    text.write_text("no sound in here\n" * 50)
    (studio.folder / "empty.wav").touch()
    good = studio.song("good.wav", hz=233)
    missing = studio.folder / "missing.wav"
    files = (good, text, studio.folder / "empty.wav", missing, studio.folder)
    status, out, _ = studio.forge(*files, "--model", "quick", "--json")
    document = json.loads(out)
    assert [track["state"] for track in document["tracks"]] == ["done"] + ["failed"] * 4
    codes = [track["error"]["code"] for track in document["tracks"][1:]]
    assert codes == ["not_audio", "empty_file", "unreadable", "unreadable"]
    assert status == 65
    assert not document["ok"]
    assert not [track["error"] for track in document["tracks"][1:] if not track["error"]["fix"]]


def test_name_of_any_kind_is_safe_in_terminal_and_folders(studio):
    wild = studio.song(f"so[red]ng\n\x1b[31m😀{'x' * 150}.wav", hz=247)
    out = studio.folder / "wild"
    status, said, err = studio.forge(wild, "--model", "quick", "--out", out)
    assert status == 0
    assert "\x1b" not in said + err
    (folder,) = out.iterdir()
    assert folder.name.startswith("so[red]ng [31m😀xxx")
    assert len(list(folder.iterdir())) == 4


@pytest.mark.parametrize(
    "arguments, says",
    [
        (("--model", "nix"), "There is no model called “nix”; there are htdemucs,"),
        (
            ("--stems", "vocals,kazoo"),
            "The model htdemucs has no stem “kazoo”; it has drums, bass, other, vocals.",
        ),
        (("--stems", ","), "no stem at all"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_asked(studio, arguments, says):
    song = studio.song("never.wav", hz=101)
    before = studio.ask("select count(*) from tracks")
    status, out, err = studio.forge(song, "--json", *arguments)
    assert status == 64
    assert says in err
    assert says in json.loads(out)["error"]["message"]
    assert studio.ask("select count(*) from tracks") == before


def test_command_line_that_cannot_be_understood_is_answered_in_json_too(capsys):
    assert main(["forge", "--json", "--bogus"]) == 64
    assert "--bogus" in json.loads(capsys.readouterr().out)["error"]["message"]


@pytest.mark.parametrize(
    "setting, status, code", [("x", 78, "settings"), ("4000", 66, "unreadable")], ids=["setting", "file"]
)
def test_what_is_wrong_from_the_start_needs_no_studio(monkeypatch, tmp_path, capsys, setting, status, code):
    monkeypatch.setenv("SFA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SFA_PORT", setting)
    assert main(["forge", "--json", str(tmp_path / "missing.wav")]) == status
    track = only_track(capsys.readouterr().out)
    assert (track["state"], track["error"]["code"]) == ("failed", code)
    assert not (tmp_path / "data").exists()


def test_two_forges_of_the_same_file_at_once_both_end_well(studio):
    song = studio.song("twins.wav", hz=262)
    both = [studio.start(song, "--model", "quick", "--json") for _ in range(2)]
    ends = [end_of(process) for process in both]
    assert [status for status, _, _ in ends] == [0, 0]
    tracks = [only_track(out) for _, out, _ in ends]
    assert tracks[0]["track_id"] == tracks[1]["track_id"]
    assert sorted(track["new"] for track in tracks) == [False, True]
    assert studio.ask("select count(*) from runs where track_id = %s", tracks[0]["track_id"]) == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_cancels_and_the_same_command_goes_on(studio, request, number):
    song = studio.song(f"stopped by {number}.wav", hz=300 + number)
    request.getfixturevalue("paused")
    process = studio.start(song, "--model", "quick", "--json")
    studio.until("select count(*) = 1 from look.runs where state = 'queued' and stage = 'separation'")
    process.send_signal(number)
    status, out, err = end_of(process)
    track = only_track(out)
    assert (status, track["state"]) == (130, "cancelled")
    assert "The same command goes on where this one left off." in err
    open_runs = "select count(*) from runs where track_id = %s and state in ('queued', 'running', 'blocked')"
    assert studio.ask(open_runs, track["track_id"]) == 0
    studio.ask("select sfa.resume('processing')")
    status, out, _ = studio.forge(song, "--model", "quick", "--json")
    assert (status, only_track(out)["track_id"]) == (0, track["track_id"])


def test_second_signal_leaves_at_once(studio):
    song = studio.song("hasty.wav", hz=320, seconds=30)
    process = studio.start(song, "--model", "quick")
    studio.until("select count(*) = 1 from look.runs where state = 'running' and stage = 'separation'")
    studio.worker.process.send_signal(signal.SIGSTOP)  # so that nothing is cancelled by itself
    try:
        process.send_signal(signal.SIGINT)
        studio.until("select exists (select from runs where note = 'Stopping.')")
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert end_of(process)[0] == 130
        assert time.monotonic() - began < 2
    finally:
        studio.worker.process.send_signal(signal.SIGCONT)
    studio.until("select state = 'cancelled' from look.tracks where title = 'hasty'")


def test_work_of_others_is_not_cancelled(studio, paused):
    song = studio.song("shared.wav", hz=330)
    asking = studio.start(song, "--model", "quick", "--json")
    studio.until("select count(*) = 1 from look.runs where state = 'queued' and stage = 'separation'")
    joining = studio.start(song, "--model", "quick", "--json")
    while "Separate waits" not in joining.stderr.readline():
        assert joining.poll() is None
    joining.send_signal(signal.SIGINT)
    status, out, _ = end_of(joining)
    assert (status, only_track(out)["state"]) == (130, "left")
    studio.ask("select sfa.resume('processing')")
    status, out, _ = end_of(asking)
    assert (status, only_track(out)["state"]) == (0, "done")


def test_work_goes_on_when_the_command_is_killed(studio, paused):
    song = studio.song("orphan.wav", hz=350)
    process = studio.start(song, "--model", "quick")
    studio.until("select count(*) = 1 from look.runs where state = 'queued' and stage = 'separation'")
    process.kill()
    end_of(process)
    studio.ask("select sfa.resume('processing')")
    studio.until("select state = 'done' from look.tracks where title = 'orphan'")


def test_command_outlives_its_connections(studio, paused):
    song = studio.song("severed.wav", hz=370)
    process = studio.start(song, "--model", "quick", "--json")
    studio.until("select count(*) = 1 from look.runs where state = 'queued' and stage = 'separation'")
    studio.ask("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sfa forge'")
    studio.ask("select sfa.resume('processing')")
    status, out, err = end_of(process)
    assert (status, only_track(out)["state"]) == (0, "done")
    assert "Waiting for the database." in err
    assert "The database is back." in err


def test_stand_in_is_owned_up_to_and_replaced_once_the_weights_are_there(studio):
    song = studio.song("better.wav", hz=390)
    status, out, _ = studio.forge(song)
    assert status == 0
    assert "ROUGH STEMS: quick stood in for htdemucs." in out
    assert "./sfa models get htdemucs" in out
    weights.seed_hub_cache(studio.folder / "hub")
    status, out, _ = studio.forge(song, "--json")
    made = only_track(out)["separation"]
    assert (status, made["ran"], made["engine"], made["why"]) == (0, "htdemucs", "demucs", None)
