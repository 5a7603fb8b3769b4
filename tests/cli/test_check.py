from __future__ import annotations

import subprocess
import sys

import pytest

from sfa.cli.check import Step, carry_out, steps_with
from sfa.settings import ROOT


def test_a_step_that_fails_is_told_with_its_status() -> None:
    said, passed = carry_out(Step("odd", ["bash", "-c", "exit 3"]))
    assert "FAILED (status 3)" in said
    assert not passed


def test_a_step_that_cannot_run_here_is_told_and_stops_nobody() -> None:
    said, passed = carry_out(Step("scripts", [], "node is not installed"))
    assert "not run: node is not installed" in said
    assert passed


def test_the_tests_come_last_and_take_the_arguments() -> None:
    steps = list(steps_with(["-x", "tests/cli"]))
    assert [step.name for step in steps[:5]] == ["format", "lint", "types", "imports", "templates"]
    assert steps[-1].argv == [sys.executable, "-m", "pytest", "-x", "tests/cli"]


@pytest.mark.parametrize("script", ["sfa", ".ci/run"])
def test_the_shell_scripts_can_be_read_and_run(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", ROOT / script], check=False).returncode == 0


def test_test_hands_its_arguments_to_pytest() -> None:
    argv = [sys.executable, "-P", "-m", "sfa", "test", "--version"]
    answer = subprocess.run(argv, cwd="/", capture_output=True, text=True, check=False)
    assert "pytest" in answer.stdout
    assert answer.returncode == 0
