"""All measurements in one command: `python -m bench [whole|analysis|player|pages|live|pickup|…]`.

Progress goes to standard error, the tables (or, with --json, one JSON document)
to standard output. With --write the tables also become bench/RESULTS.md. The
storm of kills is a command of its own: `python -m bench.faults`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path

from bench.conditions import conditions, load
from bench.ground import Ground, ground
from bench.plan import Plan, say
from bench.report import Part, as_json, as_markdown
from sfa import log

# Cheap ones first: who stops it half-way has most of them.
PARTS = ("pickup", "pages", "live", "player", "recovery", "analysis", "whole", "memory")
_SHOWN = ("whole", "analysis", "player", "pages", "live", "pickup", "recovery", "memory")
RESULTS = Path(__file__).parent / "RESULTS.md"


def main(argv: list[str] | None = None) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    plan = Plan.quick() if args.quick else Plan()
    changes = {"whole_s": args.seconds, "analysis_s": args.seconds, "rounds": args.rounds}
    plan = replace(plan, **{name: value for name, value in changes.items() if value is not None})
    log.set_up(level=logging.WARNING)
    done: list[Part] = []
    with ground() as here:
        around = conditions(here.server)
        try:
            for name in args.parts or PARTS:
                done.append(_measured(name, here, plan))
                done.sort(key=lambda part: _SHOWN.index(part.name))
                if args.write:
                    RESULTS.write_text(as_markdown(done, around))
        except KeyboardInterrupt:
            say("stopped; what was measured until now:")
    if args.json:
        print(json.dumps(as_json(done, around), indent=1))
    else:
        print(as_markdown(done, around))
    return int(any(part.failed for part in done) or not done)


def _measured(name: str, here: Ground, plan: Plan) -> Part:
    """A part that fails says so in its place, and the others follow."""
    began, before = time.monotonic(), load()
    try:
        part: Part = importlib.import_module(f"bench.{name}").measure(here, plan)
    except Exception as error:  # noqa: BLE001 - one part must not cost the figures of the others
        traceback.print_exc()
        part = Part(name, name.capitalize(), "", failed=f"{type(error).__name__}: {error}")
    part.took_s = time.monotonic() - began
    part.load = f"Load of the machine (1 / 5 min) before {before}, after {load()}"
    return part


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; without: all")
    parser.add_argument("--quick", action="store_true", help="a look whether all works, in a few minutes")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--write", action="store_true", help=f"also write {RESULTS.name}, part by part")
    parser.add_argument("--seconds", type=float, help="of music, for whole and analysis; e.g. 210")
    parser.add_argument("--rounds", type=int, help="of everything that is done in rounds")
    return parser


if __name__ == "__main__":
    sys.exit(main())
