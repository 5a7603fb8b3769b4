from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from sfa import demo
from sfa.children.analyse import CURVES, analyse
from sfa.children.protocol import CannotDo
from tests import sound

NAMES = ["tempo", "beats", "metre", "key", "chords", "sections", "loudness", "onsets", "balance", "spectrum"]


def written(path, samples, rate_hz=sound.RATE_HZ, subtype="PCM_16"):
    soundfile.write(path, samples, rate_hz, subtype=subtype)
    return path


def asked(source, work, report=lambda _done, _note: None):
    return analyse({"what": "mix", "source": str(source), "name": source.name, "work": str(work)}, report)


def values_of(answer):
    return {reading["name"]: reading["value"] for reading in answer["readings"]}


def array_of(data, facts):
    piece = data[facts["offset"] : facts["offset"] + facts["bytes"]]
    return np.frombuffer(piece, facts["dtype"]).reshape(facts["shape"])


@pytest.fixture(scope="module")
def song():
    return demo.song()


@pytest.fixture(scope="module")
def answer(song, tmp_path_factory):
    """The demo song's answer, as it comes through JSON, and its curves."""
    folder = tmp_path_factory.mktemp("analyse")
    answer = asked(demo.write(folder / "demo.flac", song), folder)
    return json.loads(json.dumps(answer, allow_nan=False)), (folder / CURVES).read_bytes()


def test_every_reading_is_there_with_method_and_confidence(answer):
    readings = answer[0]["readings"]
    assert [reading["name"] for reading in readings] == NAMES
    for reading in readings:
        assert reading["absent"] is None
        assert reading["method"]
        assert 0 < reading["confidence"] <= 1


def test_the_demo_song_has_its_tempo_metre_and_key(answer, song):
    values = values_of(answer[0])
    assert values["tempo"]["bpm"] == pytest.approx(song.truth.bpm, rel=0.002)
    assert values["metre"]["beats_per_bar"] == song.truth.beats_per_bar
    assert (values["key"]["tonic"], values["key"]["mode"]) == (song.truth.key.tonic, song.truth.key.mode)
    assert values["key"]["camelot"] == song.truth.key.camelot
    assert values["key"]["tuning_hz"] == pytest.approx(song.truth.tuning_hz, abs=1)


def test_the_demo_song_has_its_beats_and_downbeats(answer, song):
    beats = values_of(answer[0])["beats"]
    times, places = np.array(beats["times_s"]), np.array(beats["positions"])
    for found, true in ((times, song.truth.beats_s), (times[places == 1], song.truth.downbeats_s)):
        assert np.mean([np.abs(found - time).min() < 0.02 for time in true]) > 0.95


def test_the_demo_song_has_its_chords(answer, song):
    starts = np.array([chord["start_s"] for chord in values_of(answer[0])["chords"]])
    labels = [chord["label"] for chord in values_of(answer[0])["chords"]]
    right = total = 0.0
    for start_s, end_s, label in song.truth.chords:
        times = np.arange(start_s + 0.01, end_s, 0.02)
        heard = [labels[i] for i in np.searchsorted(starts, times, side="right") - 1]
        right, total = right + heard.count(label), total + len(times)
    assert right / total > 0.9


def test_the_demo_song_has_its_sections(answer, song):
    sections = values_of(answer[0])["sections"]
    bar_s = 60 / song.truth.bpm * song.truth.beats_per_bar
    true = [start_s for start_s, _, _ in song.truth.sections]
    assert [section["start_s"] for section in sections] == pytest.approx(true, abs=bar_s)
    letters: dict[str, str] = {}
    for (_, _, name), section in zip(song.truth.sections, sections, strict=True):
        assert letters.setdefault(name, section["label"]) == section["label"]


def test_curves_lie_where_the_answer_says(answer):
    facts, data = answer
    curves = {curve["name"]: array_of(data, curve) for curve in facts["curves"]}
    assert curves["chroma"].shape[0] == 12
    assert curves["mfcc"].shape[0] == 20
    assert len(curves["onset_times"]) == values_of(facts)["onsets"]["count"]
    assert curves["likeness"].dtype == np.uint8
    assert curves["likeness"].shape[0] == curves["likeness"].shape[1] <= 512
    assert float(curves["true_peak"].max()) == pytest.approx(
        values_of(facts)["loudness"]["true_peak_dbtp"], abs=0.02
    )
    assert all(np.isfinite(curve).all() for curve in curves.values())
    assert all(curve["offset"] % 4 == 0 for curve in facts["curves"])


