"""Likelihood of a noisy telegraph trace: two levels, their noises, two rates; scores, information, ascent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError
from ..engine.least_squares import check_identified
from .telegraph_kernels import expectations, hidden_states, predictive

N_PARAMETERS = 6
DWELLS = ("dwell_low_s", "dwell_high_s")
MAX_EXPECTATION_STEPS = 200
MAX_ASCENTS = 60
RENEWED = 15  # ascents after which the curvature is taken anew
EXPECTATION_DONE = 0.05  # nats a step: from there Newton's steps are better
ASCENT_DONE = 1e-3  # standard errors, where an ascent ends
DIFFERENCE = 1e-4  # of a parameter in its own unit (noise or 1), for the curvature: its error is of 1e-8


@dataclass(frozen=True, eq=False)
class Trace:
    """Samples of a telegraph signal at equal intervals.

    Parameters
    ----------
    values : ndarray, shape (n,), float64
        Samples, in whatever unit; NaN for one that was not read: the chain runs on, and no dwell time is made up.
    interval_s : float
        Time from one to the next [s].
    n_batches : int
        Parts whose scores are summed apart.
    """

    values: np.ndarray
    interval_s: float
    n_batches: int = 200

    def __post_init__(self):
        object.__setattr__(self, "values", np.ascontiguousarray(self.values, dtype=np.float64))
        n = self.values.size
        object.__setattr__(self, "starts", np.arange(min(self.n_batches, n)) * n // min(self.n_batches, n))
        object.__setattr__(self, "_scratch", (np.empty(n), np.empty(n)))

    @property
    def known(self):
        """The samples that were read; ndarray of float64."""
        return self.values[np.isfinite(self.values)]

    def expect(self, theta):
        """Return log-likelihood, statistics of each batch, and the probability that the first sample is up."""
        levels, steps = levels_of(theta), steps_of(theta, self.interval_s)
        return expectations(self.values, levels, steps, self.starts, *self._scratch)

    def posterior(self, theta):
        """Return the probability that each sample is up, given all; ndarray, shape (n,), float64."""
        self.expect(theta)
        return self._scratch[0].copy()

    def scores(self, theta):
        """Return the log-likelihood and its derivative, the part of each batch apart; float, (n_batches, 6).

        The derivative is that of the expected log-likelihood of samples and hidden states together (Fisher's
        identity), so one forward and one backward pass give it.
        """
        likelihood, found, first = self.expect(theta)
        low, high, noise_low, noise_high = levels_of(theta)
        n_up, sum_up, square_up = found[:, 3], found[:, 4], found[:, 5]
        n_down, sum_down, square_down = (found[:, k] - found[:, k + 3] for k in range(3))
        scores = np.empty((len(found), N_PARAMETERS))
        scores[:, 0] = (sum_down - low * n_down) / noise_low**2
        scores[:, 1] = (sum_up - high * n_up) / noise_high**2
        scores[:, 2] = (square_down - 2.0 * low * sum_down + low**2 * n_down) / noise_low**2 - n_down
        scores[:, 3] = (square_up - 2.0 * high * sum_up + high**2 * n_up) / noise_high**2 - n_up
        (rise, fall), slopes = steps_of(theta, self.interval_s), step_slopes(theta, self.interval_s)
        by_rise = found[:, 7] / rise - found[:, 6] / (1.0 - rise)
        by_fall = found[:, 8] / fall - found[:, 9] / (1.0 - fall)
        scores[:, 4:] = np.outer(by_rise, slopes[0]) + np.outer(by_fall, slopes[1])
        share = rise / (rise + fall)  # of the stationary distribution, which the first sample follows
        scores[0, 4] += (1.0 - share) * first - share * (1.0 - first)
        scores[0, 5] += share * (1.0 - first) - (1.0 - share) * first
        return likelihood, scores

    def units(self, theta):
        """Return the natural unit of each parameter, of which differences take a part; shape (6,)."""
        return np.array([*np.exp(theta[2:4]), 1.0, 1.0, 1.0, 1.0])

    def shown(self, theta):
        """Return levels, noises and mean dwell times; shape (..., 6)."""
        return shown(theta)

    def names(self, unit):
        """Return the names of `shown`; tuple of str."""
        return parameter_names(unit)

    def predictive(self, theta):
        """Return the distribution of each sample, given those before it, at the sample.

        Returns
        -------
        ndarray, shape (3, n), float64
            Probability of a value below, logarithm of the density, and what the sample adds to the probability of the
            high state.
        """
        found = np.empty((3, self.values.size))
        predictive(self.values, levels_of(theta), steps_of(theta, self.interval_s), found)
        return found

    def climb(self, theta, covariance):
        """Return where the likelihood is largest, by steps covariance times score, halved where they overshoot.

        Parameters
        ----------
        theta : ndarray, shape (6,), float64
            Point from which the climb starts.
        covariance : ndarray, shape (6, 6), float64
            Inverse information near the maximum.

        Raises
        ------
        InputError
            If the search does not end.
        """
        return climbed(self, theta, covariance)

    def expectation_maximisation(self, theta):
        """Return parameters near the maximum, and their log-likelihood (Baum, Welch 1970)."""
        value = -np.inf
        for _ in range(MAX_EXPECTATION_STEPS):
            likelihood, found, _ = self.expect(theta)
            if likelihood < value + EXPECTATION_DONE:
                break
            value, theta = likelihood, maximised(found.sum(axis=0), self.interval_s)
        return theta, likelihood

    def redrawn(self, theta, rng):
        """Return a synthetic trace with these parameters, as long as this one."""
        low, high, noise_low, noise_high = levels_of(theta)
        states = np.empty(self.values.size, dtype=np.int8)
        hidden_states(rng.random(states.size), steps_of(theta, self.interval_s), states)
        values = np.where(states == 1, high, low)
        values += np.where(states == 1, noise_high, noise_low) * rng.standard_normal(states.size)
        values[np.isnan(self.values)] = np.nan
        return Trace(values, self.interval_s, self.n_batches)


def climbed(trace, theta, covariance):
    """Return where the likelihood of a trace is largest, by its ``scores``; see `Trace.climb`."""
    value, scores = trace.scores(theta)
    step = covariance @ scores.sum(axis=0)
    for k in range(MAX_ASCENTS):
        if k and k % RENEWED == 0:  # far from where the covariance was taken
            covariance = _renewed(trace, theta, covariance)
            step = covariance @ scores.sum(axis=0)
        score = scores.sum(axis=0)
        if step @ score < ASCENT_DONE**2:
            return theta
        trial, trial_scores = trace.scores(theta + step)
        if not trial >= value - 1e-9 * abs(value):
            step = 0.5 * step
            continue
        theta, value, scores = theta + step, trial, trial_scores
        step = covariance @ scores.sum(axis=0)
    raise InputError(f"Fit of the trace must end, not be at work after {MAX_ASCENTS} steps: take a longer trace")


def _renewed(trace, theta, covariance):
    """Return the inverse information at a place, or the covariance that there was where it is none."""
    levels, vectors = np.linalg.eigh(information_of(trace, theta))
    return (vectors / levels) @ vectors.T if levels[0] > 0.0 else covariance


def parameter_names(unit="V"):
    """Return the names of the parameters; tuple of str."""
    return (*(f"{key}_{unit}" for key in ("level_low", "level_high", "noise_low", "noise_high")), *DWELLS)


def shown(theta):
    """Return levels, noises and dwell times from the parameters of the search; shape (..., 6)."""
    theta = np.asarray(theta)
    return np.concatenate([theta[..., :2], np.exp(theta[..., 2:4]), np.exp(-theta[..., 4:])], axis=-1)


def levels_of(theta):
    """Return low and high level and their noises from the parameters; shape (4,)."""
    return np.array([theta[0], theta[1], np.exp(theta[2]), np.exp(theta[3])])


def steps_of(theta, interval_s):
    """Return the probabilities of a change up and down within one interval, by the exact propagator; shape (2,).

    Changes that come and go between two samples are so accounted for.
    """
    up, down = np.exp(theta[4:6])
    return -np.expm1(-(up + down) * interval_s) / (up + down) * np.array([up, down])


def step_slopes(theta, interval_s):
    """Return derivatives of `steps_of` by the logarithms of both rates; shape (2, 2)."""
    up, down = np.exp(theta[4:6])
    total = up + down
    changed, kept = -np.expm1(-total * interval_s), interval_s * np.exp(-total * interval_s)
    own = np.array([up, down])
    common = own / total * (kept - changed / total)
    return own * (common[:, None] + changed / total * np.eye(2))


def maximised(statistics, interval_s):
    """Return the parameters that maximise the expected log-likelihood of given statistics; shape (6,).

    Raises
    ------
    InputError
        If successive samples do not remember each other: the states change faster than they are sampled.
    """
    n_up, sum_up, square_up = statistics[3:6]
    n_down, sum_down, square_down = statistics[0:3] - statistics[3:6]
    low, high = sum_down / max(n_down, 1e-9), sum_up / max(n_up, 1e-9)
    smallest = 1e-6 * abs(high - low) + 1e-300
    noise = [
        np.sqrt(max(square_down / max(n_down, 1e-9) - low**2, smallest**2)),
        np.sqrt(max(square_up / max(n_up, 1e-9) - high**2, smallest**2)),
    ]
    rise = statistics[7] / max(statistics[6] + statistics[7], 1e-9)
    fall = statistics[8] / max(statistics[8] + statistics[9], 1e-9)
    rise, fall = max(rise, 1e-12), max(fall, 1e-12)
    if rise + fall >= 1.0:
        rule = "shorter than the dwell times"
        raise InputError(f"Interval of samples must be {rule}, not {interval_s:g} s: changes are not resolved")
    total = -np.log1p(-(rise + fall)) / interval_s
    rates = np.log(total * np.array([rise, fall]) / (rise + fall))
    return np.array([low, high, *np.log(noise), *rates])


def information_of(trace, theta):
    """Return minus the second derivative of a trace's log-likelihood, by differences of its ``scores``."""
    unit = trace.units(theta) * DIFFERENCE
    curvature = np.empty((unit.size, unit.size))
    for k, step in enumerate(np.diag(unit)):
        above, below = (trace.scores(theta + sign * step)[1].sum(axis=0) for sign in (1.0, -1.0))
        curvature[k] = (below - above) / (2.0 * unit[k])
    return 0.5 * (curvature + curvature.T)


def covariance_of(trace, theta, names):
    """Return the inverse information, or refuse a trace that does not determine a parameter; square, of all."""
    levels, vectors = np.linalg.eigh(information_of(trace, theta))
    root = np.sqrt(np.maximum(levels, 0.0))[:, None] * vectors.T
    return check_identified(root, trace.units(theta), names)
