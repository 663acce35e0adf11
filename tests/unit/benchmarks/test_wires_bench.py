"""The benchmark of wires measures what it names, on one thread; no speed is asserted."""

import json
import subprocess

import numpy as np
import pytest

from spinchip.benchmarks import wires as bench
from spinchip.emulator.wires.nodal import solve


def instant(works, rounds):
    """Stand in for the stopwatch: run everything once, and let each work take its number in seconds."""
    for work in works.values():
        work()
    return {name: 1.0 + k for k, name in enumerate(works)}


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(bench, "SIZES", (4, 8, 16))
    monkeypatch.setattr(bench, "LARGEST_DENSE", 4)
    monkeypatch.setattr(bench, "best_of", instant)


@pytest.fixture
def peer(monkeypatch):
    """Stand in for badcrossbar, one part in a thousand wrong."""
    calls = []

    def currents(cells, voltages, wires):
        calls.append(cells.shape)
        return 1.001 * solve(cells, voltages, wires).currents_A

    monkeypatch.setattr(bench, "badcrossbar_solve", lambda: currents)
    return calls


@pytest.mark.slow
def test_rows_name_a_time_and_its_ratio(tiny, peer):
    rows = bench.measured(quick=True)
    by_name = {row["name"]: row for row in rows}
    assert len(by_name) == len(rows) == 2 * (5 + 2 + 1 + 1)
    assert all(set(row) == {"name", "value", "unit", "peer", "ratio"} for row in rows)
    exact = by_name["exact solution, 4 x 4, mild"]
    assert exact["value"] == pytest.approx(1e3 * 2.0 / 256)
    assert exact["ratio"] == pytest.approx((2.0 / 256) / (1.0 / 10))
    other = by_name["badcrossbar, 4 x 4, mild"]
    assert (other["value"], other["peer"]) == (6e3, "exact solution")
    assert other["ratio"] == pytest.approx(6.0 / (2.0 / 256))
    assert by_name["largest error of badcrossbar, 4 x 4, strong"]["value"] == pytest.approx(1e-3)
    assert by_name["largest error of exact solution, tolerance 1e-08, 8 x 8, strong"]["value"] < 1e-6
    assert set(peer) == {(4, 4)}


def test_a_peer_that_is_not_installed_is_absent(tiny, monkeypatch):
    monkeypatch.setattr(bench, "badcrossbar_solve", lambda: None)
    rows = bench.measured(quick=True)
    assert [row["value"] for row in rows if "badcrossbar" in row["name"]] == [None]


def test_missing_package_is_no_peer(monkeypatch):
    def missing(name):
        raise bench.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(bench.metadata, "version", missing)
    assert bench.badcrossbar_solve() is None


def test_arrays_are_as_strong_as_they_are_called():
    """Wires must cost more than the tolerance of what is measured, and the strong ones most of the current."""
    lost = {}
    for name in bench.STRENGTHS:
        cells, voltages, wires = bench.array(64, name)
        lost[name] = 1.0 - (solve(cells, voltages, wires).currents_A / (voltages @ cells)).min()
    assert 0.005 < lost["mild"] < 0.1
    assert lost["strong"] > 0.5
    assert np.array_equal(bench.array(64, "mild")[0], bench.array(64, "mild")[0])


def test_one_thread_is_asked_for_in_a_python_of_its_own(monkeypatch):
    asked = {}

    def run(command, env, **options):
        asked.update(command=command, env=env, options=options)
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps([{"name": "x"}]))

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    assert bench.rows(quick=True) == [{"name": "x"}]
    assert asked["command"][1:] == ["-m", "spinchip.benchmarks.wires", "quick"]
    assert {name: asked["env"][name] for name in bench.ONE_THREAD} == bench.ONE_THREAD
    assert asked["options"]["check"]


def test_nothing_is_started_where_one_thread_is_set(monkeypatch):
    for name, value in bench.ONE_THREAD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(bench, "measured", lambda quick: ["here", quick])
    assert bench.rows() == ["here", False]
