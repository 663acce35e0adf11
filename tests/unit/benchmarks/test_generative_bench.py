"""Independent states of directed p-bits beside Gibbs sampling: the committed table, and rows of a quick run."""

from pathlib import Path

import pytest

from spinchip.benchmarks import generative

RESULTS = Path(__file__).parents[3] / "docs" / "results" / "generative_speed.md"


@pytest.mark.promise("generative.speed")
def test_committed_table_has_every_backend_and_directed_p_bits_win():
    text = RESULTS.read_text()
    lines = [
        line.split("|") for line in text.splitlines() if "directed p-bits, " in line and line.startswith("| SK-20")
    ]
    assert {line[1].rpartition("p-bits, ")[2].strip() for line in lines} == {
        "kernel",
        "golden, dense",
        "RTL under Icarus, dense",
    }
    assert all(float(line[5]) > 1.0 for line in lines)


def test_quick_rows_are_ratios_of_their_own_values(monkeypatch):
    monkeypatch.setattr(generative, "N_KERNEL", 20_000)
    monkeypatch.setattr(generative, "N_GOLDEN", 2000)
    rows = {row["name"]: row for row in generative.rows(quick=True)}
    assert len(rows) == 4
    for row in rows.values():
        if row["ratio"] is not None:
            assert row["ratio"] == row["value"] / rows[row["peer"]]["value"]
