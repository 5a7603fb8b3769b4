"""The command: every look at once, the answers in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import rich_click as click
from rich.console import Console
from rich.text import Text

from sfa import log
from sfa.cli.doctor import database, machine, separation
from sfa.cli.doctor.finding import Finding
from sfa.settings import Settings

Look = Callable[[Settings], Iterator[Finding]]

LOOKS: tuple[Look, ...] = (
    machine.python,
    database.postgres,
    machine.ffmpeg,
    machine.disk,
    machine.engine,
    separation.weights,
    separation.gpu,
    machine.compiled,
    machine.downloader,
    machine.midi,
)
_COLOURS = {"ok": "green", "warn": "yellow", "missing": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def doctor(as_json: bool) -> int:
    """Say what is there, what is missing, why, and the one command that mends it.

    Leaves with 0 unless something is missing that the studio cannot run without.
    """
    settings = Settings.from_env()
    log.set_up(settings.log_format, level=30)
    findings = []
    with ThreadPoolExecutor() as pool:
        for answer in [pool.submit(_looked, look, settings) for look in LOOKS]:
            findings += answer.result()
            if not as_json:
                show(answer.result())
    sound = not any(finding.stops for finding in findings)
    if as_json:
        print(json.dumps({"can_run": sound, "findings": [asdict(finding) for finding in findings]}, indent=2))
    return 0 if sound else 1


def _looked(look: Look, settings: Settings) -> list[Finding]:
    try:
        return list(look(settings))
    except Exception as error:  # noqa: BLE001  a doctor who faints over one organ is no help with the others
        return [Finding(look.__name__, "warn", f"could not be looked at: {type(error).__name__}: {error}")]


def show(findings: list[Finding]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for finding in findings:
        line = Text(f"{finding.state:8}", style=_COLOURS[finding.state])
        console.print(line.append(f"{finding.name:20} {finding.says}", style="default"))
        if finding.fix and finding.state != "ok":
            console.print(Text(f"{'':8}{'':20}   {finding.fix}", style="bold"))
