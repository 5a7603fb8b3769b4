"""A real PostgreSQL for every test that wants one: clones of a migrated template, thrown away afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

from sfa import accounts, db
from sfa.migrate import migrate
from sfa.pg import EmbeddedPostgres
from sfa.settings import Settings
from tests.fake_internet.fixtures import downloader, fake_internet, net  # noqa: F401 - fixtures

ROOT = Path(__file__).parents[1]


def pytest_configure(config):
    # The numba kernels of librosa are compiled once per machine, not once per test.
    os.environ.setdefault(
        "NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / f"sfa-tests-numba-{os.getuid()}")
    )


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The connection string of a throw-away server, database `postgres`."""
    if given := os.environ.get("SFA_TEST_SERVER"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="sfa-pg-", ignore_cleanup_errors=True) as folder:
        running = EmbeddedPostgres(Path(folder), durable=False)
        try:
            yield psycopg.conninfo.make_conninfo(running.start(), dbname="postgres")
        finally:
            running.stop()


@pytest.fixture
def commons() -> Iterator[Path]:
    """A folder that every user may enter; those of pytest are closed to others."""
    with tempfile.TemporaryDirectory(prefix="sfa-commons-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def leave_out(why: str) -> NoReturn:
    """This machine lacks what the test wants: left out and counted; on CI, which has it all, a failure."""
    (pytest.fail if "CI" in os.environ else pytest.skip)(why)


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """What is tried in the block is tried without the powers of root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def on(server: str, database: str) -> str:
    """The same server, another database."""
    return psycopg.conninfo.make_conninfo(server, dbname=database)


@contextlib.contextmanager
def _made(server: str, name: str, template: str = "template1") -> Iterator[str]:
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f'create database "{name}" template "{template}"')
    try:
        yield on(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as conn:
            conn.execute(f'drop database "{name}" with (force)')


@pytest.fixture(scope="session")
def template(server) -> Iterator[str]:
    """The name of a migrated database, made once; tests clone it."""
    name = f"sfa_template_{os.getpid()}"
    with _made(server, name) as conninfo:
        migrate(conninfo)
        yield name


@pytest.fixture(scope="session")
def scratch(server, template) -> Iterator[str]:
    """One clone for all tests that roll back."""
    with _made(server, f"sfa_scratch_{os.getpid()}", template) as conninfo:
        yield conninfo


@pytest.fixture
async def conn(scratch):
    """A connection whose work is rolled back. First choice; cannot see notifications."""
    async with await psycopg.AsyncConnection.connect(scratch) as conn:
        yield conn
        await conn.rollback()


@pytest.fixture
def database(server, template) -> Iterator[str]:
    """A database of the test's own, for commits, notifications and workers."""
    with _made(server, f"sfa_{uuid.uuid4().hex[:12]}", template) as conninfo:
        yield conninfo


@pytest.fixture
def settings(database, tmp_path) -> Settings:
    return Settings.from_env(
        {"SFA_DATA": str(tmp_path / "data"), "DATABASE_URL": database, "SFA_GRACE_S": "10"}
    )


@pytest.fixture
async def pool(settings):
    async with db.open_pool(settings.database_url, size=6, name="sfa test") as pool:
        yield pool


@pytest.fixture
async def account(pool):
    """The owner's id in `database`."""
    async with pool.connection() as conn:
        return await accounts.owner_id(conn)


class Worker:
    """A real worker process on a test's database."""

    def __init__(self, settings: Settings, queues: tuple[str, ...], unit: str, env: dict[str, str]) -> None:
        self.log = settings.data.parent / f"{unit}.log"
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "workers.py"), *queues],
                env={
                    **os.environ,
                    "DATABASE_URL": settings.database_url,
                    "SFA_DATA": str(settings.data),
                    "SFA_GRACE_S": "5",
                    "SFA_PROCESSING_SLOTS": "1",
                    "SFA_ANALYSIS_SLOTS": "1",
                    "SFA_UNIT": unit,
                    **env,
                },
                stderr=out,
                start_new_session=True,
            )

    def end(self, number: int = signal.SIGTERM) -> int:
        """Signal it, and wait for its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def worker(settings):
    """`worker("download", unit="a", env={...})` starts one; all are ended after the test."""
    started: list[Worker] = []

    def start(*queues: str, unit: str = "test", env: dict[str, str] | None = None) -> Worker:
        started.append(Worker(settings, queues or ("download", "processing", "analysis"), unit, env or {}))
        return started[-1]

    yield start
    for one in started:
        one.end(signal.SIGTERM)


async def until(
    pool, question: str, wanted: object = True, *, timeout_s: float = 60.0, **params: object
) -> None:
    """Ask a question in SQL until it answers as wanted; fails with the last answer."""
    answer: object = None
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                with contextlib.suppress(psycopg.OperationalError):
                    async with pool.connection() as conn:
                        row = await (await conn.execute(question, params)).fetchone()
                    answer = row[0] if row else None
                    if answer == wanted:
                        return
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"{question!r} still answers {answer!r} after {timeout_s} s, not {wanted!r}")
