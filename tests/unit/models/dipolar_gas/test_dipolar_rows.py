"""Rows and document of the workload: every figure beside its reference, and a wrong one shows."""

import numpy as np
import pytest

from spinchip.calibration.engine.coverage import Coverage
from spinchip.models.dipolar_gas import formulas as dipolar_gas
from spinchip.models.dipolar_gas import workload as dipolar_gas_workload
from spinchip.models.dipolar_gas.table import cover

KEYS = ["quantity", "value", "se", "reference", "source", "ok"]


@pytest.fixture(scope="module")
def rows():
    return dipolar_gas_workload.workload_rows()


def test_every_row_is_complete_and_ok(rows):
    assert len(rows) == 17
    assert len({row["quantity"] for row in rows}) == 17
    for row in rows:
        assert list(row) == KEYS
        assert row["ok"] is True, row
        assert np.isfinite([row["value"], row["reference"]]).all()


def test_wrong_constant_makes_rows_fail(monkeypatch):
    monkeypatch.setitem(dipolar_gas.N_COLL_FORMS, "published", (67.4, 45.0, 4.0, -17.0))
    monkeypatch.setitem(dipolar_gas.N_COLL_FORMS, "difference", (84.0, 39.0, -2.0, -17.0))
    bad = [row["quantity"] for row in dipolar_gas_workload.formula_rows() if not row["ok"]]
    assert bad == [
        "N_coll(45 degrees), published form",
        "N_coll(90 degrees), published form",
        "N_coll(90 degrees), kinetic",
    ]


def test_fitted_row_far_from_its_reference_is_not_ok(rows):
    (wrong,) = [row for row in rows if "must miss" in row["quantity"]]
    assert abs(wrong["value"] - wrong["reference"]) > 4 * wrong["se"]


def test_coverage_rows_see_intervals_that_are_too_narrow(monkeypatch):
    def of(level):
        hits = np.random.default_rng(1).random((200, 2)) < level
        return Coverage(("a", "b"), hits, np.full(200, 0.5))

    seen = {}
    for level in (0.68, 0.518, 0.4):
        monkeypatch.setattr(dipolar_gas_workload, "measure_coverage", lambda *_, level=level: of(level))
        seen[level] = [row["ok"] for row in dipolar_gas_workload.coverage_rows(1)]
    assert seen[0.68] == [True, True, True]
    assert not seen[0.518][0]  # one parameter of 200 experiments is just too few to see sqrt(2), all together are not
    assert seen[0.4] == [False, False, False]


def test_section_on_coverage_shows_the_first_experiments_and_all():
    hits = np.array([[True, True], [True, False], [False, True], [True, True]])
    text = cover(Coverage(("a", "b"), hits, np.full(4, 0.5)), first=2)
    assert "| a | 1.000 | 0.750 | " in text
    assert "| b | 0.500 | 0.750 | " in text
