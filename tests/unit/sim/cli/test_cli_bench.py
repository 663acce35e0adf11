"""Benchmarks are listed, or run by name; no peer, no ratio."""

import json

import pytest

from spinchip.benchmarks import anneal as anneal_bench
from spinchip.sim.cli import bench as cli_bench
from spinchip.sim.cli.app import run
from spinchip.sim.runs.bench_rows import honest_rows


def row(name, value, peer, ratio):
    return {"name": name, "value": value, "unit": "1/s", "peer": peer, "ratio": ratio}


@pytest.mark.promise("cli.bench-list")
def test_without_a_name_nothing_runs(monkeypatch, capsys):
    def refused(name, quick):
        raise AssertionError(f"{name} ran")

    monkeypatch.setattr(cli_bench, "_rows_of", refused)
    assert run(["bench", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == []
    assert told["names"] == list(cli_bench.BENCHES)
    assert run(["bench", "--quick"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in cli_bench.BENCHES)


def test_all_runs_every_one(monkeypatch, capsys):
    monkeypatch.setattr(cli_bench, "_rows_of", lambda name, quick: [row("own", 2.0, "other", 4.0)])
    assert run(["bench", "all", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["bench"] for one in told["rows"]] == list(cli_bench.BENCHES)
    assert {one["ratio"] for one in told["rows"]} == {4.0}


@pytest.mark.promise("cli.bench-list")
@pytest.mark.parametrize(
    ("given", "peer", "ratio"),
    [
        (row("own", 2.0, "other", 4.0), "other", 4.0),
        (row("own", 2.0, "own", 1.0), None, None),  # against itself
        (row("the first of a kind", 2.0, "the first", 1.0), None, None),
        (row("own", 2.0, "absent", 3.0), None, None),
        (row("own", 2.0, None, 3.0), None, None),
        (row("own", 2.0, "", None), None, None),
        (row("own", 2.0, "no peer met it", None), "no peer met it", None),
        (row("own", 2.0, "other", float("inf")), "other", None),
    ],
)
def test_no_peer_no_ratio(given, peer, ratio):
    found = honest_rows([given, row("other", 0.5, None, None), row("absent", None, None, None)])
    assert (found[0]["peer"], found[0]["ratio"]) == (peer, ratio)
    assert "note" not in found[0]
    assert found[2]["note"] == "not installed: pip install 'spinchip[peers]'"
    assert honest_rows([row("NetKet MetropolisLocal", None, "", None)])[0]["note"].endswith("'spinchip[netket]'")


def test_peers_that_are_absent_met_nothing():
    ours = [{"name": "a", "best": {"t": (2.0, 1)}}, {"name": "b", "best": {"t": (9.0, 1)}}]
    absent = [{"name": "c", "best": {"t": (float("inf"), 0)}, "installed": False}]
    there = [{"name": "d", "best": {"t": (float("inf"), 0)}, "installed": True}]
    assert anneal_bench.best_ratio(ours + absent, "t") == (2.0, None, None)
    assert anneal_bench.best_ratio(ours + absent + there, "t") == (2.0, None, "no peer met it")
