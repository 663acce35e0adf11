"""How far a histogram of states lies from a distribution: total variation with its noise floor, and the G-test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from ..oracle.law_distance import total_variation
from ..oracle.states import check_n_spins, state_indices
from ..spec.errors import InputError


def state_histogram(spins):
    """Count every state.

    Parameters
    ----------
    spins : ndarray, shape (..., n), int8
        States -1/+1, numbered as in `oracle.states`.

    Returns
    -------
    ndarray, shape (2**n,), int64

    >>> state_histogram([[-1, -1], [1, -1], [1, -1], [1, 1]]).tolist()
    [1, 2, 0, 1]
    """
    n_spins = np.shape(spins)[-1]
    check_n_spins(n_spins)
    return np.bincount(state_indices(spins).ravel(), minlength=1 << n_spins)


def histogram_tv(counts, law):
    """Return the total variation distance between a histogram and a distribution.

    Parameters
    ----------
    counts : ndarray, shape (k,), int64
        Number of draws of each state, not empty.
    law : ndarray, shape (k,), float64
        Probability of each state, of sum 1.

    >>> histogram_tv(np.array([1, 3]), np.array([0.5, 0.5]))
    0.25
    """
    counts, law = _checked(counts, law)
    return total_variation(counts / counts.sum(), law)


def tv_noise_floor(law, n_eff):
    r"""Return the total variation that ``n_eff`` independent draws from ``law`` itself have on average.

    Each count is binomial, and half of the sum of the mean absolute deviations is the distance. De Moivre's formula
    gives these exactly, with v = floor(N p) + 1:

    .. math:: E|X - N p| = 2 v (1 - p) \, P(X = v)

    The usual normal approximation, sqrt(p (1 - p) / (2 pi N)) a cell, is half as much again too large where most
    cells expect less than one count, as for 500 draws of 12 spins.

    Parameters
    ----------
    law : ndarray, shape (k,), float64
        Probability of each state, of sum 1.
    n_eff : float
        Effective number of independent draws, rounded to a whole number of 1 or more.

    References
    ----------
    Diaconis and Zabell, Stat. Sci. 6, 284 (1991) (De Moivre's formula).
    """
    if not n_eff > 0:
        raise InputError(f"Effective sample size must be above 0, not {n_eff!r}")
    law, n_draws = np.asarray(law, dtype=np.float64), max(1, round(n_eff))
    above = np.floor(n_draws * law) + 1
    deviations = 2.0 * above * (1.0 - law) * stats.binom.pmf(above, n_draws, law)
    return float(deviations.sum() / (2.0 * n_draws))


def merge_small_cells(law, n_draws, min_expected=5.0):
    """Return for each state its cell, so that every cell expects ``min_expected`` draws or more.

    States are taken by rising probability and put together until their sum is large enough; a state that is large
    enough is a cell of its own. The rule looks at the distribution only, never at the counts, so the p-value stays
    valid.

    Parameters
    ----------
    law : ndarray, shape (k,), float64
        Probability of each state, of sum 1.
    n_draws : float
        Number of independent draws.
    min_expected : float
        Least expected count of a cell.

    Returns
    -------
    ndarray, shape (k,), int64
        Cell numbers 0, 1, ...; a single cell if there are too few draws for two.

    >>> merge_small_cells(np.array([0.5, 0.02, 0.4, 0.04, 0.04]), 100).tolist()
    [2, 0, 1, 0, 1]
    """
    law = np.asarray(law, dtype=np.float64)
    cells, cell, expected = np.zeros(len(law), dtype=np.int64), 0, 0.0
    for state in np.argsort(law, kind="stable"):
        cells[state] = cell
        expected += n_draws * law[state]
        if expected >= min_expected:
            cell, expected = cell + 1, 0.0
    if expected > 0.0 and cell > 0:
        cells[cells == cell] = cell - 1
    return cells


@dataclass(frozen=True)
class GoodnessOfFit:
    """Outcome of a test of a histogram against a distribution.

    Parameters
    ----------
    statistic : float
        Corrected G statistic.
    dof : int
        Degrees of freedom, cells less one; 0 if the draws are too few for two cells.
    p_value : float
        Upper tail of chi-square; 1 without degrees of freedom, 0 if an impossible state occurred.
    """

    statistic: float
    dof: int
    p_value: float


def g_test(counts, law, min_expected=5.0, inflation=1.0):
    r"""Test a histogram of independent draws against a distribution.

    .. math:: G = \frac{2}{q c} \sum_k O_k \ln \frac{O_k}{E_k}, \qquad
              q = 1 + \frac{\sum_k 1/p_k - 1}{6 N (k - 1)}

    Williams' q makes the chi-square tail of G hold far out. Measured with 2e7 multinomial histograms each (20 equal
    cells; one large cell with 3, 19 or 63 small ones): with expected counts of 20 the true rate is 0.97 to 1.10
    of the nominal one from 1e-2 to 1e-5 and at most 1.7 at 1e-6 (33 seen, 20 expected); with 5 it is up to 1.5 times
    and with 63 small cells 4 times it at 1e-6. Pearson's statistic is not offered: 5 to 60 times in the same cases.

    Parameters
    ----------
    counts : ndarray, shape (k,), int64
        Number of draws of each state.
    law : ndarray, shape (k,), float64
        Probabilities of the same states.
    min_expected : float
        Cells are merged up to this expected count.
    inflation : float
        Variance of the counts over that of independent draws, c >= 1 (their integrated autocorrelation time).

    Returns
    -------
    GoodnessOfFit

    References
    ----------
    Williams, Biometrika 63, 33 (1976).
    """
    counts, law = _checked(counts, law)
    n_draws = counts.sum()
    if counts[law == 0.0].any():
        return GoodnessOfFit(np.inf, 1, 0.0)
    cells = merge_small_cells(law, n_draws / inflation, min_expected)
    observed = np.bincount(cells, weights=counts)
    p = np.bincount(cells, weights=law)
    if len(p) < 2:
        return GoodnessOfFit(0.0, 0, 1.0)
    ratio = np.divide(observed, n_draws * p, out=np.ones_like(p), where=observed > 0)
    q = 1.0 + (np.sum(1.0 / p) - 1.0) * inflation / (6.0 * n_draws * (len(p) - 1))
    statistic = float(2.0 * np.sum(observed * np.log(ratio)) / (q * inflation))
    return GoodnessOfFit(statistic, len(p) - 1, float(stats.chi2.sf(statistic, len(p) - 1)))


def _checked(counts, law):
    """Return both as arrays, or refuse them."""
    counts, law = np.asarray(counts), np.asarray(law, dtype=np.float64)
    if counts.shape != law.shape or counts.ndim != 1:
        raise InputError(
            f"Histogram and distribution must have one entry per state, not {counts.shape} and {law.shape}"
        )
    if counts.sum() <= 0 or counts.min() < 0:
        raise InputError("Histogram must hold at least one draw and no negative count")
    if law.min() < 0 or abs(law.sum() - 1.0) > 1e-9:
        raise InputError(f"Distribution must be 0 or more everywhere and sum to 1, not to {law.sum():.12g}")
    return counts, law
