"""A telegraph trace and its noise behind a low-pass of one time constant: whitening gives the plain trace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from ...emulator.spec.errors import InputError
from .telegraph_fit import fit_telegraph
from .telegraph_likelihood import Trace, climbed, covariance_of, parameter_names, shown

FILTER = "filter_time_s"
MODEL_BEFORE = "two-state hidden Markov chain behind a low-pass, noise before it"
DECAYS = (0.0, 0.3, 0.55, 0.75, 0.88, 0.95)  # of the search for a start: filters of 0 to 20 samples
LARGEST_DECAY = 0.995
LEAST_SIGNIFICANCE = 3.0  # standard errors by which a decay must differ from none


def filter_time_s(decay, interval_s):
    """Return the time constant of a filter that keeps the share ``decay`` over one interval [s]; 0 for none."""
    return -interval_s / np.log(np.clip(decay, 1e-12, LARGEST_DECAY))


@dataclass(frozen=True, eq=False)
class FilteredTrace:
    r"""Samples of a telegraph signal and its noise, both behind a low-pass (RC) of one time constant.

    .. math:: y_t = a y_{t-1} + (1 - a) (L(x_t) + \sigma e_t), \qquad a = \exp(-\Delta t / \tau)

    so that (y_t - a y_{t-1}) / (1 - a) is a plain trace, and the likelihood is exact. Levels and noises are those in
    front of the filter; changes are taken to fall on samples.

    Parameters
    ----------
    values : ndarray, shape (n,), float64
        Samples; NaN for one that was not read.
    interval_s : float
        Time from one to the next [s].
    n_batches : int
        Parts whose scores are summed apart.
    decay : float or None
        a, where the time constant is known; None to fit it.
    """

    values: np.ndarray
    interval_s: float
    n_batches: int = 200
    decay: float | None = None
    model = MODEL_BEFORE

    def __post_init__(self):
        object.__setattr__(self, "values", np.ascontiguousarray(self.values, dtype=np.float64))
        object.__setattr__(self, "starts", self.whitened(0.0).starts)

    @property
    def known(self):
        """The samples that were read; ndarray of float64."""
        return self.values[np.isfinite(self.values)]

    def whitened(self, decay):
        """Return the plain `Trace` in front of the filter; the first sample tells where it begins."""
        y = self.values
        return Trace((y[1:] - decay * y[:-1]) / (1.0 - decay), self.interval_s, self.n_batches)

    def log_jacobian(self, decay):
        """Return the logarithm of density of samples over that of whitened ones, for each of them."""
        return -np.log1p(-decay)

    def _likelihood(self, theta):
        plain = self.whitened(theta[6])
        return plain.expect(theta[:6])[0] + self.log_jacobian(theta[6]) * plain.known.size

    def scores(self, theta):
        """Return the log-likelihood and its derivative; float, (1, 7)."""
        if not -0.9 < theta[6] < LARGEST_DECAY:
            return -np.inf, np.zeros((1, 7))
        plain = self.whitened(theta[6])
        value, found = plain.scores(theta[:6])
        slope = 0.0
        if self.decay is None:
            step = 1e-5 * (1.0 - theta[6])
            ends = [self._likelihood(np.append(theta[:6], theta[6] + sign * step)) for sign in (1.0, -1.0)]
            slope = (ends[0] - ends[1]) / (2.0 * step)
        value += self.log_jacobian(theta[6]) * plain.known.size
        return value, np.append(found.sum(axis=0), slope)[None]

    def units(self, theta):
        """Return the natural unit of each parameter; shape (7,)."""
        return np.array([*np.exp(theta[2:4]), 1.0, 1.0, 1.0, 1.0, 1.0 - theta[6]])

    def predictive(self, theta):
        """Return the distribution of each sample at the sample, as `Trace.predictive`."""
        plain = self.whitened(theta[6])
        found = plain.predictive(theta[:6])
        found[1] += self.log_jacobian(theta[6])
        return found

    def climb(self, theta, covariance):
        """Return where the likelihood is largest; see `Trace.climb`."""
        return climbed(self, theta, covariance)

    def redrawn(self, theta, rng):
        """Return a synthetic trace with these parameters, as long as this one, the filter settled at its begin."""
        settling = int(np.ceil(20.0 / max(1.0 - theta[6], 1e-3)))
        plain = Trace(np.zeros(settling + self.values.size), self.interval_s).redrawn(theta[:6], rng)
        y = filtered(plain.values, theta[6])[settling:]
        y[np.isnan(self.values)] = np.nan
        return FilteredTrace(y, self.interval_s, self.n_batches, self.decay)

    def shown(self, theta):
        """Return levels, noises, mean dwell times and, where it is fitted, the filter's time; shape (..., 6 or 7)."""
        theta = np.asarray(theta)
        found = shown(theta[..., :6])
        if self.decay is not None:
            return found
        return np.concatenate([found, filter_time_s(theta[..., 6:], self.interval_s)], axis=-1)

    def names(self, unit):
        """Return the names of `shown`; tuple of str."""
        return (*parameter_names(unit), *(() if self.decay is not None else (FILTER,)))


