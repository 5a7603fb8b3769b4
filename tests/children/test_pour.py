"""Children that answer with bytes: every way in which they end early is told, and none of them stays."""

from __future__ import annotations

import asyncio
import os
import signal

import numpy as np
import psutil
import pytest
import soundfile

from sfa.children.pour import Flow
from sfa.errors import ChildFailed, Refused

PROGRAM = "sfa.children.export"
FRAMES = 44_100 * 60


@pytest.fixture
def order(tmp_path):
    noise = np.random.default_rng(0).uniform(-0.9, 0.9, (FRAMES, 2))
    soundfile.write(tmp_path / "a.flac", noise, 44_100, subtype="PCM_16")
    return {
        "kind": "sound",
        "voices": [{"path": str(tmp_path / "a.flac"), "name": "a", "gain_db": 0.0, "pan": 0.0, "peak": 0.9}],
        "start": 0,
        "stop": FRAMES,
        "rate_hz": 44_100,
        "channels": 2,
        "bits": 16,
        "format": "mp3",
        "tags": {},
        "trim_db": 0.0,
        "lower": False,
        "level_only": False,
        "peak": 0.9,
    }


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_ending_it_takes_its_encoder_along(order):
    flow = await Flow.open(PROGRAM, order)
    await anext(flow.pieces())
    below = [one.pid for one in psutil.Process(flow.pid).children(recursive=True)]
    assert below
    await flow.end()
    await flow.end()
    async with asyncio.timeout(5):
        while not all(is_gone(pid) for pid in (flow.pid, *below)):
            await asyncio.sleep(0.02)


async def read_on(flow, do) -> None:
    """Take the first piece, do something, and read to the end."""
    pieces = flow.pieces()
    await anext(pieces)
    do()
    async for _ in pieces:
        pass


async def test_child_that_is_killed_is_no_end_of_file(order):
    flow = await Flow.open(PROGRAM, order)
    with pytest.raises(ChildFailed, match="ended before the file did"):
        await read_on(flow, lambda: os.kill(flow.pid, signal.SIGKILL))
    await flow.end()


async def test_encoder_that_is_killed_is_no_end_of_file(order):
    flow = await Flow.open(PROGRAM, order)

    def kill() -> None:
        for one in psutil.Process(flow.pid).children(recursive=True):
            if "ffmpeg" in " ".join(one.cmdline()):
                one.kill()

    with pytest.raises(ChildFailed, match="ended before the file did"):
        await read_on(flow, kill)
    await flow.end()


async def test_input_at_fault_is_a_sentence(order):
    order["voices"][0] |= {"path": order["voices"][0]["path"] + ".gone", "name": "lead"}
    with pytest.raises(Refused, match="stem “lead” is not in the media folder"):
        await Flow.open(PROGRAM, order)


async def test_fault_of_ours_keeps_its_evidence(order):
    del order["trim_db"]
    with pytest.raises(ChildFailed, match="KeyError") as caught:
        await Flow.open(PROGRAM, order)
    assert "Traceback" in caught.value.evidence


async def test_reader_who_takes_his_time_holds_it_up(order):
    order["format"] = "wav"
    flow = await Flow.open(PROGRAM, order)
    await asyncio.sleep(1.0)
    busy = psutil.Process(flow.pid)
    before = sum(busy.cpu_times()[:2])
    await asyncio.sleep(0.5)
    assert sum(busy.cpu_times()[:2]) - before < 0.1
    assert sum([len(piece) async for piece in flow.pieces()]) == 44 + FRAMES * 4
    await flow.end()


async def test_measuring_tells_how_far_it_is(order):
    heard = []

    async def hear(done, note):
        heard.append((done, note))

    flow = await Flow.open(PROGRAM, order | {"level_only": True}, hear)
    await flow.end()
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert heard[-1] == (1.0, "measuring the sum")
    assert flow.said["peak"] == pytest.approx(0.9, abs=1e-3)
