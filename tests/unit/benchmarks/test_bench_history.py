"""Runs of benchmarks: kept whole, drawn over commits, refused if they are something else."""

import json

import pytest

from spinchip.benchmarks import explorer
from spinchip.emulator.spec.errors import InputError
from spinchip.sim.cli.app import run
from spinchip.sim.runs import bench_history

ROWS = [
    {"name": "a", "value": 2.0, "unit": "1/s", "peer": "b", "ratio": 4.0, "bench": "x"},
    {"name": "c", "value": 1.0, "unit": "s", "peer": None, "ratio": None, "bench": "x"},
]


@pytest.mark.promise("codesign.bench")
def test_runs_are_kept_and_drawn_over_commits(tmp_path, monkeypatch):
    for number, ratio in enumerate((4.0, 8.0)):
        monkeypatch.setattr(bench_history, "commit", lambda number=number: f"commit{number}")
        path = bench_history.keep([ROWS[0] | {"ratio": ratio}, ROWS[1]], tmp_path, quick=True)
        path.rename(tmp_path / f"{number}.json")  # two runs of one second have one name
    found = bench_history.runs(tmp_path)
    assert [one["commit"] for one in found] == ["commit0", "commit1"]
    assert bench_history.ratios(found) == {"x": {"a": [("commit0", 4.0), ("commit1", 8.0)]}}
    assert bench_history.draw(tmp_path).stat().st_size > 5000


def test_other_files_and_runs_without_ratios_are_refused(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(InputError, match=r"a\.json: run must be a file"):
        bench_history.runs(tmp_path)
    bench_history.keep(ROWS[1:], tmp_path / "none", quick=False)
    with pytest.raises(InputError, match="must hold a row with a ratio"):
        bench_history.draw(tmp_path / "none")


@pytest.mark.promise("codesign.bench")
def test_command_keeps_what_it_prints(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(explorer, "rows", lambda quick: [{key: ROWS[0][key] for key in ROWS[0] if key != "bench"}])
    assert run(["bench", "explorer", "--keep", str(tmp_path), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["rows"][0] | {"bench": "explorer"} == ROWS[0] | {"bench": "explorer"}
    assert json.loads((tmp_path / result["files"][0].rsplit("/", 1)[1]).read_text())["rows"] == result["rows"]


def test_paces_are_those_of_settled_work(tmp_path):
    """20 points of 5 ms of processor time take 5 ms or more each, and none again."""
    pace, spent, computed = explorer.timed(20, 0.005, 1, tmp_path / "a")
    assert computed == 20
    assert 0.005 <= pace
    assert spent >= 20 * 0.005
    assert explorer.timed(20, 0.005, 1, tmp_path / "a")[2] == 0
