"""The child that reads a file to its end, over the real protocol."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sfa.children.decode import decode
from sfa.children.protocol import CannotDo
from tests.soundfiles.files import tones, wav


def quiet(done, note):
    return None


def test_the_facts_of_a_file_are_told(tmp_path):
    path = wav(tmp_path / "a", tones(0.5))
    facts = decode({"source": str(path), "name": "a", "work": str(tmp_path)}, quiet)
    assert (facts["frames"], facts["sample_rate"], facts["channels"], facts["bits"]) == (
        22_050,
        44_100,
        2,
        16,
    )
    assert len(facts["pcm_sha256"]) == 64
    assert json.loads(json.dumps(facts)) == facts


def test_the_same_sound_in_another_container_has_the_same_hash(tmp_path):
    sound = tones(0.5)
    hashes = {
        decode({"source": str(wav(tmp_path / kind, sound, kind=kind)), "name": "a"}, quiet)["pcm_sha256"]
        for kind in ("WAV", "FLAC", "AIFF")
    }
    assert len(hashes) == 1


def test_bad_input_is_a_refusal_with_a_code(tmp_path):
    (tmp_path / "a").write_text("words")
    with pytest.raises(CannotDo, match=r"“song\.mp3” is not sound") as caught:
        decode({"source": str(tmp_path / "a"), "name": "song.mp3"}, quiet)
    assert caught.value.code == "not_audio"


def test_one_process_answers_one_request_after_the_other(tmp_path):
    (tmp_path / "bad").write_text("words")
    good = wav(tmp_path / "good", tones(0.5))
    asked = [{"source": str(path), "name": "a\n😀"} for path in (tmp_path / "bad", good)]
    run = subprocess.run(
        [sys.executable, "-m", "sfa.children.decode"],
        input="".join(json.dumps(request) + "\n" for request in asked),
        capture_output=True,
        text=True,
        check=True,
    )
    said = [json.loads(line) for line in run.stdout.splitlines()]
    assert said[0] == {"ready": True}
    answers = [line for line in said[1:] if "progress" not in line]
    assert answers[0]["refused"]["code"] == "not_audio"
    assert answers[1]["result"]["frames"] == 22_050
