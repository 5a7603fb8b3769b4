"""A child that does what the request says: `python -m tests.children.programs.obedient`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any

from sfa.children.protocol import CannotDo, Report, serve


def obey(request: dict[str, Any], report: Report) -> dict[str, Any]:
    print("a library printing to standard output")
    report(0.5, "half way")
    match request["do"]:
        case "answer":
            return {"pid": os.getpid(), "echo": request.get("echo")}
        case "refuse":
            raise CannotDo("not_audio", "song.wav is a poem.", "Sing it.")
        case "refuse_for_a_library":
            raise CannotDo(
                "weights_corrupt", "tiny.th is damaged.", "Copy it again."
            ) from said_by_a_library()
        case "raise":
            raise RuntimeError("a wheel came off")
        case "memory":
            hoard = bytearray(os.urandom(1 << 20) * request["mb"])
            time.sleep(60)
            return {"bytes": len(hoard)}
        case "die":
            sys.stderr.write("last words\n")
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGSEGV)
        case "sleep":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(60)
        case "spin":
            while True:
                report(0.6, "busy")
        case "leave_someone":
            someone = subprocess.Popen(["sleep", "60"])
            print(someone.pid, file=open(request["file"], "w"))  # noqa: PTH123, SIM115
            time.sleep(60)
    return {}


def said_by_a_library() -> Exception:
    ours = LookupError("tiny.th")
    ours.__cause__ = ValueError("invalid load key,\n'x'")
    return ours


if __name__ == "__main__":
    serve(obey)
