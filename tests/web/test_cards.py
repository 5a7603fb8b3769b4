from __future__ import annotations

import dataclasses
import re
import uuid

from sfa.runs import Run, eta_s
from sfa.studio.cards import Card, Strip, shape_of
from sfa.studio.store import Queue

RUN = Run(
    track_id=uuid.uuid4(),
    stage="decode",
    variant="",
    stage_title="Decode",
    state="done",
    progress=1.0,
    note=None,
    left_s=None,
    eta_s=None,
    attempts=1,
    max_attempts=4,
    losses=0,
    error_code=None,
    error=None,
    fix=None,
    stuck=False,
    started_at=None,
    finished_at=None,
    took_s=1.0,
    ord=1,
    run_id=1,
)


def run(state: str, **facts: object) -> Run:
    return dataclasses.replace(RUN, state=state, **facts)


def card(*of_track: Run) -> Card:
    return Card(None, list(of_track), None, None, None)  # type: ignore[arg-type]


def test_the_state_of_a_track_is_the_worst_of_its_runs():
    assert card(run("done"), run("done")).state == "done"
    assert card(run("done"), run("running"), run("blocked")).state == "running"
    assert card(run("queued"), run("blocked")).state == "queued"
    assert card(run("done"), run("cancelled")).state == "cancelled"
    assert card(run("running"), run("failed")).state == "failed"


def test_what_waits_for_a_failed_run_does_not_move():
    assert not card(run("failed"), run("blocked")).is_moving
    assert card(run("failed"), run("running")).is_moving
    assert card(run("done"), run("blocked")).is_moving


def test_a_wait_is_the_slowest_at_hand_and_what_comes_behind_it():
    running = run("running", stage="separation", left_s=60.0, eta_s=60.0)
    beside = run("running", stage="analysis", left_s=20.0, eta_s=20.0)
    behind = run("blocked", stage="stem_analysis", left_s=10.0)
    assert eta_s([running, beside, behind]) == 70
    assert eta_s([running, run("blocked", stage="analysis", left_s=30.0)]) == 60


def test_a_wait_with_an_unknown_part_is_unknown():
    assert eta_s([run("running", left_s=60.0, eta_s=60.0), run("blocked", left_s=None)]) is None
    assert eta_s([run("queued", left_s=60.0, eta_s=None)]) is None  # its turn is not known: nobody takes it
    assert eta_s([run("done")]) is None


def test_one_sentence_is_said_once():
    both = card(run("failed", error="Full.", run_id=1), run("failed", error="Full.", run_id=2))
    assert [one.run_id for one in both.failed] == [1]


def test_what_was_outdone_does_not_tell_where_a_track_stands():
    old = run("failed", stage="separation", error="No weights.", outdone=True)
    after_it = run("blocked", stage="stem_analysis", left_s=9.0, outdone=True)
    new = run("done", stage="separation", run_id=2)
    settled = card(old, after_it, new)
    assert (settled.state, settled.is_moving, settled.can_retry, settled.wait_s) == (
        "done",
        False,
        False,
        None,
    )
    assert (settled.failed, settled.failed_aside, settled.counting) == ([], [], [new])


def test_what_was_asked_for_last_and_failed_is_told_aside():
    kept = run("done", stage="separation", run_id=1)
    tried = run("failed", stage="separation", run_id=2, error="No weights.", outdone=True)
    both = card(kept, tried)
    assert (both.state, both.failed, both.failed_aside) == ("done", [], [tried])


def test_a_shape_keeps_its_peaks_and_its_measures():
    path = shape_of(bytes([0] * 500 + [255] + [0] * 499))
    strokes = re.findall(r"M([\d.]+) ([\d.]+)v([\d.]+)", path)
    assert len(strokes) == 72
    assert max(float(height) for _, _, height in strokes) == 30
    assert all(float(top) + float(height) <= 32 for _, top, height in strokes)
    assert all(0 < float(x) < 144 for x, _, _ in strokes)
    assert shape_of(b"") == ""
    assert len(re.findall("M", shape_of(b"\x80\x80\x80"))) == 3


def test_a_queue_is_deserted_when_something_waits_and_nobody_is_there():
    idle = Queue("processing", 0, 0, 0, 0, None)
    waiting = Queue("download", 2, 1, 0, 0, None)
    served = Queue("download", 2, 0, 1, 1, None)
    assert Strip([idle, waiting]).deserted == [waiting]
    assert Strip([idle, served]).deserted == []
    assert (Strip([waiting, served]).waiting, Strip([served]).running) == (5, 1)
