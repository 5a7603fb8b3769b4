"""`./sfa psql` and `./sfa migrate`: the database from the outside."""

from __future__ import annotations

import shutil
import signal
import subprocess

import rich_click as click

from sfa.errors import SfaError
from sfa.pg import every_program
from sfa.settings import Settings
from sfa.supervise import attach


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> int:
    """Open the studio's database in psql; takes psql's arguments.

    `select * from look.tracks` shows every track, `\\dv look.*` what else there is to see.
    """
    if {"--help", "-?", "--version", "-V"} & set(arguments):
        return subprocess.run([_psql(), *arguments], check=False).returncode
    with attach(Settings.from_env()) as conninfo:
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C ends a query, and psql goes on
        return subprocess.run([_psql(), "--dbname", conninfo, *arguments], check=False).returncode


@click.command("migrate")
@click.option("--check", is_flag=True, help="Change nothing; leave with 1 when something is missing.")
def migrate_database(check: bool) -> int:
    """Bring the database up to date; say what was applied."""
    from sfa import db
    from sfa.migrate import migrate, pending

    settings = Settings.from_env()
    if settings.database_url is not None:
        db.reach(settings.database_url)
        return _report(
            pending(settings.database_url) if check else migrate(settings.database_url), check=check
        )
    with attach(settings) as conninfo:  # a studio that starts migrates its database first
        return _report(pending(conninfo) if check else migrate(conninfo), check=check)


def _report(names: list[str], *, check: bool) -> int:
    for name in names:
        print(f"{'missing' if check else 'applied'}: {name}")
    if not names:
        print("The database is up to date.")
    return 1 if check and names else 0


def _psql() -> str:
    """The machine's own knows its user's habits (.psqlrc, pager); the wheel's is always there."""
    if found := shutil.which("psql"):
        return found
    for programs in every_program():
        if (path := programs.folder / "psql").exists():
            return str(path)
    raise SfaError("There is no psql on this machine.", fix="Run ./sfa setup.")
