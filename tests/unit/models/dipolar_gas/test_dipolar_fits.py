"""Planted parameters of the dipolar gas are recovered, with intervals that hold what they claim."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.calibration.engine.coverage import measure_coverage
from spinchip.calibration.engine.least_squares import Problem
from spinchip.emulator.spec.errors import InputError
from spinchip.models.dipolar_gas.experiment import (
    NAMES,
    Experiment,
    fit_thermalisation,
    problem_of,
    thermalisation_model,
)
from spinchip.models.dipolar_gas.formulas import n_coll
from spinchip.models.dipolar_gas.scan import angle_scan, printed_bias

PLANTED = Experiment()
# Shares of ten parameters spread by 0.17 from one experiment to the next; 0.68 and the 0.52 of intervals too narrow by
# sqrt(2) are 8 standard errors apart.
N_EXPERIMENTS, N_TRIALS = int(np.ceil((8.0 * 0.17 / 0.16) ** 2)), 20


@pytest.fixture(scope="module")
def fitted():
    return fit_thermalisation(PLANTED.measure(3), 3)


@pytest.mark.promise("calibration.dipolar-gas")
def test_fit_without_noise_returns_what_was_planted():
    planted = replace(PLANTED, loss_m3_sK=2.6e-13, collisions=2.9, heating_y_K_s=2e-9, heating_x_K_s=8e-9)
    fit = problem_of(planted).fit()
    assert fit.values == pytest.approx(planted.truth, rel=1e-4)
    assert fit.values != pytest.approx(PLANTED.truth, rel=0.2)


def test_one_calibration_brackets_the_truth(fitted):
    assert fitted.check() is fitted
    assert fitted.dof == 66 - 10
    for name, truth in zip(NAMES, PLANTED.truth, strict=True):
        one = fitted.parameters[name]
        assert abs(one.best - truth) < 4 * 0.5 * (one.high - one.low), name


def test_widths_equal_those_of_the_curvature(fitted):
    # 100 trials know a width to 7 % by their standard deviation, to 12 % by the quantiles at 16 and 84 %
    errors = problem_of(PLANTED).fit().errors
    widths = np.array([0.5 * (one.high - one.low) for one in fitted.parameters.values()])
    assert widths == pytest.approx(errors, rel=0.5)


@pytest.mark.promise("calibration.dipolar-gas")
@pytest.mark.slow
def test_intervals_hold_68_percent_on_synthetic_experiments():
    found = measure_coverage(problem_of(PLANTED), PLANTED.truth, 11, N_EXPERIMENTS, N_TRIALS)
    share, error = found.pooled
    assert abs(share - 0.68) < 4 * error, f"{share:.3f} +- {error:.3f}"
    found.check()


@pytest.mark.promise("calibration.dipolar-gas")
@pytest.mark.slow
def test_covariances_half_as_large_are_caught_by_coverage():
    noise = problem_of(PLANTED)
    assumed = [replace(one, covariances=0.5 * one.covariances) for one in noise.series]
    problem = Problem(noise.model, assumed)
    found = measure_coverage(problem, PLANTED.truth, 11, N_EXPERIMENTS, N_TRIALS, noise)
    share, error = found.pooled
    assert abs(share - 0.68) > 4 * error, f"test too weak: {share:.3f} +- {error:.3f}"


@pytest.mark.promise("calibration.dipolar-angle")
def test_printed_density_equation_biases_the_loss():
    bias, error, added = printed_bias(PLANTED)
    assert bias > 0.25
    n = int(np.ceil((8.0 * error / bias) ** 2))  # experiments that tell the two equations 8 standard errors apart
    assert n <= 2
    z = {}
    for printed in (False, True):
        model = thermalisation_model(printed)
        losses = [Problem(model, PLANTED.measure(100 + k)).fit().values[0] for k in range(n)]
        z[printed] = (np.mean(losses) / PLANTED.loss_m3_sK - 1.0) / (error / np.sqrt(n))
    assert abs(z[False]) < 4, z
    assert abs(z[True]) > 4, z
    # what it adds to 56 degrees of freedom is less than twice their spread, so that chi2 does not reveal it
    assert added < 2 * np.sqrt(2 * 56)


@pytest.mark.promise("calibration.dipolar-angle")
def test_angle_scan_recovers_the_planted_curve():
    found = angle_scan(1, (0, 30, 45, 60, 90))
    z = []
    for one in found:
        assert one.planted == pytest.approx(n_coll(np.radians(one.angle_deg)))
        assert abs(one.chi2_dof - 1.0) < 4 * np.sqrt(2 / 56)
        z.append((one.collisions.best - one.planted) / (0.5 * (one.collisions.high - one.collisions.low)))
    assert np.abs(z).max() < 4
    # a gas without a preferred direction, N_coll = 25/6, would not do
    flat = [(one.collisions.best - 25.0 / 6.0) / (0.5 * (one.collisions.high - one.collisions.low)) for one in found]
    assert np.abs(flat).max() > 8


def test_unheated_gas_alone_does_not_determine_the_collisions():
    # nothing moves between axes of equal temperature, so that thermalisation is not seen
    planted = replace(PLANTED, heated_ratio=1.0)
    with pytest.raises(InputError, match="^(Parameter|Interval of parameter) 'N_coll' must be determined .*$"):
        fit_thermalisation(planted.measure(2), 2)


def test_covariance_of_a_density_hangs_together_with_the_temperatures():
    (matrix,) = PLANTED.covariances(np.array([[2.5e17, 300e-9, 300e-9]]))
    spread = np.sqrt(matrix.diagonal())
    relative_x = 10e-9 / 300e-9
    expected = -relative_x / np.sqrt(0.03**2 + (0.5 * 18e-9 / 300e-9) ** 2 + relative_x**2)
    assert matrix[0, 2] / (spread[0] * spread[2]) == pytest.approx(expected)
    assert spread[1:] == pytest.approx([18e-9, 10e-9])


def test_negative_planted_loss_is_refused():
    with pytest.raises(InputError, match="^loss_m3_sK must be above 0, not -1$"):
        Experiment(loss_m3_sK=-1.0)
