"""Hadamard probing of arrays and ramps of converters: closed-form errors, stuck cells, nonlinearity, refusals."""

import numpy as np
import pytest
from scipy import stats

from spinchip.calibration.engine.coverage import Coverage
from spinchip.calibration.examples.memristors import STUCK, adc_rows, crossbar_arrays
from spinchip.calibration.memristor.converter_curve import calibrate_converter, ramp_series
from spinchip.calibration.memristor.crossbar_probing import calibrate_crossbar, probe, probing_patterns
from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.spec.errors import InputError
from spinchip.sim.runs.crossbar_run import tile_spec

N_ROWS, N_COLS, NOISE = 48, 400, 0.2


def array(seed, noise=NOISE, cubic=0.0):
    """Return patterns, outputs, intended and real weights, gains and offsets of a linear array with read noise."""
    rng = np.random.default_rng(seed)
    intended = rng.standard_normal((N_ROWS, N_COLS))
    gains, offsets = 1.0 + 0.05 * rng.standard_normal(N_COLS), 0.3 * rng.standard_normal(N_COLS)
    real = intended * gains + 0.03 * rng.standard_normal(intended.shape)
    patterns = probing_patterns(N_ROWS)
    outputs = patterns @ real
    outputs = outputs + cubic * outputs**3 + offsets + noise * rng.standard_normal((len(patterns), N_COLS))
    return patterns, outputs, intended, real, gains, offsets


def test_patterns_are_orthogonal_and_balanced():
    patterns = probing_patterns(N_ROWS).astype(int)
    assert patterns.shape == (64, N_ROWS)
    np.testing.assert_array_equal(patterns.T @ patterns, 64 * np.eye(N_ROWS, dtype=int))
    assert not patterns.sum(axis=0).any()


def test_weights_are_exact_without_noise():
    patterns, outputs, intended, real, _, offsets = array(1, noise=0.0)
    found = probe(patterns, outputs, intended)
    np.testing.assert_allclose(found.weights, real, atol=1e-12)
    np.testing.assert_allclose(found.offsets, offsets, atol=1e-12)


@pytest.mark.promise("calibration.memristor")
def test_errors_are_noise_over_root_of_patterns():
    """19 200 weights, 400 offsets and gains: standardised errors have deviation 1 +- 0.5 %, 3.5 %."""
    patterns, outputs, intended, real, gains, offsets = array(2)
    found = probe(patterns, outputs, intended)
    scores = (found.weights - real) / found.weight_error
    assert np.sqrt(np.square(found.weight_error).mean()) == pytest.approx(NOISE / 8.0, rel=0.04)
    inside = np.abs(scores) < stats.t.ppf(0.84, 15)
    Coverage(("weight",), inside.reshape(-1, 1), np.ones(inside.size)).check()
    for values, truth, error in ((found.gains, gains, found.gain_error), (found.offsets, offsets, found.offset_error)):
        assert ((values - truth) / error).std() == pytest.approx(1.0, abs=0.16)  # 4 standard errors and Student's tails
    assert found.deviation == pytest.approx(0.03, rel=0.05)
    one_hot = outputs[:1] * 0.0 + NOISE  # reading row by row would leave the whole noise on every weight
    assert found.weight_error.mean() < one_hot.mean() / 7.0


@pytest.mark.promise("calibration.memristor")
def test_stuck_cells_are_found_and_no_others():
    given = crossbar_arrays(seed=3)
    found = probe(given["patterns"], given["outputs"], given["weights"])
    assert [tuple(cell) for cell in np.argwhere(found.is_stuck)] == list(STUCK)
    patterns, outputs, intended, *_ = array(4)
    assert not probe(patterns, outputs, intended).is_stuck.any()


def test_array_that_is_not_linear_is_rejected():
    patterns, outputs, intended, *_ = array(5)
    calibrate_crossbar(patterns, outputs, intended, seed=1, n_trials=20).check()
    patterns, outputs, intended, *_ = array(5, cubic=1e-4)  # 3 % at an output of 17
    with pytest.raises(InputError, match="consistent with the data"):
        calibrate_crossbar(patterns, outputs, intended, seed=1, n_trials=20).check()


def test_summary_holds_what_was_planted():
    patterns, outputs, intended, _, gains, offsets = array(6)
    found = calibrate_crossbar(patterns, outputs, intended, seed=1)
    for name, planted in (
        ("gain_mean", 1.0),
        ("gain_sd", 0.05),
        ("offset_sd", 0.3),
        ("deviation", 0.03),
        ("noise", 0.2),
    ):
        one = found.parameters[name]
        assert abs(found.estimates[name] - planted) < 4.0 * max(one.high - one.low, 1e-6) / 2.0, name


@pytest.mark.promise("calibration.memristor")
def test_emulated_crossbar_is_identified_with_its_drift():
    """A day of drift lowers the gain of phase-change cells, and probing sees by how much."""
    rng = np.random.default_rng(7)
    weights = rng.uniform(-1.0, 1.0, (N_ROWS, 24))
    spec = tile_spec("pcm_ibm", 64, (0, 0), 0.0, "none")
    patterns = probing_patterns(N_ROWS).astype(np.float64)
    gains = {}
    for after_s in (0.0, 86400.0):
        crossbar = Crossbar(weights, spec, seed=1).at(20.0 + after_s)
        found = probe(patterns, crossbar.multiply(patterns, 2), weights)
        gains[after_s] = found.gains.mean()
        assert found.gain_error.mean() < 0.05
    expected = (1.0 + 86400.0 / 20.0) ** -0.055  # exponents of these conductances are 0.05 to 0.06
    assert gains[86400.0] / gains[0.0] == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda p, y, w: (p[:40], y[:40], w), "Patterns must be more than 49"),
        (lambda p, y, w: (np.abs(p), y, w), "orthogonal, balanced"),
        (lambda p, y, w: (p, y[:, :3], w), "must be of shapes"),
        (lambda p, y, w: (p, y, 0.0 * w), "must not all be 0"),
        (
            lambda p, y, w: (p, np.where(np.eye(*y.shape) > 0, np.nan, y), w),
            "Column 0, row 0 of outputs must be finite",
        ),
    ],
)
def test_bad_probing_is_refused(change, fault):
    patterns, outputs, intended, *_ = array(8)
    with pytest.raises(InputError, match=fault):
        probe(*change(patterns, outputs, intended))


@pytest.mark.promise("calibration.memristor")
def test_ramp_gives_gain_offset_and_bend():
    rows = adc_rows(1)[1]
    found = calibrate_converter(ramp_series(rows[:, 0], rows[:, 1], ("input_V", "code")), ("V", "LSB"), seed=1).check()
    truth = np.array([128.0, 200.0, 1.5, 0.0])
    assert np.all(np.abs(np.array(list(found.estimates.values())) - truth) < 4.0 * found.trials.std(axis=0))


@pytest.mark.promise("calibration.memristor")
def test_converter_with_a_missing_code_is_rejected():
    x, code = adc_rows(2)[1].T
    code = np.where(code > 150, code + 2, code)
    with pytest.raises(InputError, match="consistent with the data"):
        calibrate_converter(ramp_series(x, code, ("input_V", "code")), ("V", "LSB"), seed=1, n_trials=20).check()


def test_ramp_with_a_gap_is_refused():
    x, code = adc_rows(3)[1].T
    kept = np.abs(x) > 0.1
    with pytest.raises(InputError, match="at least 8 samples in each of 24 parts"):
        ramp_series(x[kept], code[kept], ("input_V", "code"))
