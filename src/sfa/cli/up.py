"""`./sfa up`: the supervisor in the foreground."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

import rich_click as click

from sfa import log
from sfa.settings import Settings
from sfa.supervise.attach import HELD
from sfa.supervise.owner import Owned, find_owner
from sfa.supervise.supervisor import Supervisor, studio, with_free_port


@click.command()
@click.option("--headless", is_flag=True, help="Without the web page.")
@click.option(
    "--until-idle",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    help="End when there was nothing to do and nobody connected for so long; makes room for another `up`.",
)
def up(headless: bool, until_idle: float | None) -> int:
    """Run the studio: database, web page and workers under one parent.

    Ctrl-C or SIGTERM ends all of it: jobs in hand are finished, or handed back
    after SFA_GRACE_S seconds. A second signal hands them back at once.
    """
    settings = Settings.from_env()
    log.set_up(settings.log_format)
    if not headless:
        owner = find_owner(settings.data)
        if owner is not None and not owner.headless:  # before its port is found to be taken
            raise Owned(owner)
        settings = replace(settings, port=with_free_port(settings))
    try:
        asyncio.run(Supervisor(settings, studio(web=not headless), until_idle_s=until_idle).run())
    except Owned as owned:
        if until_idle is None:
            raise
        print(f"sfa: {owned}", file=sys.stderr)
        return HELD
    return 0
