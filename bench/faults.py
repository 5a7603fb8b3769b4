"""A batch of tracks through a studio whose processes are killed at random: `python -m bench.faults`.

Every so often one process is ended with SIGKILL: a worker, one of its
children, the supervisor, the PostgreSQL server or one of its backends, from the
moment the first file goes in. Whoever is meant to bring
it back has to; the supervisor, which nothing watches over here, is started
again as systemd would. In the end every track must be done, with one result
each, no process left, and no file that no row speaks for.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg
import soundfile

from sfa import accounts, db, library, media
from sfa.runs.sweep import sweep
from sfa.settings import ROOT, Settings
from sfa.supervise.owner import find_owner, shown

VICTIMS = ("worker", "child", "supervisor", "postgres", "backend")
RATE = 22_050


@dataclass(slots=True)
class Storm:
    """One batch, and what was done to it."""

    data: Path
    tracks: int = 12
    kills: int = 12
    seed: int = 1
    sound_s: float = 4.0
    patience_s: float = 600.0
    victims: tuple[str, ...] = VICTIMS
    killed: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0

    @property
    def settings(self) -> Settings:
        return Settings.from_env({"SFA_DATA": str(self.data), "SFA_ANALYSIS_SLOTS": "1", "SFA_GRACE_S": "5"})

    async def run(self) -> list[str]:
        """Carry it out; what is wrong afterwards, in sentences. Empty: nothing."""
        began = time.monotonic()
        studio = self._start()
        try:
            filling = asyncio.create_task(self._take_in())
            studio = await self._rage(studio)
            await filling
            await self._all_done(studio)
            await self._jobs_closed()
            wrong = await self._look_at_rows()
            await self._sweep()
            wrong += await self._look_at_disk()
        finally:
            await self._end(studio)
        self.took_s = time.monotonic() - began
        return wrong + [f"still running: {' '.join(p.cmdline())[:120]}" for p in self._processes()]

    def _start(self) -> subprocess.Popen[bytes]:
        log = self.data.parent / f"{self.data.name}.log"
        with log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "sfa", "up", "--headless"],
                cwd=ROOT,
                env={
                    **_clean_env(),
                    "SFA_DATA": str(self.data),
                    "SFA_ANALYSIS_SLOTS": "1",
                    "SFA_GRACE_S": "5",
                },
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    async def _conninfo(self) -> str:
        async with asyncio.timeout(60):
            while True:
                owner = shown(self.data)
                if owner is not None and owner.database_url:
                    return owner.database_url
                await asyncio.sleep(0.05)

    async def _take_in(self) -> None:
        """Put the batch in, each file and its rows at once, trying again when the database is away."""
        for number in range(self.tracks):
            content = _song(self.seed * 1000 + number, self.sound_s)
            while True:
                try:
                    await self._take_in_one(number, content)
                    break
                except psycopg.OperationalError:
                    await asyncio.sleep(0.2)

    async def _take_in_one(self, number: int, content: bytes) -> None:
        async with await db.connect(await self._conninfo(), name="storm") as conn:
            account = await accounts.owner_id(conn)
            with media.arriving(self.settings) as folder:
                name = f"song {number}.wav"
                file = media.copy_in(io.BytesIO(content), folder, limit=1 << 30, name=name)
                async with conn.transaction():
                    await library.take_in(
                        conn,
                        self.settings,
                        account_id=account,
                        file=file,
                        file_name=name,
                        wish=library.Wish(model="quick"),
                    )

    async def _rage(self, studio: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        chance = random.Random(self.seed)
        deadline = time.monotonic() + self.patience_s
        while self.killed.total() < self.kills and time.monotonic() < deadline:
            await asyncio.sleep(chance.uniform(0.3, 2.5))
            victim = chance.choice(self.victims)
            pids = self._pids(victim)
            if not pids:
                continue
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(pids), signal.SIGKILL)
                self.killed[victim] += 1
            if victim == "supervisor":
                studio.wait()
                await self._forsaken()
                studio = self._start()
        return studio

    async def _forsaken(self) -> None:
        """Wait until the tree of a killed supervisor is gone; by itself, or this is a fault of ours."""
        async with asyncio.timeout(20):
            while self._processes():
                await asyncio.sleep(0.05)

    def _pids(self, victim: str) -> list[int]:
        if victim == "supervisor":
            owner = find_owner(self.data)
            return [owner.pid] if owner else []
        if victim in ("postgres", "backend"):
            with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
                server = int((self.data / "pg" / "postmaster.pid").read_text().splitlines()[0])
                backends = [
                    p.pid for p in psutil.Process(server).children() if "[local]" in " ".join(p.cmdline())
                ]
                return [server] if victim == "postgres" else backends
            return []
        wanted = "workers.py" if victim == "worker" else "sfa.children."
        return [p.pid for p in self._processes() if _runs_python(p, wanted)]

    def _processes(self) -> list[psutil.Process]:
        """Everything that was started for this data folder."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                ours = process.environ().get("SFA_DATA") == str(self.data)
                ours = ours or any(str(self.data) in word for word in process.cmdline())
                if ours and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    async def _all_done(self, studio: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self.patience_s
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                states = await self._ask("select state::text, count(*) from runs group by 1")
                if set(dict(states)) <= {"done", "failed", "cancelled"}:
                    return
            if studio.poll() is not None:
                raise RuntimeError(f"the supervisor ended by itself: {studio.returncode}")
            await asyncio.sleep(0.2)

    async def _ask(self, question: str) -> list[tuple[Any, ...]]:
        async with await db.connect(await self._conninfo(), name="storm") as conn:
            return await (await conn.execute(question.encode())).fetchall()

    async def _jobs_closed(self) -> None:
        # That a job ended is told without waiting for the disk. A crash may forget it; `sfa.rejoin` closes
        # such a job a minute later. What is still open then is wrong.
        deadline = time.monotonic() + _FORGOTTEN_S
        while time.monotonic() < deadline and await self._ask(_OPEN_JOBS):
            await asyncio.sleep(0.5)

    async def _look_at_rows(self) -> list[str]:
        wrong = []
        for (line,) in await self._ask(_FAULTS_IN_ROWS):
            wrong.append(str(line))
        count = (await self._ask("select count(*) from tracks"))[0][0]
        if count != self.tracks:
            wrong.append(f"{count} tracks instead of {self.tracks}")
        return wrong

    async def _sweep(self) -> None:
        async with db.open_pool(await self._conninfo(), size=2, name="storm") as pool:
            await sweep(self.settings, pool, older_than_s=0)

    async def _look_at_disk(self) -> list[str]:
        rows = await self._ask(
            "select sha256 from stems union select sha256 from packs union select sha256 from tracks"
        )
        spoken = {str(sha256) for (sha256,) in rows}
        there = {f.name: f for f in self.settings.media.rglob("*") if f.is_file()}
        wrong = [f"no row speaks for {name}" for name in there.keys() - spoken]
        wrong += [f"{name} is missing" for name in spoken - there.keys()]
        for name in spoken & there.keys():
            if hashlib.sha256(there[name].read_bytes()).hexdigest() != name:
                wrong.append(f"{name} is not what its name says")
        if self.settings.lost.exists():
            wrong += [f"no row knew {f.name}" for f in self.settings.lost.iterdir()]
        return wrong + [f"left in work: {f.name}" for f in self.settings.work.iterdir()]

    async def _end(self, studio: subprocess.Popen[bytes]) -> None:
        if studio.poll() is None:
            studio.send_signal(signal.SIGTERM)
            await asyncio.to_thread(studio.wait, 60)


_FORGOTTEN_S = 90.0
_OPEN_JOBS = """
select 'job ' || id || ' (' || task_name || ') is still ' || status
  from procrastinate_jobs where status in ('todo', 'doing') and task_name <> 'runs.tidy'
"""
_FAULTS_IN_ROWS = f"""
select t.title || ': ' || r.stage || ' is ' || r.state || coalesce(': ' || r.error, '')
  from runs r join tracks t on t.id = r.track_id where r.state <> 'done'
union all
select t.title || ' has ' || count(*) || ' runs instead of 4'
  from tracks t left join runs r on r.track_id = t.id group by t.id having count(r.id) <> 4
union all
select t.title || ' has ' || count(s.id) || ' stems instead of 4'
  from tracks t left join stems s on s.track_id = t.id group by t.id having count(s.id) <> 4
union all
select t.title || ' has no reading of its tempo or loudness'
  from tracks t
 where (select count(*) from readings r where r.track_id = t.id and r.name in ('tempo', 'loudness')) <> 2
union all
{_OPEN_JOBS}"""


def _runs_python(process: psutil.Process, wanted: str) -> bool:
    """The interpreter itself, not the shell that guards it."""
    with contextlib.suppress(psutil.Error):
        words = process.cmdline()
        return "python" in words[0] and any(wanted in word for word in words[1:4])
    return False


def _song(seed: int, seconds: float) -> bytes:
    """A few seconds of clicks and a tone: no two seeds have the same bytes."""
    chance = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    beat = np.exp(-40 * (t % 0.5)) * chance.standard_normal(len(t)) * 0.3
    tone = 0.2 * np.sin(2 * np.pi * chance.uniform(110, 440) * t)
    out = io.BytesIO()
    soundfile.write(out, np.stack([beat + tone, beat - tone], axis=1), RATE, format="WAV", subtype="PCM_16")
    return out.getvalue()


def _clean_env() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sfa-storm-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tracks", type=int, default=24)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    failed = False
    for seed in range(args.seed, args.seed + args.rounds):
        with _folder() as folder:
            storm = Storm(folder / "data", tracks=args.tracks, kills=args.kills, seed=seed)
            wrong = asyncio.run(storm.run())
        print(
            f"seed {seed}: {args.tracks} tracks, killed {dict(storm.killed)}, {storm.took_s:.0f} s:", end=" "
        )
        print("all done" if not wrong else "\n  " + "\n  ".join(wrong))
        failed |= bool(wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
