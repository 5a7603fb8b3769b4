"""Children are heard out, kept warm, and never outlive a reason to end them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from structlog.testing import capture_logs

from sfa.children.supervise import Child, Children, Limits
from sfa.errors import ChildFailed, Refused
from tests.conftest import ROOT

PROGRAM = "tests.children.programs.obedient"
ENV = {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


@pytest.fixture
async def children():
    children = Children(ENV)
    yield children
    await children.close()
    for process in psutil.process_iter(["cmdline"]):
        if PROGRAM in " ".join(process.info["cmdline"] or []):
            await gone(process.pid)


async def quiet(done, note):
    return None


async def ask(children, limits=None, on_progress=quiet, **request):
    return await children.ask(PROGRAM, request, on_progress, limits or Limits())


def is_there(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def gone(pid):
    async with asyncio.timeout(5):
        while is_there(pid):
            await asyncio.sleep(0.02)


async def test_answer_comes_back_and_prints_do_not_disturb(children):
    assert (await ask(children, do="answer", echo="é\n"))["echo"] == "é\n"


async def test_progress_is_heard(children):
    heard = []

    async def keep(done, note):
        heard.append((done, note))

    await ask(children, on_progress=keep, do="answer")
    assert heard == [(0.5, "half way")]


async def test_warm_child_serves_the_next_request(children):
    first = await ask(children, do="answer")
    assert await ask(children, do="answer") == first


async def test_bad_input_is_refused_with_code_sentence_and_way_out(children):
    pid = (await ask(children, do="answer"))["pid"]
    with pytest.raises(Refused, match="a poem") as caught:
        await ask(children, do="refuse")
    assert (caught.value.code, caught.value.fix) == ("not_audio", "Sing it.")
    assert (await ask(children, do="answer"))["pid"] == pid


async def test_what_a_library_said_behind_a_refusal_goes_to_the_log_alone(children):
    with capture_logs() as logs, pytest.raises(Refused) as caught:
        await ask(children, do="refuse_for_a_library")
    assert str(caught.value) == "tiny.th is damaged."
    (line,) = [line for line in logs if line["event"] == "child.refused"]
    assert line["code"] == "weights_corrupt"
    assert "invalid load key" in line["evidence"]


async def test_failure_inside_carries_its_traceback(children):
    with pytest.raises(ChildFailed, match="RuntimeError: a wheel came off") as caught:
        await ask(children, do="raise")
    assert "obey" in caught.value.evidence


async def test_crash_says_how_and_keeps_the_last_words(children):
    with pytest.raises(ChildFailed, match="killed by SIGSEGV") as caught:
        await ask(children, do="die")
    assert "last words" in caught.value.evidence
    assert (await ask(children, do="answer"))["pid"]


@pytest.mark.parametrize(
    "request_, limits, code",
    [
        ({"do": "spin"}, Limits(timeout_s=1), "timeout"),
        ({"do": "sleep"}, Limits(stall_s=1), "stalled"),
        ({"do": "memory", "mb": 400}, Limits(memory_mb=200), "memory"),
    ],
)
async def test_limits_end_the_child(children, request_, limits, code):
    with pytest.raises(ChildFailed) as caught:
        await ask(children, limits, **request_)
    assert caught.value.code == code


async def test_cancelling_takes_the_whole_family_along(children, tmp_path):
    file = tmp_path / "pid"
    asking = asyncio.create_task(ask(children, do="leave_someone", file=str(file)))
    while not (file.exists() and file.read_text().strip()):
        await asyncio.sleep(0.02)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await gone(int(file.read_text()))


async def test_error_while_reporting_ends_the_child(children):
    async def superseded(done, note):
        raise LookupError

    with pytest.raises(LookupError):
        await ask(children, on_progress=superseded, do="sleep")


async def test_child_that_cannot_start_is_a_failure():
    with pytest.raises(ChildFailed) as caught:
        await Child.start("tests.children.programs.no_such_program", ENV)
    assert "No module named" in caught.value.evidence


PARENT = """
import asyncio, sys
from sfa.children.supervise import Child, Limits
async def main():
    child = await Child.start("tests.children.programs.obedient", {})
    async def quiet(done, note): pass
    await child.ask({"do": "leave_someone", "file": sys.argv[1]}, quiet, Limits())
asyncio.run(main())
"""


async def test_killed_parent_takes_children_and_grandchildren_along(tmp_path):
    file = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(file)], env={**os.environ, **ENV}, cwd=ROOT)
    while not (file.exists() and file.read_text().strip()):
        assert parent.poll() is None
        await asyncio.sleep(0.02)
    family = psutil.Process(parent.pid).children(recursive=True)
    assert len(family) >= 3
    began = time.monotonic()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    for process in family:
        await gone(process.pid)
    assert time.monotonic() - began < 5


async def test_request_waits_for_the_child_that_is_warming_up():
    children = Children(ENV)
    warming = asyncio.create_task(children.warm(PROGRAM))
    await asyncio.sleep(0)
    first = await ask(children, do="answer")
    await warming
    assert (await ask(children, do="answer"))["pid"] == first["pid"]
    await children.close()
