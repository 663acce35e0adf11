"""Logistic regression of one spin on what it saw, with errors that hold for correlated draws and rough models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.stats.autocorrelation import integrated_time
from ..engine.least_squares import check_identified

N_BATCHES = 200  # standard errors from 200 batches are good to 1 / sqrt(400), 5 %
LEAST_BATCHES = 20
BATCH_TIMES = 10.0  # draws of a batch per tau: variances are then 10 % too small at most, standard errors 5 %
CHUNK = 1 << 16
MAX_COUNTED = 14  # spins a row of which all 2^15 patterns are counted
MAX_STEPS = 60
STEP_DONE = 1e-6  # in standard errors, where Newton's search ends


@dataclass(frozen=True, eq=False)
class Batches:
    """Consecutive draws that are summed before their variance is taken.

    Parameters
    ----------
    n_chains, n_draws : int
        Shape of the samples.
    starts : ndarray, shape (n_batches,), int64
        First draw of each batch, all chains one after the other.
    """

    n_chains: int
    n_draws: int
    starts: np.ndarray

    @classmethod
    def of_shape(cls, n_chains, n_draws, n_batches=N_BATCHES):
        """Cut chains into about ``n_batches``: whole chains if there are as many, parts of equal length otherwise.

        >>> Batches.of_shape(2, 100, 20).sizes.tolist()[:3]
        [10, 10, 10]
        """
        parts = max(1, min(n_draws, round(n_batches / n_chains)))
        if n_chains * parts < LEAST_BATCHES:
            raise InputError(f"Samples must be at least {LEAST_BATCHES} for an interval, not {n_chains * n_draws}")
        if n_chains >= n_batches:
            return cls(n_chains, n_draws, n_draws * (np.arange(n_batches) * n_chains // n_batches))
        inside = np.arange(parts) * n_draws // parts
        return cls(n_chains, n_draws, (n_draws * np.arange(n_chains)[:, None] + inside).ravel())

    @property
    def sizes(self):
        """Draws of each batch; ndarray, shape (n_batches,), int64."""
        return np.diff(self.starts, append=self.n_chains * self.n_draws)

    def sums(self, rows):
        """Return the sum of each batch less its share of the whole, for rows of shape (n_draws in all, d)."""
        found = np.add.reduceat(rows, self.starts, axis=0)
        return found - np.outer(self.sizes, found.sum(axis=0) / self.sizes.sum())

    @property
    def n_parts(self):
        """Batches of each chain; 1 if a batch is one chain or several."""
        return max(1, len(self.starts) // self.n_chains)

    def tau(self, series):
        """Return the autocorrelation time of a series of all draws, 1 if batches are whole chains; float."""
        if self.n_parts == 1 or np.ptp(series) == 0.0:
            return 1.0
        return integrated_time(series.reshape(self.n_chains, self.n_draws), min_length=0.0)

    def groups(self, tau):
        """Return the first batch of each group of batches that is ten times as long as the memory, or a whole chain.

        Parameters
        ----------
        tau : float
            Longest autocorrelation time of what is summed [draws].

        Returns
        -------
        ndarray, shape (n_groups,), int64
            Sums over groups are ``np.add.reduceat(sums, groups, axis=0)``.

        Raises
        ------
        InputError
            If there are fewer than 20 groups; the text names the length that chains must have.
        """
        if self.n_parts == 1:
            return np.arange(len(self.starts))
        together = int(np.ceil(BATCH_TIMES * tau / self.sizes.min()))
        n_groups = self.n_parts // together
        if n_groups == 0 and self.n_chains >= LEAST_BATCHES:
            n_groups = 1  # chains are independent, however long each remembers
        if self.n_chains * n_groups < LEAST_BATCHES:
            least = np.ceil(BATCH_TIMES * tau * np.ceil(LEAST_BATCHES / self.n_chains))
            raise InputError(f"Chains must be at least {least:.0f} draws long (tau {tau:.3g}), not {self.n_draws}")
        inside = np.arange(n_groups) * self.n_parts // n_groups
        return (self.n_parts * np.arange(self.n_chains)[:, None] + inside).ravel()


@dataclass(frozen=True, eq=False)
class LogisticFit:
    """Where the likelihood of the bits is largest.

    Parameters
    ----------
    values : ndarray, shape (d,), float64
        Parameters: the log-odds of +1 are twice their product with the row.
    influence : ndarray, shape (n_batches, d), float64
        What each batch moves the parameters by, to first order.
    covariance : ndarray, shape (d, d), float64
        Inverse curvature: right for independent draws and a right model only.
    """

    values: np.ndarray
    influence: np.ndarray
    covariance: np.ndarray

    @property
    def errors(self):
        """Standard errors by the spread of batches, shape (d,)."""
        return errors_of(self.influence)


def errors_of(influence):
    """Return standard errors of sums over independent batches; shape (d,), for (n_batches, d)."""
    n_batches = len(influence)
    return np.sqrt(np.square(influence).sum(axis=0) * n_batches / (n_batches - 1))


def fit_logistic(rows, spins, batches, names, l2=None):
    r"""Fit P(s = +1) = sigma(2 theta x) by maximal likelihood.

    Newton's method on a concave function, halved where it overshoots. The covariance is Godambe's sandwich: the
    inverse curvature around the variance of the scores, which is taken over batches, so that draws may remember each
    other and the model may be wrong.

    Parameters
    ----------
    rows : ndarray, shape (n_draws, d), any real type
        What the spin saw, x.
    spins : ndarray, shape (n_draws,), int8
        States -1/+1 of the p-bit in each draw.
    batches : Batches
        Batches of the same draws.
    names : sequence of str
        Names of the parameters, for error messages.
    l2 : ndarray, shape (d,), float64, optional
        Penalty l2 theta^2 / 2 per draw that is taken from the mean log-likelihood.

    Returns
    -------
    LogisticFit

    Raises
    ------
    InputError
        If the draws do not determine a parameter; see `least_squares.check_identified`.

    References
    ----------
    Godambe, Ann. Math. Stat. 31, 1208 (1960); Flegal and Jones, Ann. Stat. 38, 1034 (2010) (batch means).
    """
    penalty = len(spins) * (np.zeros(rows.shape[1]) if l2 is None else np.asarray(l2, dtype=np.float64))
    distinct = _distinct(rows, spins)
    values, value = np.zeros(rows.shape[1]), -np.inf
    step, score, curvature = np.zeros_like(values), None, None
    for _ in range(MAX_STEPS):
        trial, trial_score, trial_curvature = _likelihood(distinct, values + step, penalty)
        if trial < value - 1e-9 * abs(value):
            step = 0.5 * step
            continue
        values, value, score, curvature = values + step, trial, trial_score, trial_curvature
        step = np.linalg.lstsq(curvature, score, rcond=1e-14)[0]
        if step @ score < STEP_DONE**2:
            break
    else:
        raise InputError(f"Fit of {names[0]!r} must end, not be at work after {MAX_STEPS} steps: use a penalty (l2)")
    levels, vectors = np.linalg.eigh(curvature)
    root = np.sqrt(np.maximum(levels, 0.0))[:, None] * vectors.T
    covariance = check_identified(root, np.maximum(np.abs(values), 1.0), names)
    return LogisticFit(values, batches.sums(scores_of(rows, spins, values)) @ covariance, covariance)


def scores_of(rows, spins, values):
    """Return the derivative of every draw's log-likelihood, (s - tanh(theta x)) x; shape (n_draws, d), float64."""
    rows = np.asarray(rows, dtype=np.float64)
    return (spins - np.tanh(rows @ values))[:, None] * rows


