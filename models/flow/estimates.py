"""What drawn points say of a potential: reweighted free energies, effective size, and the heaviest weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from ...emulator.spec.errors import InputError
from ...emulator.stats.importance import effective_share, shares_of
from ...emulator.stats.reweighting import LARGEST_K, pareto_k

N_BLOCKS = 20


@dataclass(frozen=True)
class Estimate:
    """Reweighted figures.

    Parameters
    ----------
    log_z, log_z_error : float
        ln of the mean weight, and its standard error over blocks; infinite where the weights do not tell it: a tail
        that is too heavy, or a state of the system without points.
    difference, difference_error : float
        Free energy of the far state less that of the near one, over T.
    effective : float
        Effective share, (sum w)^2 / (n sum w^2).
    heaviest : float
        Largest weight over the sum of all.
    raw_far : float
        Share of points in the far state before reweighting.
    pareto_k : float
        Shape of the weights' tail, see `emulator.stats.reweighting`.
    faults : tuple of str
        Why there is no error, empty if there is one.
    """

    log_z: float
    log_z_error: float
    difference: float
    difference_error: float
    effective: float
    heaviest: float
    raw_far: float
    pareto_k: float
    faults: tuple[str, ...]


def estimate(system, x, log_q, temperature=1.0):
    """Return the estimate of points and the logarithms of the density that drew them.

    Parameters
    ----------
    system : Potential
        Potential energy U.
    x : ndarray, shape (n, d), float64
        Points, one a row.
    log_q : ndarray, shape (n,), float64
        ln of the density by which each was drawn.
    temperature : float
        Temperature.
    """
    x, log_q = np.asarray(x, dtype=np.float64), np.asarray(log_q, dtype=np.float64)
    if len(x) < 10 * N_BLOCKS or log_q.shape != (len(x),):
        raise InputError(
            f"Points must be {10 * N_BLOCKS} or more, each with its density, not {len(x)} and {log_q.shape}"
        )
    logs = -system.energy(x) / temperature - log_q
    logs = np.where(np.isfinite(logs), logs, -np.inf)
    top = logs.max()
    weight, share, far = np.exp(logs - top), shares_of(logs), system.is_far(x)
    blocks = [_figures(weight[k::N_BLOCKS], far[k::N_BLOCKS], top) for k in range(N_BLOCKS)]
    log_z, difference = _figures(weight, far, top)
    with np.errstate(invalid="ignore"):  # a block without a point of one state has no difference, and so no error
        errors = np.std(blocks, axis=0) / np.sqrt(N_BLOCKS - 1)
    shape, faults = pareto_k(logs), []
    if not shape <= LARGEST_K:
        faults.append(f"the tail of the weights is too heavy: Pareto's k is {shape:.2g}, above {LARGEST_K:g}")
    fewest = int(min(far.sum(), (~far).sum()))
    if fewest < N_BLOCKS:
        faults.append(f"only {fewest} of {len(x)} points lie in one of the system's states")
    if faults:
        errors = np.full(2, np.inf)
    return Estimate(
        log_z,
        float(errors[0]),
        difference,
        float(errors[1]),
        effective_share(share),
        float(share.max()),
        float(far.mean()),
        shape,
        tuple(faults),
    )


def _figures(weight, far, top):
    with np.errstate(divide="ignore", invalid="ignore"):  # infinite, or no number, where a state has no weight
        return float(np.log(weight.mean()) + top), float(np.log(weight[~far].sum()) - np.log(weight[far].sum()))


def bennett_log_z(logs_drawn, logs_data):
    """Return ln Z by Bennett's acceptance ratio from points of the flow and points of the target.

    Useful where few of the flow's points count: data of the target tell how much of it the flow covers. Source: Shirts
    et al., Phys. Rev. Lett. 91, 140601 (2003).

    Parameters
    ----------
    logs_drawn : ndarray, shape (n,), float64
        -U / T - ln q of points that the flow drew; -inf outside the target's support.
    logs_data : ndarray, shape (m,), float64
        The same of independent points of the target.

    Returns
    -------
    float

    >>> x, y = np.random.default_rng(1).standard_normal((2, 100000))
    >>> wide = lambda x: 0.5 * np.log(2 * np.pi) + np.log(2.0) - x**2 / 2 + x**2 / 8  # exp(-x^2 / 2) / N(0, 2)
    >>> round(float(bennett_log_z(wide(2 * x), wide(y)) - wide(0.0) + np.log(2.0)), 2) == 0.0
    True
    """
    if not np.isfinite(logs_drawn).any() or not np.isfinite(logs_data).all():
        raise InputError("Some of the flow's points must lie in the target's support, and all of the data")
    odds = np.log(len(logs_drawn) / len(logs_data))

    def excess(log_z):
        return expit(logs_drawn - log_z - odds).sum() - expit(odds + log_z - logs_data).sum()

    seen = np.concatenate([logs_drawn[np.isfinite(logs_drawn)], logs_data])
    reach = abs(odds) + np.log(len(seen)) + 1.0
    return float(brentq(excess, seen.min() - reach, seen.max() + reach))


def profile(system, x, log_q, edges, temperature=1.0):
    """Return the free energy along the system's coordinate over T, its standard error, both of the bins; lowest is 0.

    Parameters
    ----------
    system, x, log_q, temperature
        Same meaning as in `estimate`.
    edges : ndarray, shape (n_bins + 1,), float64
        Edges of the bins.
    """
    logs = -system.energy(x) / temperature - log_q
    weight = np.exp(logs - logs.max())
    place = system.coordinate(x)
    whole, _ = np.histogram(place, edges, weights=weight)
    parts = np.stack([np.histogram(place[k::N_BLOCKS], edges, weights=weight[k::N_BLOCKS])[0] for k in range(N_BLOCKS)])
    with np.errstate(divide="ignore", invalid="ignore"):
        energy = -np.log(whole)
        error = parts.std(axis=0, ddof=1) / np.sqrt(N_BLOCKS) / parts.mean(axis=0)
    return energy - energy.min(), error


def exact_profile(system, edges, temperature=1.0):
    """Return the same along the first coordinate of a double well by quadrature, at the same bins."""
    fine = np.linspace(edges[0], edges[-1], 50 * (len(edges) - 1) + 1)
    middle = 0.5 * (fine[1:] + fine[:-1])
    points = np.zeros((middle.size, 2))
    points[:, system.axis] = middle
    # The other coordinate is harmonic and independent, so it adds the same to every bin.
    weight = np.exp(-(system.energy(points) - system.energy(points).min()) / temperature)
    energy = -np.log(weight.reshape(len(edges) - 1, -1).sum(axis=1))
    return energy - energy.min()
