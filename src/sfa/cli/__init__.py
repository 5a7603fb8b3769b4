"""The command line. Each command is a module of this package, imported when it is called for.

`COMMANDS` is the whole list: a new command is a module with a click command in
it and a line here. The line repeats its help in short, so that `./sfa --help`
has nothing to import.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import rich_click as click

from sfa.errors import CODES, BadSettings, SfaError

# name: (module, attribute, help in short), in the order in which they are shown
COMMANDS: dict[str, tuple[str, str, str]] = {
    "forge": ("sfa.cli.forge", "forge", "Turn audio files into stems and readings."),
    "up": ("sfa.cli.up", "up", "Run the studio as a service, with its web page."),
    "models": ("sfa.cli.models", "models", "List, fetch and add separation models."),
    "doctor": ("sfa.cli.doctor", "doctor", "Say what is there, what is missing, and what mends it."),
    "setup": ("sfa.cli.setup", "setup", "Make what the studio needs; with --all, everything."),
    "psql": ("sfa.cli.database", "psql", "Open the studio's database in psql."),
    "migrate": ("sfa.cli.database", "migrate_database", "Bring the database up to date."),
    "test": ("sfa.cli.check", "test", "Run the tests; takes pytest's arguments."),
    "check": ("sfa.cli.check", "check", "Format, lint, types, import contracts, templates and tests."),
}

click.rich_click.STYLE_COMMANDS_TABLE_COLUMN_WIDTH_RATIO = (1, 5)
click.rich_click.MAX_WIDTH = 100

USAGE = 64  # exit statuses as in sysexits.h
CONFIG = 78
INTERRUPTED = 130


class _Commands(click.RichGroup):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A stand-in that has the name and the help: for lists."""
        if cmd_name not in COMMANDS:
            return None
        return click.RichCommand(name=cmd_name, help=COMMANDS[cmd_name][2])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, stand_in, rest = super().resolve_command(ctx, args)
        if name is None or stand_in is None:
            return name, stand_in, rest
        module, attribute, _ = COMMANDS[name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return name, command, rest


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sfa", prog_name="Sound Forge Alchemy")
def cli() -> None:
    """Sound Forge Alchemy: a studio of your own that turns audio into stems and readings."""


def main(argv: list[str] | None = None) -> int:
    """Run a command; its exit status. Errors raised on purpose are a sentence, not a traceback."""
    try:
        answer: Any = cli.main(argv, prog_name="./sfa", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED
    except SfaError as error:
        print(f"sfa: {error}" + (f"\n     {error.fix}" if error.fix else ""), file=sys.stderr)
        return exit_status(error)
    except BrokenPipeError:  # whoever read our output has had enough
        sys.stderr.close()
        return 0
    return answer if isinstance(answer, int) else 0


def exit_status(error: SfaError) -> int:
    """What the shell hears: the status of the error's code, where it has one."""
    code = getattr(error, "code", "")
    if code in CODES:
        return CODES[code].exit_status
    return CONFIG if isinstance(error, BadSettings) else 1
