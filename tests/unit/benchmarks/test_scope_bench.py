"""Frames are counted through the server; the committed tables hold what was asked of scope and explorer."""

import re
from pathlib import Path

import pytest

from spinchip.benchmarks import scope

RESULTS = Path(__file__).parents[3] / "docs" / "results"


def test_rows_are_ratios_to_what_is_wanted(monkeypatch):
    speeds = dict(zip(scope.BACKENDS, (10.0, 20.0, 40.0, 80.0), strict=True))
    monkeypatch.setattr(scope, "frames_per_s", lambda name, wall_s: speeds[name])
    assert [row["ratio"] for row in scope.rows(quick=True)] == [0.5, 1.0, 2.0, 4.0]


def test_frames_come_through_the_server():
    assert scope.frames_per_s("reference", 0.1) > 0.0


@pytest.mark.parametrize(("name", "least"), [("scope_speed.md", 1.0), ("explorer_speed.md", 1.0)])
def test_committed_tables_meet_their_targets(name, least):
    text = (RESULTS / name).read_text(encoding="utf-8")
    ratios = [float(found) for found in re.findall(r"\| (?:20 wanted|5 ms allowed) \| ([\d.]+) \|", text)]
    assert len(ratios) >= 2
    assert min(ratios) >= least