def filtered(values, decay):
    """Return values behind a low-pass that keeps the share ``decay`` of its state from one sample to the next."""
    found = np.empty(values.size)
    state = values[0]
    for t, value in enumerate(values):
        state = decay * state + (1.0 - decay) * value
        found[t] = state
    return found


def fit_filtered(trace, names=None):
    """Return the parameters of the largest likelihood and their inverse information; (7,), (7, 7), float64.

    Parameters
    ----------
    trace : FilteredTrace
        Sampled trace to fit.
    names : sequence of str, optional
        Names of the parameters, for error messages.

    Raises
    ------
    InputError
        As `fit_telegraph`, of the whitened trace; if no filter is seen.
    """
    decay = trace.decay if trace.decay is not None else start_of_decay(trace)
    theta, plain = fit_telegraph(trace.whitened(decay), names)
    theta = np.append(theta, decay)
    covariance = np.zeros((7, 7))
    if trace.decay is not None:
        covariance[:6, :6] = plain
        return theta, covariance
    covariance = covariance_of(trace, theta, (*parameter_names(), FILTER))
    theta = trace.climb(theta, covariance)
    return theta, check_decay(theta, covariance, trace.interval_s)


def check_decay(theta, covariance, interval_s):
    """Return the covariance, or refuse a filter that the trace does not show."""
    if theta[6] < LEAST_SIGNIFICANCE * np.sqrt(covariance[6, 6]):
        found = f"{filter_time_s(max(theta[6], 0.0), interval_s) / interval_s:.2g} intervals, consistent with none"
        raise InputError(f"Filter time must be seen in the trace, not {found}: leave --filter out")
    return covariance


def start_of_decay(trace):
    """Return the share that the filter keeps over one interval, by the likelihood of few steps at several shares."""

    def worth(decay, theta):
        plain = trace.whitened(decay)
        theta, value = plain.expectation_maximisation(theta)
        return value + trace.log_jacobian(decay) * plain.known.size, theta

    best = (-np.inf, None, 0.0)
    for decay in DECAYS:
        try:
            start = fit_telegraph(trace.whitened(decay))[0] if best[1] is None else best[1]
            best = max(best, (*worth(decay, start), decay), key=lambda one: one[0])
        except InputError:
            continue
    if best[1] is None:
        raise InputError("Trace must show two levels behind any filter of up to 20 samples, not none")

    def loss(decay):
        try:
            return -worth(decay, best[1])[0]
        except InputError:
            return -best[0] + 1e6

    k = DECAYS.index(best[2])
    ends = DECAYS[max(k - 1, 0)], (*DECAYS, 0.98)[k + 1]
    return float(minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-3}).x)
