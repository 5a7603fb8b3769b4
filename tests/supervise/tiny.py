"""A studio of tiny programs under the real supervisor: `python -m tests.supervise.tiny [--until-idle S]`.

The data folder is SFA_DATA. `worker` writes its pid into `ticks` ten times a second, and a last line
when it is told to end; `stubborn`, if SFA_STUBBORN is set, does not listen.
"""

from __future__ import annotations

import asyncio
import os
import sys

import psycopg

from sfa import log
from sfa.errors import SfaError
from sfa.settings import Settings
from sfa.supervise.attach import HELD
from sfa.supervise.owner import Owned
from sfa.supervise.program import Program
from sfa.supervise.store import open_runs
from sfa.supervise.supervisor import Plan, Supervisor

WORKER = """
import os, signal, subprocess, sys, time
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(1))
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", sys.argv[1]])
with open(os.path.join(os.environ["SFA_DATA"], "ticks"), "a", buffering=1) as ticks:
    while not told:
        ticks.write(f"{os.getpid()}\\n")
        time.sleep(0.1)
    time.sleep(0.3)
    ticks.write("ended\\n")
grandchild.kill()
"""
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(os.path.join(os.environ["SFA_DATA"], "stubborn"), "w").close()
time.sleep(300)
"""
SCHEMA = """
create table if not exists runs (state text);
create schema if not exists look;
create or replace view look.workers as select true as alive where false;
"""


def programs(settings: Settings, conninfo: str) -> list[Program]:
    env = {"SFA_DATA": str(settings.data), "DATABASE_URL": conninfo}
    return [
        Program(name, [sys.executable, "-c", text, str(settings.data)], env)
        for name, text in (("worker", WORKER), ("stubborn", STUBBORN))
        if name == "worker" or "SFA_STUBBORN" in os.environ
    ]


def migrate(conninfo: str) -> None:
    with psycopg.connect(conninfo) as conn:
        conn.execute(SCHEMA)


def main() -> int:
    settings = Settings.from_env()
    log.set_up(settings.log_format)
    idle_s = float(sys.argv[2]) if sys.argv[1:2] == ["--until-idle"] else None
    plan = Plan(programs=programs, migrate=migrate, open_work=open_runs, web=False, margin_s=0.5)
    try:
        asyncio.run(Supervisor(settings, plan, until_idle_s=idle_s).run())
    except Owned as owned:
        print(owned, file=sys.stderr)
        return HELD
    except SfaError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
