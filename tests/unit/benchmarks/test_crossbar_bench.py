"""The crossbar benchmark measures what it names, on one thread; no speed is asserted."""

import json
import subprocess

import numpy as np
import pytest

from spinchip.benchmarks import crossbar as bench
from spinchip.emulator.crossbar.crossbar import Crossbar


def instant(works, rounds):
    """Stand in for the stopwatch: run everything once, and let each work take its number in seconds."""
    for work in works.values():
        work()
    return {name: 1.0 + k for k, name in enumerate(works)}


@pytest.fixture
def tiny(monkeypatch):
    for name, value in (("N", 8), ("N_BATCH", 4), ("N_FLIPS", 100)):
        monkeypatch.setattr(bench, name, value)
    monkeypatch.setattr(bench, "best_of", instant)


def test_rows_name_a_time_and_its_ratio(tiny):
    rows = bench.measured(quick=True)
    assert all(set(row) == {"name", "value", "unit", "peer", "ratio"} for row in rows)
    by_name = {row["name"]: row for row in rows}
    assert len(by_name) == len(rows) == 2 * (1 + len(bench.SPECS)) + 4 + 2
    first = by_name["8-bit DAC and ADC, read noise, batch 4"]
    assert (first["peer"], first["ratio"], first["unit"]) == ("numpy sgemm", 2.0, "ms")
    assert first["value"] == pytest.approx(1e3 * 2.0 / 10)
    flip = by_name["flip, 8 columns, int32, random"]
    assert flip["value"] == pytest.approx(1e9 / 100)
    assert flip["ratio"] == pytest.approx(1 / (5.0 * 100))


def test_noise_and_converters_are_in_what_is_timed():
    """Each spec computes the matrix, wrong by what its name says: noise, 8 bits, planes."""
    rng = np.random.default_rng(1)
    weights, batch = rng.standard_normal((64, 32)), rng.standard_normal((5, 64))
    exact = batch @ weights
    for name, spec in bench.SPECS.items():
        crossbar = Crossbar(weights, spec)
        error = np.sqrt(np.mean((crossbar.multiply(batch) - exact) ** 2) / np.mean(exact**2))
        assert 0.02 < error < 0.4, name
        assert ("read noise" in name) == (not np.array_equal(crossbar.multiply(batch, 1), crossbar.multiply(batch, 2)))
        assert crossbar.ledger.events["conversions"] % (32 * len(spec.dac.plane_weights)) == 0
        assert ("bit-serial" in name) == (len(spec.dac.plane_weights) > 1)


def test_one_thread_is_asked_for_in_a_python_of_its_own(monkeypatch):
    asked = {}

    def run(command, env, **options):
        asked.update(command=command, env=env, options=options)
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps([{"name": "x"}]))

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    assert bench.rows(quick=True) == [{"name": "x"}]
    assert asked["command"][1:] == ["-m", "spinchip.benchmarks.crossbar", "quick"]
    assert {name: asked["env"][name] for name in bench.ONE_THREAD} == bench.ONE_THREAD
    assert asked["options"]["check"]


def test_nothing_is_started_where_one_thread_is_set(monkeypatch):
    for name, value in bench.ONE_THREAD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(bench, "measured", lambda quick: ["here", quick])
    assert bench.rows() == ["here", False]
