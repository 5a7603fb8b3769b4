"""The script ./sfa, with a Python that installs nothing and says what it was asked for."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sfa.settings import ROOT

# `-m venv` makes an environment of itself; in there, uv writes down what it is to install.
PYTHON = """#!/bin/bash
asked="$*"
case "$asked" in
  *fcntl*) exec "$REAL_PYTHON" "$@" ;;
  *ensurepip*) echo ready ;;
  "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  *"pip install"*uv==*) cp "$CLONE/fake-uv" "$(dirname "$0")/uv" ;;
  *"pip config list"*) echo "global.find-links='file://$WHEELS /nowhere'" ;;
  *"-P -m sfa"*) echo "stdout: ${asked#*-m sfa }" ;;
esac
"""
UV = """#!/bin/bash
echo "$*" "${UV_FIND_LINKS:-}" >>"$CLONE/asked.log"
sleep "${SLOW:-0}"
case "$*" in
  "venv "*) mkdir -p "${@: -1}" ;;
  *"${FAILS:-nothing fails}"*) exit 1 ;;
esac
"""
TOOLS = ("bash", "env", "cat", "cksum", "dirname", "basename", "readlink", "rm", "mkdir")


class Clone:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in ("sfa", "pyproject.toml", "constraints.txt", "constraints-spotdl.txt"):
            shutil.copy(ROOT / name, folder / name)
        for name, text in (("fake-python", PYTHON), ("fake-uv", UV)):
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        self.env = {**os.environ, "REAL_PYTHON": sys.executable, "SFA_DATA": str(folder / "data")}
        self.env["WHEELS"] = str(folder.parent / "wheels")
        self.env.pop("UV_FIND_LINKS", None)
        self.is_at(folder)

    def is_at(self, folder: Path) -> None:
        self.folder = folder
        self.env |= {"CLONE": str(folder), "SFA_PYTHON": str(folder / "fake-python")}

    def start(self, *arguments: str, program: Path | None = None, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(program or self.folder / "sfa"), *arguments],
            cwd="/",
            env={**self.env, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(
        self, *arguments: str, program: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, program=program, **env)
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def asked(self) -> list[str]:
        log = self.folder / "asked.log"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "a clone, odd é")


def test_the_first_call_installs_and_the_next_does_not(clone: Clone) -> None:
    first = clone.run("doctor")
    assert first.stdout == "stdout: doctor\n"
    assert "Installing" in first.stderr
    assert len(clone.asked()) == 1
    second = clone.run("doctor")
    assert (second.stdout, second.stderr) == ("stdout: doctor\n", "")
    assert len(clone.asked()) == 1


def test_a_made_environment_costs_no_time(clone: Clone) -> None:
    clone.run("doctor")
    took = []
    for _ in range(5):
        began = time.monotonic()
        clone.run("doctor")
        took.append(time.monotonic() - began)
    assert min(took) < 0.3


def test_it_works_through_links(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "one").symlink_to("../two")
    (tmp_path / "two").symlink_to(clone.folder / "sfa")
    assert clone.run("doctor", program=tmp_path / "bin" / "one").stdout == "stdout: doctor\n"
    assert (clone.folder / ".venv").is_dir()


def test_a_changed_recipe_is_installed_anew(clone: Clone) -> None:
    clone.run("doctor")
    with (clone.folder / "constraints.txt").open("a") as constraints:
        constraints.write("# one more line\n")
    assert "Installing" in clone.run("doctor").stderr


def test_a_clone_that_was_moved_makes_its_environment_again(clone: Clone, tmp_path: Path) -> None:
    clone.run("doctor")
    clone.is_at(clone.folder.rename(tmp_path / "moved"))
    assert "Making" in clone.run("doctor").stderr
    assert clone.run("doctor").stderr == ""


def test_an_interrupted_one_is_made_again_from_the_start(clone: Clone) -> None:
    process = clone.start("doctor", SLOW="30")
    while not clone.asked():
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    (clone.folder / ".venv" / "half-made").touch()
    assert clone.run("doctor").returncode == 0
    assert not (clone.folder / ".venv" / "half-made").exists()


def test_two_at_once_wait_for_each_other(clone: Clone) -> None:
    several = [clone.start("doctor", SLOW="0.5") for _ in range(3)]
    answers = [process.communicate(timeout=30) for process in several]
    assert [out for out, _ in answers] == ["stdout: doctor\n"] * 3
    assert sum("waiting for it" in err for _, err in answers) == 2
    assert len(clone.asked()) == 1


def test_demucs_is_installed_when_a_song_is_first_forged(clone: Clone) -> None:
    clone.run("doctor")
    clone.run("forge", "song.mp3", "--help")
    assert len(clone.asked()) == 1
    clone.run("forge", "song.mp3")
    assert "--extra stems" in clone.asked()[-1]
    assert "--torch-backend=auto" in clone.asked()[-1]


def test_a_torch_that_lies_on_this_machine_is_taken(clone: Clone, tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl").touch()
    clone.run("forge")
    assert "--torch-backend" not in clone.asked()[-1]
    assert clone.asked()[-1].endswith(str(wheels))


def test_without_demucs_the_song_is_forged_all_the_same_and_the_install_not_tried_each_time(
    clone: Clone,
) -> None:
    first = clone.run("forge", FAILS="--extra stems")
    assert (first.returncode, first.stdout) == (0, "stdout: forge\n")
    assert "quick, rough engine" in first.stderr
    tried = len(clone.asked())
    assert "setup --all tries again" in clone.run("forge", FAILS="--extra stems").stderr
    assert len(clone.asked()) == tried
    clone.run("setup", "--all", FAILS="--extra stems")
    assert any("--extra stems" in line for line in clone.asked()[tried:])


def test_everything_makes_the_downloader_its_own_environment(clone: Clone) -> None:
    clone.run("setup", "--all")
    assert any(line.startswith("venv ") and ".tools/spotdl" in line for line in clone.asked())
    assert any("spotdl>=4.5" in line and "constraints-spotdl.txt" in line for line in clone.asked())
    done = len(clone.asked())
    clone.run("setup", "--all")
    assert len(clone.asked()) == done
    clone.run("setup", "--update-downloader")
    assert "--upgrade" in clone.asked()[-1]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A PATH with nothing on it but what every system has."""
    (tmp_path / "tools").mkdir()
    for name in TOOLS:
        (tmp_path / "tools" / name).symlink_to(shutil.which(name) or "")
    return tmp_path / "tools"


def put_python(folder: Path, name: str, answer: str) -> None:
    (folder / name).write_text(f"#!/bin/bash\necho {answer}\n")
    (folder / name).chmod(0o755)


def test_no_python_is_said_with_the_ways_out(clone: Clone, bare: Path) -> None:
    put_python(bare, "python3", "3.13")
    answer = clone.run("forge", PATH=str(bare), SFA_PYTHON="", HOME="/nowhere")
    assert answer.returncode == 69
    assert "Python 3.11 or 3.12 is needed" in answer.stderr
    assert "python3 is 3.13" in answer.stderr
    assert not (clone.folder / ".venv").exists()


def test_a_python_without_venv_is_named_with_its_package(clone: Clone, bare: Path) -> None:
    put_python(bare, "python3.11", "bare")
    answer = clone.run("doctor", PATH=str(bare), SFA_PYTHON="", HOME="/nowhere")
    assert answer.returncode == 69
    assert "apt-get install python3.11-venv" in answer.stderr
