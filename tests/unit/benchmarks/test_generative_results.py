"""Committed tables of generative samplers: whole runs, and the rows that were not met."""

from pathlib import Path

import pytest

RESULTS = Path(__file__).parents[3] / "docs" / "results"
# Triangular antiferromagnets at beta 3: few points carry the weights (ESS), so 40 blocks understate the error of F; the
# network of 16 x 16 misses a fifth of the entropy.
MISSED = {
    "van": [
        "triangular antiferromagnet, L = 8, beta 3, F / N reweighted (ESS 0.028)",
        "triangular antiferromagnet, L = 16, beta 3, F / N reweighted (ESS 4.1e-05)",
        "triangular antiferromagnet, L = 16, beta 3, S / N reweighted",
    ]
}


@pytest.mark.parametrize(("name", "n_rows"), [("van", 140), ("inverse-ising", 20), ("boltzmann-generator", 30)])
def test_committed_table_is_whole_and_names_what_it_missed(name, n_rows):
    text = (RESULTS / f"{name}.md").read_text()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    rows = [row for row in rows if row[-1] in ("yes", "NO")]
    assert "--full" in text
    assert len(rows) >= n_rows
    assert [row[0] for row in rows if row[-1] == "NO"] == MISSED.get(name, [])
