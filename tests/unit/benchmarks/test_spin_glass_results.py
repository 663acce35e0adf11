"""The recorded run of the spin-glass benchmark holds what is promised of it."""

from pathlib import Path

import pytest

from spinchip.models.max_cut import cuts as max_cut
from spinchip.models.spin_glass import data as spin_glass_data

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "results" / "spin_glass.md"


def rows_below(heading):
    """Return the cells of the table below a heading."""
    part = DOCUMENT.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.promise("anneal.residual")
def test_run_was_a_full_one():
    assert "--full`" in DOCUMENT.read_text(encoding="utf-8")


# method, L, replicas, sweeps: the figures that the paper and its data give
PUBLISHED = [
    ("APT + ICM", 8, 4, 100),
    ("APT + ICM", 8, 4, 1000),
    ("APT + ICM", 10, 4, 1000),
    ("APT + ICM", 12, 4, 1000),
]
PUBLISHED += [("DT-SQA", 15, replicas, sweeps) for replicas in (50, 132, 250, 500, 1000) for sweeps in (100, 1000)]


@pytest.mark.promise("anneal.residual")
@pytest.mark.parametrize("row", PUBLISHED, ids=str)
def test_residual_energy_lies_inside_the_joint_interval(row):
    (found,) = [cells for cells in rows_below("Residual energy") if cells[:4] == [str(cell) for cell in row]]
    rho, (theirs, half_width) = float(found[5]), map(float, found[7].split(" +- "))
    assert (theirs, half_width) == spin_glass_data.published(
        "apt_icm" if row[0] == "APT + ICM" else "dt_sqa", row[1], row[3], None if row[0] == "APT + ICM" else row[2]
    )
    assert abs(rho - theirs) <= float(found[8])
    assert float(found[8]) < theirs  # else no figure of the right sign could lie outside


@pytest.mark.promise("anneal.ground")
def test_every_shipped_glass_meets_its_putative_ground_energy():
    found = {(int(cells[0]), int(cells[1])): cells for cells in rows_below("Ground energies")}
    for size in (8, 10, 12, 15):
        for glass in spin_glass_data.glasses(size):
            cells = found.pop((size, glass.number))
            assert float(cells[2]) == glass.ground_energy
            assert float(cells[3]) == glass.ground_energy
    assert not found


@pytest.mark.promise("anneal.ground")
def test_cuts_are_optimal_or_within_a_thousandth():
    found = {cells[0]: float(cells[5]) for cells in rows_below("Max-Cut")}
    for name, best in max_cut.TORUS_OPTIMA.items():
        assert found.pop(name) == best
    for name, best in max_cut.BEST_CUTS.items():
        assert found.pop(name) >= 0.999 * best
    assert not found
