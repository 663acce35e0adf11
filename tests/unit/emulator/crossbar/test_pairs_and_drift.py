"""Errors of programming and drift in a product: their laws, what compensation removes, and the report of them."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.crossbar.adc import Adc
from spinchip.emulator.crossbar.compensation import drift_gains
from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.crossbar.dac import Dac
from spinchip.emulator.crossbar.encoding import Encoding
from spinchip.emulator.crossbar.error_report import TIMES_S, YEAR_S, error_report
from spinchip.emulator.crossbar.tile_spec import TileSpec
from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.ideal import CARD as IDEAL
from spinchip.emulator.devices.memristor.power_law_drift import PowerLawDrift
from spinchip.emulator.devices.memristor.state_functions import Polynomial
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.wires.wires import Wires

RNG = np.random.default_rng(12)
WEIGHTS, INPUTS = RNG.uniform(-0.9, 0.9, (64, 64)), RNG.standard_normal((200, 64))
SIGMA_S = 2e-7


def weight_errors(spec, seed):
    return (
        Crossbar(WEIGHTS, replace(spec, encoding=replace(spec.encoding, bound=1.0)), seed).effective_weights() - WEIGHTS
    )


@pytest.mark.promise("crossbar.pairs")
@pytest.mark.parametrize("n_pairs", [1, 4, 16])
def test_error_falls_as_one_over_the_root_of_pairs(gaussian, n_pairs):
    """4096 weights: a variance is known to sqrt(2 / 4096) = 2.2 %; a law n^-0.4 instead of n^-0.5 is 32 % off at n = 4.

    A weight is a difference of two devices, each with sigma, in a window of 25 uS; targets lie far from its ends.
    """
    spec = TileSpec(gaussian(SIGMA_S), encoding=Encoding("two_sided_pair", n_pairs))
    variance = 2 * (SIGMA_S / IDEAL.g_max_S) ** 2
    ratio = np.mean(weight_errors(spec, seed=1) ** 2) / variance
    error = np.sqrt(2 / WEIGHTS.size)
    assert abs(ratio * n_pairs - 1) < 4 * error
    if n_pairs > 1:
        assert abs(ratio * n_pairs**0.8 - 1) > 4 * error
        copies = weight_errors(replace(spec, encoding=Encoding("two_sided_pair", 1)), seed=1)  # all pairs err alike
        assert abs(np.mean(copies**2) / variance * n_pairs - 1) > 4 * error


@pytest.mark.promise("crossbar.tile")
def test_offset_column_errs_once_for_a_row(gaussian):
    """One device a weight, in half the window, and one for the whole row: 4 sigma^2 each, the second one shared."""
    errors = weight_errors(TileSpec(gaussian(SIGMA_S), encoding=Encoding("offset_column")), seed=2)
    unit = 4 * (SIGMA_S / IDEAL.g_max_S) ** 2
    assert np.mean(np.var(errors, axis=1, ddof=1)) / unit == pytest.approx(1, abs=4 * np.sqrt(2 / WEIGHTS.size))
    assert np.mean(errors.mean(axis=1) ** 2) / unit == pytest.approx(1 + 1 / 64, abs=4 * np.sqrt(2 / 64))


@pytest.mark.promise("crossbar.tile")
def test_drift_of_equal_cells_is_removed_exactly():
    """One exponent for all: the product shrinks by (t / t0)^-nu, and any gain brings it back."""
    drifting = replace(IDEAL, drift=PowerLawDrift(Polynomial((0.05,)), Polynomial((0.0,)), 25e-6))
    exact = INPUTS @ WEIGHTS
    later = Crossbar(WEIGHTS, TileSpec(drifting, n_rows=20, n_columns=30)).at(1e5).multiply(INPUTS)
    assert np.allclose(later, exact * 1e5**-0.05, rtol=1e-12, atol=1e-12)
    assert not np.allclose(later, exact, rtol=0.1)
    for kind in ("global", "tile", "column"):
        spec = TileSpec(drifting, n_rows=20, n_columns=30, compensation=kind)
        assert np.allclose(Crossbar(WEIGHTS, spec).at(1e5).multiply(INPUTS), exact, rtol=1e-12, atol=1e-12)


def test_gains_undo_what_they_can():
    """Columns that shrink differently: by column all come back, by tile and over all only the sums do."""
    before = [np.array([[2.0, -4.0], [1.0, 3.0]]), np.array([[5.0, 0.0]])]
    shrink = [np.array([0.5, 0.25]), np.array([0.8, 0.1])]
    after = [read * factor for read, factor in zip(before, shrink, strict=True)]
    by_column = drift_gains("column", before, after)
    assert by_column[0].tolist() == [2.0, 4.0]
    assert by_column[1].tolist() == [1.25, 1.0]
    assert drift_gains("tile", before, after) == [pytest.approx(10 / 3.25), pytest.approx(1.25)]
    assert drift_gains("global", before, after) == [pytest.approx(15 / 7.25)] * 2
    assert drift_gains("none", before, after) == [1.0, 1.0]


def test_calibration_read_is_counted_and_noisy():
    spec = TileSpec(device("pcm_ibm"), compensation="global")
    crossbar = Crossbar(WEIGHTS, spec)
    assert crossbar.ledger.events == {"calibration_reads": 64}
    later = crossbar.at(86400.0)
    assert later.ledger.events == {"calibration_reads": 64}
    assert crossbar.gains == [1.0]
    quiet = Crossbar(WEIGHTS, replace(spec, read_noise="none")).at(86400.0)
    assert 1.2 < later.gains[0] < 2
    assert later.gains[0] != quiet.gains[0]
    assert later.gains[0] == pytest.approx(quiet.gains[0], rel=0.02)
    at_once, soon = crossbar.at(20.0).gains[0], crossbar.at(20.0 + 1e-6).gains[0]
    assert 1.0 != at_once != soon != 1.0  # every read has noise of its own
    assert (at_once, soon) == (pytest.approx(1, abs=0.02), pytest.approx(1, abs=0.02))


def test_a_later_crossbar_shares_its_cells():
    crossbar = Crossbar(WEIGHTS, TileSpec(device("pcm_ibm"), read_noise="none"))
    before = crossbar.multiply(INPUTS)
    hour = crossbar.at(3600.0)
    assert np.array_equal(hour.at(20.0).multiply(INPUTS), before)
    assert np.array_equal(crossbar.multiply(INPUTS), before)
    assert np.array_equal(crossbar.at(3600.0).multiply(INPUTS), hour.multiply(INPUTS))
    assert not np.array_equal(hour.multiply(INPUTS), before)
    assert (crossbar.t_s, hour.t_s) == (20.0, 3600.0)
    assert hour.ledger.events["products"] == 2 * len(INPUTS)


@pytest.fixture(scope="module")
def report():
    spec = TileSpec(device("pcm_ibm"), dac=Dac(8), adc=Adc(8), wires=Wires(0.35, 0.35))
    return error_report(WEIGHTS, spec, seed=3)


@pytest.mark.promise("crossbar.drift-table")
def test_report_of_pcm_after_a_second_an_hour_a_day_a_year(report):
    assert tuple(row.after_s for row in report.rows) == TIMES_S == (1.0, 3600.0, 86400.0, YEAR_S)
    drift, compensated = ([getattr(row, name) for row in report.rows] for name in ("drift", "compensated"))
    assert (np.diff(drift) > 0.05).all()
    assert (np.diff(compensated) > 0).all()
    assert drift[0] == pytest.approx(report.programming, rel=0.05)
    for row in report.rows[1:]:
        assert row.compensated < 0.6 * row.drift
        assert row.total > row.drift
    lines = report.text().splitlines()
    assert [line.split()[:2] for line in lines[2:]] == [["1", "s"], ["1", "h"], ["1", "d"], ["1", "y"]]


@pytest.mark.promise("crossbar.drift-table")
def test_report_separates_the_causes(report):
    """Each cause alone, from crossbars that are built here; and causes that are absent are zero."""
    exact = INPUTS @ WEIGHTS
    size = np.sqrt(np.mean(exact**2))
    spec = TileSpec(device("pcm_ibm"), read_noise="none")
    found = error_report(WEIGHTS, spec, (3600.0,), INPUTS, seed=5)
    drifted = Crossbar(WEIGHTS, spec, 5).at(3620.0).multiply(INPUTS)
    assert found.rows[0].drift == pytest.approx(np.sqrt(np.mean((drifted - exact) ** 2)) / size, rel=1e-12)
    assert found.rows[0].total == found.rows[0].drift
    assert max(found.converters, found.wires) < 1e-12
    assert report.converters > 0.005
    assert report.wires > 0.001
    clean = error_report(WEIGHTS, TileSpec(), (1.0,), INPUTS)
    row = clean.rows[0]
    assert max(clean.programming, row.drift, row.compensated, row.read, row.total) < 1e-12


def test_report_reads_noise_by_its_law():
    """Read noise adds in quadrature to what is there without it: means of 200 x 64 outputs, within 5 %."""
    spec = TileSpec(device("pcm_ibm"))
    row = error_report(WEIGHTS, spec, (3600.0,), INPUTS).rows[0]
    assert row.total**2 == pytest.approx(row.drift**2 + row.read**2, rel=0.05)
    assert row.read > 0.02


def test_report_refuses_a_time_beyond_the_card():
    with pytest.raises(InputError, match=r"^Time of pcm_ibm must be within 20 to 3.2e\+07 s, not 6.4e\+07 s$"):
        error_report(WEIGHTS, TileSpec(device("pcm_ibm")), (6.4e7 - 20,))
