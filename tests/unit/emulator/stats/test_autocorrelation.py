import re

import numpy as np
import pytest
from scipy.signal import lfilter

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.stats.autocorrelation import (
    AutocorrError,
    autocorrelation,
    effective_size,
    integrated_time,
    split_r_hat,
)

COEFFICIENT = 0.9
TAU = (1 + COEFFICIENT) / (1 - COEFFICIENT)  # 19, exactly


def ar1(n_chains, n_draws, coefficient, seed):
    """Stationary AR(1) chains of unit variance."""
    rng = np.random.default_rng(seed)
    noise = np.sqrt(1 - coefficient**2) * rng.normal(size=(n_chains, n_draws))
    first = coefficient * rng.normal(size=(n_chains, 1))
    return lfilter([1.0], [1.0, -coefficient], noise, axis=1, zi=first)[0]


@pytest.mark.promise("gate.tau")
def test_ar1_has_tau_19():
    # Madras and Sokal: the relative error of tau is sqrt(2 (2 M + 1) / N) with M = 5 tau; the window's bias is
    # e^-10. 4 such errors of 5 % of tau need N = 2 * 191 * (4 / 0.05)^2 = 2.4e6 draws.
    series = ar1(4, 611_200, COEFFICIENT, seed=1)
    error = np.sqrt(2 * (2 * 5 * TAU + 1) / series.size)
    assert error <= 0.05 / 4
    assert abs(integrated_time(series) / TAU - 1) < 4 * error
    slower = ar1(4, 611_200, 0.91, seed=2)  # control: tau = 21.2 is told apart
    assert abs(integrated_time(slower) / TAU - 1) > 4 * error


def test_independent_draws_have_tau_1():
    series = np.random.default_rng(3).normal(size=(10, 20_000))
    assert integrated_time(series) == pytest.approx(1.0, abs=4 * np.sqrt(2 * 11 / series.size))


def test_autocorrelation_is_that_of_ar1_at_every_lag():
    rho = autocorrelation(ar1(8, 200_000, COEFFICIENT, seed=4))
    np.testing.assert_allclose(rho[:30], COEFFICIENT ** np.arange(30), atol=4 * np.sqrt(TAU / 1.6e6))


def test_autocorrelation_does_not_wrap_around():
    series = np.zeros(100)
    series[0], series[-1] = 1.0, 1.0  # far apart in the series, neighbours on a circle
    assert autocorrelation(series)[1] < 0.0


def test_chains_stuck_in_different_valleys_are_refused():
    valleys = np.repeat([[1.0], [-1.0]], 1000, axis=1) + 0.1 * np.random.default_rng(5).normal(size=(2, 1000))
    assert integrated_time(valleys - valleys.mean(axis=1, keepdims=True)) < 1.5  # each chain alone looks fine
    with pytest.raises(AutocorrError):
        integrated_time(valleys)


@pytest.mark.promise("gate.tau")
def test_short_chain_is_refused_with_its_numbers():
    with pytest.raises(AutocorrError) as caught:
        integrated_time(ar1(1, 500, COEFFICIENT, seed=6))
    error = caught.value
    assert isinstance(error, InputError)
    assert error.n_draws == 500
    assert error.n_needed == 50.0 * error.tau > 500
    text = (
        f"Chain must be at least {error.n_needed:.6g} draws long (tau is {error.tau:.4g} or more), not 500; run longer"
    )
    assert str(error) == text
    assert integrated_time(ar1(1, 500, COEFFICIENT, seed=6), min_length=0.0) == error.tau


def test_constant_series_is_refused():
    text = "Series must change, not keep one value for 9 draws: it has no memory to measure"
    with pytest.raises(AutocorrError, match=f"^{re.escape(text)}$"):
        integrated_time(np.ones(9))


@pytest.mark.promise("gate.diagnostics")
def test_arviz_agrees_about_ar1():
    series = ar1(4, 20_000, COEFFICIENT, seed=7)
    assert effective_size(series, method="mean") == pytest.approx(series.size / TAU, rel=0.2)
    assert split_r_hat(series) < 1.01
    assert split_r_hat(series + np.arange(4)[:, None]) > 1.5  # control: chains with different means
