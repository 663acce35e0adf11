"""Speeds of neural quantum states: the committed table, rows without NetKet, and errors of the committed workload."""

from pathlib import Path

import pytest

from spinchip.benchmarks import nqs

RESULTS = Path(__file__).parents[3] / "docs" / "results"


def table(name, n_columns):
    """Return the rows of a committed table by their first column."""
    lines = (RESULTS / name).read_text().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return {row[0]: row[1:] for row in cells if len(row) == n_columns}


@pytest.mark.promise("nqs.speed")
def test_committed_speeds_hold_the_targets():
    """Five times NetKet at 36 and 100 sites; block Gibbs no slower than the prototype."""
    rows = table("nqs_speed.md", 5)
    for n in (36, 100):
        assert float(rows[f"VMC iterations, {n} sites, alpha 2, 2000 states: spinchip"][3]) >= 5.0
    for n in nqs.GIBBS_SIZES:
        assert float(rows[f"block Gibbs, published network of {n} sites, 32 chains"][3]) >= 1.0


@pytest.mark.promise("nqs.vmc")
def test_committed_workload_names_its_missed_rows():
    """All rows of --full are met but for those that the closing notes name."""
    rows = table("nqs.md", 6)
    assert len(rows) > 120
    missed = {name for name, cells in rows.items() if cells[-1] == "NO"}
    assert all(name.startswith("6 x 6 Heisenberg, alpha ") for name in missed)
    assert float(rows["Ising ring of 80, h = 1, alpha 2: relative error"][0]) < 2 * 5.9e-5
    assert "--full" in (RESULTS / "nqs.md").read_text()


def test_rows_without_netket_have_no_value(monkeypatch):
    monkeypatch.setattr(nqs, "SHORT", 1)
    monkeypatch.setattr(nqs, "LONG", 2)
    monkeypatch.setattr(nqs.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(nqs, "N_SAMPLES", 200)
    rows = nqs.rows(quick=True)
    by_name = {row["name"]: row for row in rows}
    assert by_name[f"{nqs.NETKET}, 36 sites"]["value"] is None
    ours = by_name["VMC iterations, 36 sites, alpha 2, 200 states: spinchip"]
    assert ours["value"] > 0
    assert ours["ratio"] is None
    speed = by_name["block Gibbs, published network of 36 sites, 32 chains"]
    assert speed["ratio"] == pytest.approx(speed["value"] / 1e8)