def _distinct(rows, spins):
    """Return rows, spins and how often each pair occurs; few spins are counted by pattern, others taken one by one."""
    d = rows.shape[1]
    if rows.dtype != np.int8 or d > MAX_COUNTED:
        return rows, spins, np.ones(len(spins))
    codes = (spins > 0).astype(np.int64)
    for k in range(d):
        codes += (rows[:, k] > 0).astype(np.int64) << (k + 1)
    counts = np.bincount(codes, minlength=2 << d)
    found = np.flatnonzero(counts)
    patterns = 2 * ((found[:, None] >> np.arange(d + 1)) & 1) - 1
    return patterns[:, 1:], patterns[:, 0], counts[found].astype(np.float64)


def _likelihood(distinct, values, penalty):
    """Return log-likelihood, its gradient and its negative curvature, the penalty included, chunk by chunk."""
    total, score, curvature = -0.5 * penalty @ values**2, -penalty * values, np.diag(penalty)
    for start in range(0, len(distinct[1]), CHUNK):
        x, s, count = (np.asarray(part[start : start + CHUNK], dtype=np.float64) for part in distinct)
        u = x @ values
        mean = np.tanh(u)
        total -= count @ np.logaddexp(0.0, -2.0 * s * u)
        score = score + (count * (s - mean)) @ x
        curvature = curvature + (x * (count * (1.0 - mean**2))[:, None]).T @ x
    return total, score, curvature
