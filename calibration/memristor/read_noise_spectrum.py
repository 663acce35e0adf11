"""Spectrum of read noise: 1/f power, exponent and white floor from traces, by Whittle's likelihood."""

from __future__ import annotations

import numpy as np
from scipy import optimize, signal, stats

from ...emulator.spec.errors import InputError
from ..engine.bootstrap import N_TRIALS
from ..engine.coverage import coverage_of_experiments
from ..engine.least_squares import check_identified
from ..engine.record import Calibration, provenance_of_arrays

MODEL = "1/f read noise"
NAMES = ("power_per_Hz", "exponent", "white_per_Hz")
LOWEST, HIGHEST = 2, 0.25  # first ordinate, and the share of the sampling rate: drift below, aliases above
LEAST_ORDINATES = 30
N_BINS = 12


class Periodogram:
    """Mean periodogram of the relative conductance of equal cells.

    Parameters
    ----------
    traces : ndarray, shape (n_traces, n_samples), float64
        Reads at equal intervals, in any unit.
    interval_s : float
        Between two reads [s].
    """

    def __init__(self, traces, interval_s):
        traces = np.atleast_2d(np.asarray(traces, dtype=np.float64))
        relative = traces / traces.mean(axis=1, keepdims=True) - 1.0
        frequency, power = signal.periodogram(relative, 1.0 / interval_s, window="boxcar", detrend="linear")
        kept = slice(LOWEST, int(HIGHEST * traces.shape[1]))
        self.frequency_Hz, self.power = frequency[kept], power.mean(axis=0)[kept]
        self.n_traces = len(traces)
        if self.power.size < LEAST_ORDINATES:
            raise InputError(f"Reads must be at least {int(LEAST_ORDINATES / HIGHEST) + 12}, not {traces.shape[1]}")
        self.middle_Hz = float(np.exp(np.log(self.frequency_Hz).mean()))

    def density(self, theta):
        """Return the density at the frequencies, theta = ln power at the middle, exponent, ln white; (n,)."""
        return np.exp(theta[0]) * (self.frequency_Hz / self.middle_Hz) ** -theta[1] + np.exp(theta[2])

    def slopes(self, theta):
        """Return derivatives of the logarithm of `density`; shape (n, 3)."""
        flicker = np.exp(theta[0]) * (self.frequency_Hz / self.middle_Hz) ** -theta[1]
        by_exponent = -flicker * np.log(self.frequency_Hz / self.middle_Hz)
        return (
            np.stack([flicker, by_exponent, np.full(flicker.size, np.exp(theta[2]))], axis=1)
            / self.density(theta)[:, None]
        )

    def loss(self, theta, power):
        """Return minus Whittle's log-likelihood, and its derivative; float, (3,)."""
        density = self.density(theta)
        value = self.n_traces * np.sum(np.log(density) + power / density)
        return value, self.n_traces * (1.0 - power / density) @ self.slopes(theta)

    def fit(self, power, start=None):
        """Return the parameters of the largest likelihood; shape (3,)."""
        if start is None:
            level = np.log(np.median(power))
            start = np.array([level, 1.0, np.log(power[-power.size // 4 :].mean()) - 1.0])
        found = optimize.minimize(self.loss, start, (power,), jac=True, method="BFGS", options={"gtol": 1e-4})
        return found.x

    def covariance(self, theta):
        """Return the inverse information, or refuse a spectrum that does not determine a parameter; shape (3, 3)."""
        return check_identified(np.sqrt(self.n_traces) * self.slopes(theta), np.ones(3), NAMES)

    def redrawn(self, theta, rng):
        """Return synthetic ordinates: a mean of as many exponential numbers as there are traces; shape (n,)."""
        return self.density(theta) * rng.gamma(self.n_traces, 1.0 / self.n_traces, self.power.size)

    def shown(self, theta):
        """Return power at 1 Hz, exponent and white floor; shape (3,)."""
        return np.array([np.exp(theta[0]) * self.middle_Hz ** theta[1], theta[1], np.exp(theta[2])])

    def misfit(self, theta, power):
        """Return chi2 of mean ratios of ordinates to the law in bands of frequency, and its degrees of freedom."""
        ratio = power / self.density(theta)
        edges = np.unique(np.searchsorted(self.frequency_Hz, np.geomspace(*self.frequency_Hz[[0, -1]], N_BINS + 1)))
        sizes = np.diff(np.append(edges[:-1], ratio.size))
        means = np.add.reduceat(ratio, edges[:-1]) / sizes
        wide = sizes * self.n_traces >= 20  # means of fewer are too skew for chi2
        chi2 = np.sum((means[wide] - 1.0) ** 2 * sizes[wide] * self.n_traces)
        return float(chi2), max(int(wide.sum()) - 3, 1)


def calibrate_read_noise(traces, interval_s, seed, n_trials=N_TRIALS, n_coverage=0):
    r"""Fit the spectrum of the relative conductance.

    .. math:: S(f) = A f^{-\alpha} + W

    Parameters
    ----------
    traces : ndarray, shape (n_traces, n_samples), float64
        Reads at equal intervals.
    interval_s : float
        Between two reads [s].
    seed : int
        Seed of the synthetic ordinates.
    n_trials, n_coverage : int
        Numbers of synthetic data sets behind the intervals, and of synthetic experiments that test them; see
        `calibrate`.

    Returns
    -------
    Calibration
        ``power_per_Hz`` A at 1 Hz, ``exponent``, ``white_per_Hz``; chi2 in twelve bands of frequency.

    References
    ----------
    Whittle, Ark. Mat. 2, 423 (1953).
    """
    one = Periodogram(traces, interval_s)
    theta = one.fit(one.power)
    one.covariance(theta)
    coverage = None
    if n_coverage:

        def experiment(rng):
            power = one.redrawn(theta, rng)
            values = one.fit(power, theta)
            return _trials(one, values, rng, n_trials), float(stats.chi2.sf(*one.misfit(values, power)))

        coverage = coverage_of_experiments(experiment, NAMES, one.shown(theta), seed, n_coverage)
    return Calibration.of_trials(
        MODEL,
        dict(zip(NAMES, one.shown(theta).tolist(), strict=True)),
        _trials(one, theta, np.random.default_rng(seed), n_trials),
        one.misfit(theta, one.power),
        seed,
        provenance_of_arrays("Whittle's likelihood, parametric bootstrap", traces),
        coverage,
    )


def _trials(one, theta, rng, n_trials):
    return np.stack([one.shown(one.fit(one.redrawn(theta, rng), theta)) for _ in range(n_trials)])