def test_waveform_peaks_have_three_levels(answer, song):
    facts, data = answer
    assert [level["frames_per_peak"] for level in facts["peaks"]] == [256, 2048, 16384]
    for level in facts["peaks"]:
        assert level["count"] == level["bytes"] == -(-len(song.samples) // level["frames_per_peak"])
        peaks = data[level["offset"] : level["offset"] + level["bytes"]]
        assert max(peaks) == round(float(np.abs(song.samples).max()) * 255)


def test_progress_goes_up_and_says_what_is_done_in_plain_words(tmp_path):
    told = []
    asked(written(tmp_path / "x.wav", sound.drums(120, 5)), tmp_path, lambda *said: told.append(said))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {"listening", "finding the beat", "naming the chords"} <= {note for _, note in told}


EXTREMES = {
    "0.2 s": (sound.tone(60, 0.2), sound.RATE_HZ),
    "one sample": (np.array([0.3], np.float32), 44100),
    "silence": (sound.silence(3), 44100),
    "white noise": (sound.noise(3), 44100),
    "one click": (sound.at_times([1.0], sound.tick(), 3), sound.RATE_HZ),
    "8 kHz": (sound.drums(120, 3, rate_hz=8000), 8000),
    "192 kHz": (sound.stereo(sound.drums(120, 2, rate_hz=192000)), 192000),
    "constant": (np.full(44100, 0.5, np.float32), 44100),
    "far too loud": (30 * sound.drums(120, 3), sound.RATE_HZ),
}


@pytest.mark.parametrize("what", EXTREMES.values(), ids=EXTREMES)
def test_nothing_is_invented_and_every_number_is_a_number(what, tmp_path):
    answer = asked(written(tmp_path / "x.wav", *what, subtype="FLOAT"), tmp_path)
    json.dumps(answer, allow_nan=False)
    for reading in answer["readings"]:
        assert (reading["value"] is None) == (reading["absent"] is not None) == (reading["method"] is None)
        assert reading["absent"] is None or reading["absent"].endswith(".")
    data = (tmp_path / CURVES).read_bytes()
    assert all(np.isfinite(array_of(data, curve)).all() for curve in answer["curves"])


def test_the_scratch_folder_keeps_the_curves_only(tmp_path):
    source = written(tmp_path / "x.wav", sound.drums(120, 3))
    work = tmp_path / "work"
    work.mkdir()
    asked(source, work)
    assert [file.name for file in work.iterdir()] == [CURVES]


def test_what_is_not_audio_is_refused_by_name(tmp_path):
    (tmp_path / "letter.mp3").write_text("Dear Sir or Madam")
    with pytest.raises(CannotDo, match=r"letter\.mp3") as refused:
        asked(tmp_path / "letter.mp3", tmp_path)
    assert refused.value.code == "not_audio"


def test_the_key_comes_with_what_it_was_told_from(answer):
    key = values_of(answer[0])["key"]
    assert (len(key["strength"]), len(key["fits"]), len(key["scores"])) == (12, 24, 24)
    assert max(key["strength"]) == 1.0
    assert int(np.argmax(key["scores"])) == 21  # A minor


@pytest.fixture
def stems(tmp_path):
    drums, notes = sound.drums(120, 6), sound.progression(sound.MAJOR_CADENCE[:6], 1.0)
    silent = sound.silence(6)
    parts = {"drums": drums, "other": 0.5 * notes, "vocals": silent}
    files = [
        {"name": name, "path": str(written(tmp_path / f"{name}.flac", part))} for name, part in parts.items()
    ]
    answer = analyse({"what": "stems", "stems": files, "work": str(tmp_path)}, lambda _done, _note: None)
    json.dumps(answer, allow_nan=False)
    return {stem["name"]: stem for stem in answer["stems"]}


def test_stems_are_weighed_against_each_other(stems):
    assert sum(stem["energy_share"] for stem in stems.values()) == pytest.approx(1.0, abs=0.001)
    assert stems["vocals"]["energy_share"] == stems["vocals"]["active_share"] == 0.0
    assert stems["other"]["active_share"] > 0.9
    assert stems["drums"]["onsets_per_s"] > stems["other"]["onsets_per_s"]


def test_a_silent_stem_has_no_loudness_and_no_brightness(stems):
    silent = stems["vocals"]
    assert silent["integrated_lufs"] is silent["true_peak_dbtp"] is silent["spectral_centroid_hz"] is None
    assert [level["count"] for level in silent["peaks"]] == [517, 65, 9]


def test_the_child_answers_over_its_pipe(tmp_path):
    source = written(tmp_path / "x.wav", sound.drums(120, 4))
    request = {"what": "mix", "source": str(source), "name": "x.wav", "work": str(tmp_path)}
    child = subprocess.run(
        [sys.executable, "-m", "sfa.children.analyse"],
        input=json.dumps(request) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in child.stdout.splitlines()]
    assert answers[0] == {"ready": True}
    assert values_of(answers[-1]["result"])["tempo"]["bpm"] == pytest.approx(120, rel=0.005)
