"""The real studio from the command line: up, psql, migrate, doctor."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfa.settings import ROOT
from sfa.supervise.owner import shown


class Studio:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.env = {**os.environ, "SFA_DATA": str(data), "SFA_PORT": "0", "SFA_GRACE_S": "5"}
        self.env.pop("DATABASE_URL", None)

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-P", "-m", "sfa", *arguments]
        return subprocess.run(
            argv, env={**self.env, **env}, cwd="/", capture_output=True, text=True, timeout=120, check=False
        )

    def left(self) -> list[str]:
        listed = subprocess.run(
            ["ps", "-axo", "stat=,pid=,args="], capture_output=True, text=True, check=True
        )
        return [line for line in listed.stdout.splitlines() if str(self.data) in line and line[0] != "Z"]


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    """`./sfa up`, ready, for all tests of this file."""
    with tempfile.TemporaryDirectory(prefix="sfa-test-", ignore_cleanup_errors=True) as folder:
        made = Studio(Path(folder) / "data")
        with (Path(folder) / "up.log").open("wb") as log:
            up = subprocess.Popen(
                [sys.executable, "-P", "-m", "sfa", "up"], env=made.env, cwd="/", stderr=log
            )
        deadline = time.monotonic() + 60
        while shown(made.data) is None and up.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            assert shown(made.data) is not None, (Path(folder) / "up.log").read_text()
            yield made
        finally:
            up.send_signal(signal.SIGTERM)
            status = up.wait(60)
        assert status == 0
        assert not made.left()


def test_the_page_is_served(studio: Studio) -> None:
    owner = shown(studio.data)
    assert owner is not None
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"{owner.web}/healthz", timeout=5) as answer:
                assert answer.status == 200
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_psql_reaches_the_running_studio(studio: Studio) -> None:
    answer = studio.run("psql", "-At", "-c", "select count(*) from stages where task is null")
    assert (answer.returncode, answer.stdout) == (0, "0\n")


def test_psql_leaves_with_its_own_status(studio: Studio) -> None:
    assert studio.run("psql", "-c", "select from nowhere").returncode == 1


def test_the_database_of_a_started_studio_is_up_to_date(studio: Studio) -> None:
    answer = studio.run("migrate", "--check")
    assert (answer.returncode, answer.stdout) == (0, "The database is up to date.\n")


def test_a_second_up_says_where_the_first_one_is(studio: Studio) -> None:
    owner = shown(studio.data)
    assert owner is not None
    answer = studio.run("up")
    assert answer.returncode == 1
    assert f"already running at {owner.web} (process {owner.pid})" in answer.stderr


def test_doctor_sees_the_running_studio(studio: Studio) -> None:
    answer = studio.run("doctor", "--json")
    told = json.loads(answer.stdout)
    found = {finding["name"]: finding for finding in told["findings"]}
    assert answer.returncode == 0
    assert told["can_run"] is True
    assert found["PostgreSQL"]["state"] == "ok"
    assert "the studio is running at" in found["PostgreSQL"]["says"]
    assert found["migrations"]["says"] == "up to date"
    assert {"Python", "ffmpeg", "disk", "Demucs", "model htdemucs", "GPU", "spotdl", "MIDI"} <= set(found)
    assert all(finding["fix"] for finding in told["findings"] if finding["state"] == "missing")


def test_doctor_leaves_with_1_when_the_database_cannot_be_had(studio: Studio) -> None:
    answer = studio.run("doctor", DATABASE_URL="postgresql://nobody@127.0.0.1:9/nothing")
    assert answer.returncode == 1
    assert "unset DATABASE_URL" in answer.stdout


def test_nothing_but_its_answer_is_on_standard_output(tmp_path: Path) -> None:
    answer = Studio(tmp_path / "data").run("migrate", SFA_PORT="no number", SFA_DEVICE="abacus")
    assert (answer.returncode, answer.stdout) == (78, "")
    assert "SFA_PORT is 'no number'" in answer.stderr
    assert "SFA_DEVICE is 'abacus'" in answer.stderr


def test_help_lists_every_command_and_imports_none_of_them() -> None:
    code = (
        "import sys; from sfa.cli import main; main(['--help']); print(*sorted(sys.modules), file=sys.stderr)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for command in ("forge", "up", "models", "doctor", "setup", "psql", "migrate", "test", "check"):
        assert f" {command} " in answer.stdout
    assert not {"psycopg", "numpy", "structlog", "litestar"} & set(answer.stderr.split())


def test_a_command_that_there_is_not_is_a_sentence() -> None:
    answer = subprocess.run(
        [sys.executable, "-P", "-m", "sfa", "frobnicate"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 64
    assert "frobnicate" in answer.stderr
    assert "Traceback" not in answer.stderr
