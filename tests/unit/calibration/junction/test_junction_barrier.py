"""Barrier, attempt time, gain and offset from dwell times: planted cards, coverage, sweeps that are too narrow."""

import numpy as np
import pytest

from spinchip.calibration.engine.coverage import measure_coverage
from spinchip.calibration.engine.least_squares import Problem
from spinchip.calibration.examples.junctions import JUNCTION, LOW_BARRIER, dwell_rows, junction_rows
from spinchip.calibration.junction.barrier import (
    barrier_model,
    calibrate_barrier,
    card_of_barrier,
    dwell_series,
    sweep_of_traces,
)
from spinchip.calibration.junction.telegraph_likelihood import Trace
from spinchip.emulator.devices.junction.card import SmtjCard
from spinchip.emulator.spec.errors import InputError

TRUTH = np.array([np.log10(JUNCTION.tau0_s), JUNCTION.barrier_kT, JUNCTION.gain, JUNCTION.offset])


def series(drives, n_stays, card=JUNCTION, shift=0.0):
    """Return exact dwell times with the error of a mean of ``n_stays`` stays."""
    stays = np.stack(card.dwell_s(card.reduced_drive(drives)), axis=1) * np.exp(shift)
    return dwell_series(drives, np.log(stays), np.tile(np.eye(2) / n_stays, (len(drives), 1, 1)))


def test_exact_dwell_times_return_the_card():
    drives = np.linspace(-0.2, 0.2, 9)
    found = calibrate_barrier(series(drives, 400), seed=1)
    np.testing.assert_allclose(list(found.estimates.values()), TRUTH, rtol=1e-4)
    card = card_of_barrier(found, drives)
    assert card.barrier_kT == pytest.approx(12.0, rel=1e-4)
    assert (card.drive_min, card.drive_max) == (-0.2, 0.2)


def test_free_exponent_is_found():
    card = SmtjCard(tau0_s=1e-9, barrier_kT=12.0, gain=2.0, exponent=1.5)
    found = calibrate_barrier(series(np.linspace(-0.35, 0.35, 15), 20_000, card), seed=1, exponent=None)
    one = found.parameters["exponent"]
    assert found.estimates["exponent"] == pytest.approx(1.5, abs=1e-2)
    assert one.low < 1.5 < one.high < 2.0
    with pytest.raises(InputError, match="consistent with the data"):
        calibrate_barrier(series(np.linspace(-0.35, 0.35, 15), 20_000, card), seed=1).check()


@pytest.mark.promise("calibration.smtj")
@pytest.mark.slow
def test_intervals_hold_68_percent_and_doubled_noise_is_caught():
    """50 experiments of four parameters; noise twice as large as stated gives 0.38 instead of 0.68."""
    problem = Problem(barrier_model("V", TRUTH), [series(np.linspace(-0.2, 0.2, 7), 300)])
    measure_coverage(problem, TRUTH, 1, 50, 20).check()
    loud = Problem(problem.model, [series(np.linspace(-0.2, 0.2, 7), 300 / 4)])
    with pytest.raises(InputError, match="Coverage"):
        measure_coverage(problem, TRUTH, 1, 50, 20, noise=loud).check()


@pytest.mark.promise("calibration.smtj")
def test_logs_of_emulated_events_return_their_card():
    _, rows = dwell_rows(seed=5)
    drives, up_s, down_s = 1e-3 * rows[:, 0], 1e-6 * rows[:, 1], 1e-6 * rows[:, 2]
    covariances = np.stack([np.diag(1.0 / counts) for counts in rows[:, 3:]])
    found = calibrate_barrier(dwell_series(drives, np.log(np.stack([up_s, down_s], axis=1)), covariances), 1).check()
    errors = found.trials.std(axis=0)
    assert np.all(np.abs(np.array(list(found.estimates.values())) - TRUTH) < 4.0 * errors)
    assert errors[1] < 0.5  # a barrier of 11 kT would be seen


@pytest.mark.promise("calibration.smtj")
def test_noisy_traces_return_their_card():
    _, rows = junction_rows(seed=6, n_drives=7)
    groups = [rows[rows[:, 0] == drive] for drive in np.unique(rows[:, 0])]
    traces = [Trace(one[:, 2], 1e-6 * (one[1, 1] - one[0, 1])) for one in groups]
    found = calibrate_barrier(sweep_of_traces([1e-3 * one[0, 0] for one in groups], traces), seed=1).check()
    truth = [np.log10(LOW_BARRIER.tau0_s), LOW_BARRIER.barrier_kT, LOW_BARRIER.gain, LOW_BARRIER.offset]
    assert np.all(np.abs(np.array(list(found.estimates.values())) - truth) < 4.0 * found.trials.std(axis=0))


def test_sweep_too_narrow_to_bend_is_refused():
    with pytest.raises(InputError, match="must be determined by the data"):
        calibrate_barrier(series(np.linspace(-0.005, 0.025, 5), 300), seed=1)


@pytest.mark.parametrize(
    ("drives", "fault"),
    [(np.array([0.0, 0.0, 0.1, 0.1]), "at least 3 different ones"), (np.linspace(0.2, -0.2, 9), "must be sorted")],
)
def test_bad_drives_are_refused(drives, fault):
    with pytest.raises(InputError, match=fault):
        calibrate_barrier(series(drives, 300), seed=1)


def test_reversed_sign_is_refused():
    drives = np.linspace(-0.2, 0.2, 9)
    one = series(drives, 300)
    with pytest.raises(InputError, match="sign is reversed"):
        calibrate_barrier(dwell_series(drives, one.values[:, ::-1], one.covariances), seed=1)
