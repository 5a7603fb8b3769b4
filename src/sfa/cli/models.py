"""`./sfa models`: which separation models there are, and how one that is missing comes here."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from sfa.errors import Refused
from sfa.separators import CannotSeparate, Model, catalogue
from sfa.separators import get as fetch
from sfa.separators.models import find, hub_cache, model
from sfa.settings import Settings
from sfa.sound import BadSound

_WIDTH = 120  # of a table that goes into a file or a pipe
_STEPS = 10  # lines of progress where nothing can move


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output, nothing else.")
@click.pass_context
def models(ctx: click.Context, as_json: bool) -> None:
    """List, fetch and add separation models.

    Without a command: every model with its engine, stems, size and licences, and whether it is here.
    """
    if ctx.invoked_subcommand is not None:
        return
    models_dir = Settings.from_env().models_dir
    every = catalogue(models_dir)
    if as_json:
        print(json.dumps({"models": [_facts(one, models_dir) for one in every]}, indent=2))
        return
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH
    console.print(_table(every, models_dir))


@models.command()
@click.argument("name")
def get(name: str) -> None:
    """Fetch the weights of the model NAME, and check them. One that broke off is continued."""
    models_dir = Settings.from_env().models_dir
    with _said():
        wanted = model(name, models_dir)
        if wanted.engine == "quick":
            print(f"{wanted.name} needs no weights.")
            return
        here = find(wanted, models_dir)
        if here is not None and not _is_from_hub(here.files[0]):
            print(f"{wanted.name} is here: {here.files[0].parent}")
            return
        try:
            weights = _fetch_showing(wanted, models_dir)
        except KeyboardInterrupt:
            print("\nsfa: What has come is kept; the same command continues it.", file=sys.stderr)
            raise
        except CannotSeparate as error:
            if here is None or error.code != "weights_unreachable":
                raise
            print(f"{wanted.name} is here: {here.files[0].parent}")
            print("sfa: The hub does not answer, so it was not checked again.", file=sys.stderr)
            return
    print(f"{wanted.name} is here, whole: {weights[0].parent}")


@models.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="What to call it; else as its file says.")
def add(path: Path, name: str | None) -> None:
    """Register a Demucs checkpoint (.th, .safetensors) or bag (.yaml) from disk, once it has been tried."""
    from sfa.separators import register

    with _said():
        added = register.add(path, Settings.from_env().models_dir, name)
    print(f"{added.name} is here, with {', '.join(added.stems) or 'its own stems'}.")
    print(f"Use it: ./sfa forge FILE --model {added.name}")


@contextmanager
def _said() -> Iterator[None]:
    """What a model or a disk refuses is a sentence and an exit status."""
    try:
        yield
    except (CannotSeparate, BadSound) as error:
        raise Refused(str(error), code=error.code, fix=error.fix) from error


def _fetch_showing(wanted: Model, models_dir: Path) -> tuple[Path, ...]:
    console = Console(stderr=True, highlight=False, emoji=False)
    if not console.is_terminal or console.is_dumb_terminal:
        return fetch(wanted, models_dir, _Steps(wanted.name).tell).files
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(f"Asking for {wanted.name}", total=1.0)

        def tell(done: float, note: str) -> None:
            progress.update(task, completed=done, description=note[:1].upper() + note[1:])

        return fetch(wanted, models_dir, tell).files


class _Steps:
    """Progress as a line for every tenth."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._told = -1

    def tell(self, done: float, note: str) -> None:
        if (step := int(done * _STEPS)) > self._told:
            self._told = step
            print(f"sfa: {self._name}: {100 * step // _STEPS} %", file=sys.stderr)


def _is_from_hub(file: Path) -> bool:
    return file.is_relative_to(hub_cache())


def _facts(one: Model, models_dir: Path) -> dict[str, object]:
    return {
        "name": one.name,
        "engine": one.engine,
        "stems": list(one.stems),
        "size_bytes": one.size_bytes,
        "code_licence": one.code_licence,
        "weights_licence": one.weights_licence,
        "about": one.about,
        "here": one.present(models_dir),
    }


def _table(every: list[Model], models_dir: Path) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Model", no_wrap=True)
    table.add_column("Here")
    table.add_column("Engine")
    table.add_column("Size", justify="right", no_wrap=True)
    table.add_column("Stems", ratio=1)
    table.add_column("Licences", ratio=1)
    for one in every:
        here = one.present(models_dir)
        table.add_row(
            Text(one.name, style="bold" if here else ""),
            Text("yes", style="green") if here else Text("no", style="dim"),
            one.engine,
            f"{one.size_bytes / 1e6:,.0f} MB" if one.size_bytes else "—",
            Text(", ".join(one.stems) or "as loaded").append(f"\n{one.about}", style="dim"),
            f"code: {one.code_licence}\nweights: {one.weights_licence}",
        )
    return table
