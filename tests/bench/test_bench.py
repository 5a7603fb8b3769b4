"""The bench carried out small: that it gives its figures, never how fast anything was."""

from __future__ import annotations

import math
import os
from dataclasses import replace

import pytest

from bench import analysis, live, pages, pickup, player, songs
from bench.__main__ import PARTS, main
from bench.ground import Ground
from bench.plan import Plan
from bench.report import Part, Table, Target, as_json, as_markdown, shown
from tests.browser.conftest import found


@pytest.fixture
def here(server, tmp_path) -> Ground:
    return Ground(tmp_path, server)


async def test_pickup_times_every_job_on_both_sides(database, here):
    part = await pickup.compare(database, here.folder, here.env, replace(Plan.quick(), pickups=20))
    for side in ("ours_ms", "bare_ms"):
        assert 0 < part.figures[side]["p50"] <= part.figures[side]["max"] < 60_000
    assert part.figures["ratios"]["p50"] == pytest.approx(
        part.figures["ours_ms"]["p50"] / part.figures["bare_ms"]["p50"]
    )
    assert [target.limit for target in part.targets] == [2.0]


async def test_analysis_times_child_and_script_cold_and_warm(here):
    part = await analysis.compare(here.folder, here.plain_env(), Plan.quick())
    for name in ("script_cold_s", "script_warm_s", "ours_cold_s", "ours_warm_s"):
        assert len(part.figures[name]) == 1
        assert part.figures[name][0] > 0
    assert "tempo" in part.notes[0]
    assert len(part.tables[0].rows) == 4


def test_a_song_is_as_long_as_asked_and_each_mark_is_another(tmp_path):
    import soundfile

    files = [songs.write(tmp_path / f"{mark}.flac", 2.5, mark=mark) for mark in (1, 2)]
    assert {soundfile.info(file).frames for file in files} == {int(2.5 * songs.RATE)}
    assert files[0].read_bytes() != files[1].read_bytes()


@pytest.mark.browser
def test_player_times_clicks_and_seeks_and_counts_samples(here):
    found()
    part = player.measure(here, replace(Plan.quick(), player_s=12.0, player_seeks=2, player_listen_s=0.5))
    assert all(0 < part.figures["first_ms"][name][0] < 60_000 for name in ("prefetched", "cold", "whole"))
    assert len(part.figures["seek_ms"]) == 2
    assert part.figures["loop"]["off"] == 0
    assert part.figures["loop"]["loudest"] > 0.01
    assert all(figures[0] > 1 for figures in part.figures["held_mb"].values())


def test_pages_of_a_small_and_a_large_library_are_timed_side_by_side(here):
    part = pages.measure(here, replace(Plan.quick(), page_tracks=(60, 120), page_asks=1))
    assert {"desk", "library", "search", "track", "stream, first event"} <= part.figures.keys()
    for figures in part.figures.values():
        assert all(0 < ms < 60_000 for ms in [*figures["60_ms"], *figures["120_ms"]])
    assert len(part.tables[0].rows) == len(part.figures)


def test_news_are_timed_at_every_client_on_both_sides(here):
    part = live.measure(here, replace(Plan.quick(), live_clients=(1, 3), live_marks=2))
    for clients in (1, 3):
        for kind in ("bare", "row", "beat"):
            p50, p95 = part.figures[f"{clients}_clients_ms"][kind]
            assert 0 < p50 <= p95 < 60_000
    assert len(part.tables[0].rows) == 6


def test_a_missed_target_and_a_failed_part_are_both_to_be_seen():
    slow = Part(
        "slow", "Slow", "", tables=[Table(["a"], [[1.234], [None]])], targets=[Target("it", 1.0, 2.0)]
    )
    text = as_markdown([slow, Part("broken", "Broken", "", failed="no luck")], {"CPU": "some"})
    assert "| it | 1.00 | 2.00 | **missed** |" in text
    assert "**This part failed**: no luck" in text
    assert "| CPU | some |" in text
    assert as_json([slow], {})["parts"][0]["targets"][0]["met"] is False


@pytest.mark.parametrize(
    ("cell", "text"), [(0.123456, "0.12"), (12.34, "12.3"), (123.4, "123"), (None, "–"), (7, "7"), ("x", "x")]
)
def test_figures_are_shown_with_the_digits_that_count(cell, text):
    assert shown(cell) == text


def test_a_part_that_does_not_exist_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["speed"])
    said = capsys.readouterr().err
    assert all(name in said for name in PARTS)


def test_processes_of_the_bench_know_nothing_of_the_users_studio(here, monkeypatch):
    monkeypatch.setenv("SFA_ANALYSIS_SLOTS", "7")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/")
    assert not {"SFA_ANALYSIS_SLOTS", "DATABASE_URL"} & here.plain_env().keys()
    assert here.env("mine", here.folder)["DATABASE_URL"] == "mine"
    assert here.plain_env()["NUMBA_CACHE_DIR"] == os.environ["NUMBA_CACHE_DIR"]


def test_the_script_measures_loudness_as_the_standard_says():
    import numpy as np

    from bench.plain import _loudness

    t = np.arange(10 * 48_000) / 48_000
    sine = np.repeat((0.1 * np.sin(2 * np.pi * 997 * t))[:, None], 2, axis=1)
    found = _loudness(sine, 48_000)  # EBU Tech 3341, case 1 and 2: stereo sine at -20 dBFS is -20 LUFS
    assert math.isclose(found["integrated_lufs"], -20, abs_tol=0.1)
    assert math.isclose(found["true_peak_dbtp"], -20, abs_tol=0.1)
