"""The inverse temperature at which ideal p-bits would do most nearly what the sampler did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats
from scipy.special import expit

from .autocorrelation import integrated_time
from .scale import near_one

LEVEL = 0.95
LARGEST_EXPONENT = 60.0  # 2 beta |field| at the search's end: sigma(60) = 1 - 9e-27, no bit ever disagrees there


@dataclass(frozen=True)
class BetaInterval:
    """Effective inverse temperature: best estimate and the ends of its interval (95 % by default)."""

    low: float
    best: float
    high: float


def beta_from_conditionals(conditionals, level=LEVEL):
    r"""Estimate beta from reconstructed updates.

    The likelihood of the drawn bits given the fields that they saw is maximised; it factorises over updates, so its
    score is a martingale and the interval needs no autocorrelation time:

    .. math:: \hat\beta \pm \frac{z}{\sqrt{\sum 4 I^2 \sigma(1 - \sigma)}}, \qquad \sigma = \sigma(2 \hat\beta I)

    I is the field word's value, so rounding and saturation of fields belong to the design; the rounding of thresholds
    counts as a shift of beta.

    Parameters
    ----------
    conditionals : Conditionals
        Conditionals of any program; a schedule with several betas gives their weighted mean.
    level : float
        Coverage of the interval.

    Returns
    -------
    BetaInterval or None
        None if no update saw a field other than 0, none disagreed with its field, or beta is beyond float64.
    """
    spec = conditionals.program.spec
    by_index = conditionals.counts.sum(axis=(0, 1))[conditionals.words & (spec.n_table_entries - 1)]
    n_drawn, n_up = by_index.sum(axis=1), by_index[:, 1]
    fields, exponent = near_one(spec.field.values(conditionals.words))
    best = _largest_likelihood(fields, n_drawn, n_up)
    if best is None:
        return None
    p = expit(2.0 * best * fields)
    information = np.sum(n_drawn * 4.0 * fields**2 * p * (1.0 - p))
    return _interval(best, 1.0 / np.sqrt(information) if information > 0.0 else np.inf, level, exponent)


def beta_from_states(instance, spins, level=LEVEL, min_length=50.0):
    """Estimate beta from recorded states by maximal pseudo-likelihood.

    The score of one state, sum of I (s - tanh(beta I)) over its spins, has mean zero under exp(-beta E). Its
    variance is measured, correlation between spins included, and widened by the integrated autocorrelation time
    along the chain (Godambe's interval).

    Parameters
    ----------
    instance : IsingInstance
        Couplings and biases that the sampler used (the quantised ones).
    spins : ndarray, shape (n_chains, n_draws, n), int8
        States in equilibrium; a single draw of each chain counts as independent.
    level : float
        Coverage of the interval.
    min_length : float
        Draws that each chain must have per tau; see `integrated_time`.

    Returns
    -------
    BetaInterval or None
        None if the states carry no information, see `beta_from_conditionals`.

    References
    ----------
    Besag, J. R. Stat. Soc. D 24, 179 (1975); Godambe, Ann. Math. Stat. 31, 1208 (1960).
    """
    fields, exponent = near_one(instance.local_fields(spins))
    best = _largest_likelihood(fields.ravel(), np.ones(fields.size), (np.asarray(spins) > 0).ravel())
    if best is None:
        return None
    means = np.tanh(best * fields)
    scores = np.sum(fields * (spins - means), axis=2)
    information = np.sum(fields**2 * (1.0 - means**2))
    tau = integrated_time(scores, min_length=min_length) if scores.shape[1] > 1 else 1.0
    if not information > 0.0:
        return None
    return _interval(best, np.sqrt(np.var(scores) * max(tau, 1.0) * scores.size) / information, level, exponent)


def _largest_likelihood(fields, n_drawn, n_up):
    """Return the beta of the largest likelihood of bits in given fields, or None if there is none."""
    scale = np.abs(fields[n_drawn > 0]).max(initial=0.0)
    if scale == 0.0:
        return None
    n_down, bound = n_drawn - n_up, LARGEST_EXPONENT / (2.0 * scale)

    def score(beta):
        # n_up - n sigma, written so that large exponents do not cancel
        return np.sum(fields * (n_up * expit(-2.0 * beta * fields) - n_down * expit(2.0 * beta * fields)))

    if score(-bound) <= 0.0 or score(bound) >= 0.0:
        return None
    return optimize.brentq(score, -bound, bound, xtol=1e-12 * bound)


def _interval(best, sigma, level, exponent):
    """Return the interval of beta from that for fields times 2^-exponent; None where an end is beyond float64."""
    half = stats.norm.isf(0.5 * (1.0 - level)) * sigma
    with np.errstate(over="ignore"):
        ends = np.ldexp(np.array([best - half, best, best + half]), -exponent)
    return BetaInterval(*ends.tolist()) if np.isfinite(ends).all() else None
