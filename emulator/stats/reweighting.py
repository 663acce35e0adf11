r"""How sure the mean of importance weights is: its standard error, the weight of its tail, and what was never drawn.

With weights w = p / q of n states drawn from q, the standard error of ln(mean w) is that of the weights seen. It is
wrong in two ways. The tail of the weights may be so heavy that the mean has no error that n states show: Pareto's shape
k, fitted to the largest weights, says so above 0.7. And q may lack a part of p altogether: its states have enormous
weights, none of which is ever drawn, so no statistic of the drawn ones knows. Only states of p from another sampler do:
the share of them that q does not reach bounds what is missing.

References
----------
Vehtari, Simpson, Gelman, Yao, Gabry, J. Mach. Learn. Res. 25, 72 (2024): Pareto smoothed importance sampling, and the
limit of 0.7. Clopper, Pearson, Biometrika 26, 404 (1934).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp
from scipy.stats import beta

from ..spec.errors import InputError
from .autocorrelation import arviz
from .importance import effective_share, shares_of

LARGEST_K = 0.7  # Source: Vehtari et al., section 3.2.4
FEWEST_WEIGHTS = 25  # of which ArviZ fits a tail of 5
LIGHT = 10.0  # largest weight over their mean: the variance is then at most 10, and few states in many ties fit no tail
LEVEL = 0.975  # one-sided, so that twice the error covers 95 %


@dataclass(frozen=True)
class LostShare:
    """States of the target from another sampler, and how many of them lie where none was drawn.

    Parameters
    ----------
    n_unseen, n_independent : float
        Number of unseen and of all independent states of the target; shares of one count where states remember each
        other.
    """

    n_unseen: float
    n_independent: float

    def __post_init__(self):
        if not 0 <= self.n_unseen <= self.n_independent or not self.n_independent > 0:
            raise InputError(f"Unseen states must be 0 to {self.n_independent:g}, not {self.n_unseen:g}")

    @property
    def share(self):
        """Part of the target that is missing, as far as counted; float."""
        return self.n_unseen / self.n_independent

    @property
    def highest(self):
        """Largest part that may be missing, Clopper and Pearson at 97.5 %; float."""
        seen = self.n_independent - self.n_unseen
        return 1.0 if seen == 0 else float(beta.ppf(LEVEL, self.n_unseen + 1.0, seen))

    @property
    def lowest(self):
        """Smallest part that is missing, at 97.5 %; float."""
        seen = self.n_independent - self.n_unseen
        return 0.0 if self.n_unseen == 0 else float(beta.ppf(1.0 - LEVEL, self.n_unseen, seen + 1.0))


@dataclass(frozen=True)
class LogMean:
    """ln of the mean weight.

    Parameters
    ----------
    value : float
        Logarithm of the mean weight, ln(mean w).
    error : float
        Standard error, what may be missing included; infinite where it cannot be told.
    naive : float
        Standard error of the weights seen alone.
    effective : float
        Effective share of the states.
    pareto_k : float
        Shape of the tail of the weights.
    faults : tuple of str
        What is wrong, empty if nothing is.
    """

    value: float
    error: float
    naive: float
    effective: float
    pareto_k: float
    faults: tuple[str, ...]


def log_mean(logs, lost=None):
    """Return the logarithm of the mean of weights, with an error that sees rare heavy ones or is refused.

    Parameters
    ----------
    logs : ndarray, shape (n,), float64
        ln w of independent states; -inf is a weight of 0.
    lost : LostShare or None
        What another sampler of the target says; None if none was asked, and then the error is infinite.

    Returns
    -------
    LogMean
    """
    logs = np.asarray(logs, dtype=np.float64)
    if logs.ndim != 1 or not len(logs) or np.isnan(logs).any() or not np.isfinite(logs.max()):
        raise InputError("Logarithms of weights must be numbers, one of them finite, in one dimension")
    effective, shape = effective_share(shares_of(logs)), pareto_k(logs)
    naive = float(np.sqrt(max(1.0 / effective - 1.0, 0.0) / len(logs)))
    error, faults = naive, []
    if not shape <= LARGEST_K:
        faults.append(f"the tail of the weights is too heavy: Pareto's k is {shape:.2g}, above {LARGEST_K:g}")
        error = np.inf
    if lost is None:
        faults.append("no other sampler has looked for states that were never drawn")
        error = np.inf
    elif lost.highest == 1.0:
        faults.append("none of the target's states is reached")
        error = np.inf
    else:
        error = float(np.hypot(error, -0.5 * np.log1p(-lost.highest)))
        if lost.lowest > naive:
            faults.append(f"{lost.share:.2g} of the target's states lie where none was drawn")
    value = float(logsumexp(logs) - np.log(len(logs)))
    return LogMean(value, error, naive, effective, shape, tuple(faults))


def pareto_k(logs):
    """Return Pareto's shape k of the largest weights, by ArviZ; 0 where none exceeds ten times their mean.

    Infinite where there are fewer than 25 weights, or where the fit has no number.

    Parameters
    ----------
    logs : ndarray, shape (n,), float64
        Logarithms of the weights, ln w.
    """
    logs = np.sort(logs[np.isfinite(logs)])
    if len(logs) < FEWEST_WEIGHTS:
        return np.inf
    if logs[-1] - (logsumexp(logs) - np.log(len(logs))) <= np.log(LIGHT):
        return 0.0
    with np.errstate(all="ignore"):  # ties at the edge of the tail: its fit has no number then, and says infinite
        found = float(arviz().psislw(logs - logs[-1])[1])
    return found if np.isfinite(found) else np.inf


def lost_share(logs, target_logs, n_independent):
    """Return how much of the target lies where its weights exceed all drawn ones.

    Parameters
    ----------
    logs : ndarray, shape (n,), float64
        ln w of drawn states.
    target_logs : ndarray, shape (m,), float64
        ln w of the target's states from another sampler.
    n_independent : float
        What these are worth, m or less.
    """
    share = float(np.mean(np.asarray(target_logs) > np.max(logs)))
    return LostShare(share * n_independent, n_independent)
