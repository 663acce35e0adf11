"""A telegraph trace whose levels went through a low-pass of one time constant, with white noise behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from ...emulator.spec.errors import InputError
from .telegraph_filter import FILTER, LARGEST_DECAY, check_decay, filter_time_s, filtered
from .telegraph_fit import fit_telegraph
from .telegraph_likelihood import DWELLS, Trace, climbed, covariance_of, steps_of
from .telegraph_smoothing_kernels import smoothed_law, smoothed_likelihood

MODEL_BEHIND = "two-state hidden Markov chain behind a low-pass, noise behind it"
DIFFERENCE = 1e-4
NODES_IN_NOISE = 6.0  # nodes of the filter's state for each standard deviation of the noise
LEAST_NODES, MOST_NODES = 32, 128
STARTS = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9)


@dataclass(frozen=True, eq=False)
class SmoothedTrace:
    r"""Samples of a telegraph signal behind a low-pass (RC) of one time constant, with white noise behind the filter.

    .. math:: f_t = a f_{t-1} + (1 - a) L(x_t), \qquad y_t = f_t + \sigma e_t, \qquad a = \exp(-\Delta t / \tau)

    The likelihood is summed over states and, on a grid, over what the filter holds. One noise for both levels; changes
    are taken to fall on samples. Parameters of the search: levels, ln noise, ln rates up and down, a.

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
    n_nodes : int
        Number of nodes of the grid.
    """

    values: np.ndarray
    interval_s: float
    n_batches: int = 200
    decay: float | None = None
    n_nodes: int = LEAST_NODES
    model = MODEL_BEHIND

    def __post_init__(self):
        object.__setattr__(self, "values", np.ascontiguousarray(self.values, dtype=np.float64))
        n = self.values.size
        object.__setattr__(self, "starts", np.arange(min(self.n_batches, n)) * n // min(self.n_batches, n))

    @property
    def known(self):
        """The samples that were read; ndarray of float64."""
        return self.values[np.isfinite(self.values)]

    def log_likelihood(self, theta):
        """Return the logarithm of the likelihood, -inf outside of what the model allows."""
        if not (0.0 <= theta[5] < LARGEST_DECAY and theta[1] > theta[0] and abs(theta[2:5]).max() < 200.0):
            return -np.inf
        return smoothed_likelihood(self.values, *self._law(theta), theta[5], self.n_nodes)

    def _law(self, theta):
        steps = steps_of(np.append(theta[:3], theta[2:5]), self.interval_s)
        return np.array([theta[0], theta[1], np.exp(theta[2])]), steps

    def scores(self, theta):
        """Return the log-likelihood and its derivative by differences; float, (1, 6)."""
        value = self.log_likelihood(theta)
        slopes = np.zeros(6)
        if np.isfinite(value):
            units = DIFFERENCE * self.units(theta)
            for k in range(6 if self.decay is None else 5):
                step = units[k] * np.eye(6)[k]
                if k == 5 and theta[5] < units[5]:
                    slopes[k] = (self.log_likelihood(theta + step) - value) / units[k]
                else:
                    ends = self.log_likelihood(theta + step), self.log_likelihood(theta - step)
                    slopes[k] = (ends[0] - ends[1]) / (2.0 * units[k])
        return value, slopes[None]

    def units(self, theta):
        """Return the natural unit of each parameter; shape (6,)."""
        noise = np.exp(theta[2])
        return np.array([noise, noise, 1.0, 1.0, 1.0, 1.0 - theta[5]])

    def predictive(self, theta):
        """Return the distribution of each sample at the sample, as `Trace.predictive`."""
        found = np.empty((3, self.values.size))
        smoothed_law(self.values, *self._law(theta), max(theta[5], 0.0), self.n_nodes, found)
        return found

    def climb(self, theta, covariance):
        """Return where the likelihood is largest; see `Trace.climb`."""
        return climbed(self, theta, covariance)

    def redrawn(self, theta, rng):
        """Return a synthetic trace with these parameters, as long as this one, the filter settled at its begin."""
        settling = int(np.ceil(20.0 / max(1.0 - theta[5], 1e-3)))
        quiet = np.array([theta[0], theta[1], -600.0, -600.0, theta[3], theta[4]])
        plain = Trace(np.zeros(settling + self.values.size), self.interval_s).redrawn(quiet, rng)
        y = filtered(plain.values, theta[5])[settling:] + np.exp(theta[2]) * rng.standard_normal(self.values.size)
        y[np.isnan(self.values)] = np.nan
        return SmoothedTrace(y, self.interval_s, self.n_batches, self.decay, self.n_nodes)

    def shown(self, theta):
        """Return levels, noise, mean dwell times and, where it is fitted, the filter's time; shape (5 or 6,)."""
        found = np.concatenate([theta[:2], np.exp(theta[2:3]), np.exp(-theta[3:5])])
        return found if self.decay is not None else np.append(found, filter_time_s(theta[5], self.interval_s))

    def names(self, unit):
        """Return the names of `shown`; tuple of str."""
        fitted = () if self.decay is not None else (FILTER,)
        return (f"level_low_{unit}", f"level_high_{unit}", f"noise_{unit}", *DWELLS, *fitted)


def fit_smoothed(trace, names=None):
    """Return the parameters of the largest likelihood and their inverse information; (6,), (6, 6), float64.

    Raises
    ------
    InputError
        As `fit_telegraph`; if no filter is seen, or the search does not end.
    """
    start = fit_telegraph(Trace(trace.values, trace.interval_s), names)[0]
    decays = STARTS if trace.decay is None else (trace.decay,)
    begin = [np.array([*start[:2], start[2:4].mean(), *start[4:6], decay]) for decay in decays]
    theta = _ascended(trace, max(begin, key=trace.log_likelihood))
    names = (*trace.names("")[:5], FILTER)
    if trace.decay is not None:
        free = _Fixed(trace, trace.decay)
        covariance = np.zeros((6, 6))
        covariance[:5, :5] = covariance_of(free, theta[:5], names[:5])
        return theta, covariance
    if theta[5] < DIFFERENCE:
        raise InputError("Filter time must be seen in the trace, not 0 intervals: leave --filter out")
    covariance = covariance_of(trace, theta, names)
    padded = np.zeros((7, 7))
    padded[6, 6] = covariance[5, 5]
    check_decay(np.append(theta, theta[5]), padded, trace.interval_s)
    return trace.climb(theta, covariance), covariance


@dataclass(frozen=True, eq=False)
class _Fixed:
    """A smoothed trace as a function of all parameters but the filter's."""

    trace: SmoothedTrace
    decay: float

    def scores(self, theta):
        value, found = self.trace.scores(np.append(theta, self.decay))
        return value, found[:, :5]

    def units(self, theta):
        return self.trace.units(np.append(theta, self.decay))[:5]


def _ascended(trace, theta):
    """Return where the log-likelihood is largest, from a start."""
    scale = trace.units(theta) / np.sqrt(trace.known.size)

    def loss(x):
        value, slopes = trace.scores(theta + scale * x)
        return (-value, -slopes[0] * scale) if np.isfinite(value) else (1e300, np.zeros(6))

    found = minimize(loss, np.zeros(6), jac=True, method="BFGS", options={"maxiter": 60, "gtol": 1e-2})
    return theta + scale * found.x


def grid_for(trace, theta):
    """Return the number of nodes for a trace with these plain parameters: some in each standard deviation."""
    gap_in_noise = (theta[1] - theta[0]) / np.exp(theta[2:4]).mean()
    return int(np.clip(np.ceil(NODES_IN_NOISE * gap_in_noise), LEAST_NODES, MOST_NODES))
