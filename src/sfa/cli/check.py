"""`./sfa test` and `./sfa check`: what a change has to pass."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import rich_click as click

from sfa.settings import ROOT

_RAW = {"ignore_unknown_options": True, "help_option_names": []}
# The whole suite, on all cores; a file stays together, for what its tests share.
_WHOLE = ["-n", "logical", "--maxprocesses", "4", "--dist", "loadfile"]
# Beside others a test may not get its turn in time. It is said to have failed, and has to pass alone.
_THEN_ALONE = """
python=$1; shift
"$python" -m pytest "$@" && exit
printf '\\n== once more, alone: what failed beside others\\n'
"$python" -m pytest --lf --lfnf=none
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One program that has to leave with 0; without `argv` it cannot run here, and `why` says why."""

    name: str
    argv: list[str]
    why: str = ""


@click.command(context_settings=_RAW)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run the tests: all of them, on all cores, or what pytest's arguments say, in one process."""
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *(arguments or _WHOLE)])  # noqa: S606


@click.command(context_settings=_RAW)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def check(arguments: tuple[str, ...]) -> int:
    """Format, lint, types, import contracts, templates, scripts and tests; every step runs.

    Arguments go to pytest.
    """
    outcomes = [carry_out(step) for step in steps_with(list(arguments))]
    print("\n" + "\n".join(outcome for outcome, _ in outcomes))
    return 0 if all(passed for _, passed in outcomes) else 1


def steps_with(pytest_arguments: list[str]) -> Iterator[Step]:
    sources = [name for name in ("src", "tests", "bench", "web.py", "workers.py") if (ROOT / name).exists()]
    yield Step("format", _tool("ruff", "format", "--check", *sources))
    yield Step("lint", _tool("ruff", "check", *sources))
    yield Step("types", _tool("mypy"))
    # Not by its script: that has the place of the environment written into it.
    contracts = "from importlinter.cli import lint_imports_command as run; run()"
    yield Step("imports", [sys.executable, "-c", contracts])
    yield Step("templates", _tool("djlint", "--check", "templates"))
    static = ROOT / "src" / "sfa" / "static"
    scripts = [str(path) for path in sorted(static.rglob("*.js")) if "vendor" not in path.parts]
    if shutil.which("node") is None:
        yield Step("scripts", [], "node is not installed")
    elif scripts:
        yield Step(
            "scripts", ["bash", "-c", 'for file; do node --check "$file" || exit 1; done', "-", *scripts]
        )
    shell = [str(ROOT / "sfa"), str(ROOT / ".ci" / "run")]
    yield Step("shell", ["bash", "-c", 'for file; do bash -n "$file" || exit 1; done', "-", *shell])
    if pytest_arguments:
        yield Step("tests", _tool("pytest", *pytest_arguments))
    else:
        yield Step("tests", ["bash", "-c", _THEN_ALONE, "-", sys.executable, *_WHOLE])


def _tool(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def carry_out(step: Step) -> tuple[str, bool]:
    if not step.argv:
        return f"  {step.name:12} not run: {step.why}", True
    print(f"\n== {step.name}", flush=True)
    began = time.monotonic()
    status = subprocess.run(step.argv, cwd=ROOT, check=False).returncode
    verdict = "passed" if status == 0 else f"FAILED (status {status})"
    return f"  {step.name:12} {verdict}, {time.monotonic() - began:.1f} s", status == 0
