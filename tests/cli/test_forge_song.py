"""What the runs of a track say about one file of the command line."""

from __future__ import annotations

import pytest

from sfa.cli.forge import song
from sfa.cli.forge.song import Order, Song, Trouble, asked_for, have_ended, trouble_of
from tests.cli.rows import run, separation

ALL = Order("htdemucs", None, fallback=True)
VOCALS = Order("htdemucs", ("vocals",), fallback=True)
STRICT = Order("htdemucs", None, fallback=False)


@pytest.mark.parametrize(
    "order, made, will_do",
    [
        (ALL, separation(), True),
        (ALL, separation(model="htdemucs_ft", ran="htdemucs_ft"), False),
        (ALL, separation(wanted=["vocals"]), False),
        (VOCALS, separation(), True),
        (VOCALS, separation(wanted=["vocals", "drums"]), True),
        (VOCALS, separation(wanted=["drums"]), False),
        (ALL, separation(ran="quick"), True),
        (STRICT, separation(ran="quick"), False),
    ],
)
def test_finished_separation_answers_what_it_covers(order, made, will_do):
    assert order.answered_by(made) is will_do


def test_finished_separation_goes_before_one_that_is_under_way():
    runs = [run("separation", "running", run_id=7)]
    assert ALL.answer([separation(run_id=3)], runs) == 3
    assert STRICT.answer([separation(run_id=3, ran="quick")], runs) == 7


def test_run_of_another_model_is_nobody_to_wait_for():
    runs = [
        run("decode"),
        run("separation", run_id=5),
        run("separation", "failed", variant="mdx_extra", run_id=9),
    ]
    assert [one.run_id for one in asked_for(runs, "htdemucs", 5)] == [1, 5]


def test_later_run_of_the_same_model_is_somebody_elses():
    runs = [run("decode"), run("separation", "running", run_id=9), run("stem_analysis", "blocked", run_id=10)]
    assert [one.stage for one in asked_for(runs, "htdemucs", 5)] == ["decode"]


@pytest.mark.parametrize(
    "states, ended",
    [
        (["done", "done"], True),
        (["done", "running"], False),
        (["done", "queued"], False),
        (["done", "blocked"], False),
        (["failed", "blocked"], True),
        (["failed", "running"], False),
        (["cancelled", "cancelled"], True),
    ],
)
def test_track_has_ended_when_nothing_can_move_any_more(states, ended):
    assert have_ended([run(state=state) for state in states]) is ended


def test_first_step_that_failed_is_the_trouble():
    one = Song("/music/a.wav")
    one.runs = [
        run(),
        run("separation", "failed", error_code="disk_full", error="No room."),
        run("analysis"),
    ]
    trouble = trouble_of(one)
    assert (trouble.code, trouble.message, trouble.exit_status) == ("disk_full", "No room.", 74)


def test_track_that_somebody_cancelled_says_so():
    one = Song("/music/a.wav")
    one.runs = [run(), run("separation", "cancelled")]
    assert trouble_of(one).message == "“a.wav” was cancelled."
    assert trouble_of(one).exit_status == 75


def test_command_that_cannot_go_on_loses_only_what_was_not_begun():
    songs = [Song("a.wav", phase=phase) for phase in (song.WAITING, song.WORKING, song.DONE)]
    for one in songs:
        one.give_up(Trouble("studio", "The studio did not start.", ""))
    assert [one.phase for one in songs] == ["failed", "left", "done"]


def test_name_of_any_kind_is_one_line_on_the_terminal():
    one = Song("/music/bad\n\x1b[31mname\udcff" + "x" * 300 + ".wav")
    assert "\n" not in one.shown
    assert "\x1b" not in one.shown
    assert len(one.shown) < 100
    one.shown.encode()
