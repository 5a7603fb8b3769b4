"""A batch through a studio whose processes are killed at random; `python -m bench.faults` is the long one."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.faults import Storm


@pytest.mark.faults
@pytest.mark.timeout(900)
async def test_whatever_is_killed_every_track_is_done_once_and_nothing_is_left(tmp_path):
    storm = Storm(tmp_path / "data", tracks=12, kills=10, seed=7, sound_s=2.0)
    assert await storm.run() == []
    assert storm.killed.total() == 10
    assert len(storm.killed) >= 3, Counter(storm.killed)
