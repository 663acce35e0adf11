"""Inverse Ising by an autoregressive network: couplings from correlations, beside the mean-field formulas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...calibration.inverse_ising.infer import infer_from_moments, moments_of_law
from ...calibration.inverse_ising.mean_field import MOMENT_METHODS
from ...emulator.oracle.enumeration import boltzmann_law
from ...emulator.spec.errors import InputError
from ...emulator.spec.instance import IsingInstance
from ...emulator.stats.importance import effective_share, shares_of
from .fvsbn import Fvsbn
from .training import Adam, energies_of, gradient

LARGEST_DISTANCE = 1e9
LAST_RATE = 1.0 / 30.0  # of the couplings, over the first
FORMULAS = tuple(MOMENT_METHODS)


@dataclass(frozen=True)
class InversePlan:
    """How couplings are found.

    Parameters
    ----------
    n_outer : int
        Steps of the couplings.
    n_inner : int
        Steps of the network before each.
    batch : int
        States of an inner step.
    n_states : int
        States that a step of the couplings sees, reweighted.
    rate, inner_rate : float
        Learning rates of the Adam optimiser; that of the couplings falls to a thirtieth along a cosine.
    """

    n_outer: int = 600
    n_inner: int = 5
    batch: int = 1000
    n_states: int = 20_000
    rate: float = 0.01
    inner_rate: float = 0.01

    def __post_init__(self):
        if min(self.n_outer, self.n_inner, self.batch, self.n_states) < 2 or not min(self.rate, self.inner_rate) > 0:
            raise InputError("Steps, batch and states must be 2 or more, and rates above 0")


@dataclass(frozen=True, eq=False)
class Inferred:
    """What was found.

    Parameters
    ----------
    couplings : ndarray, shape (n, n), float64
        beta J, mean over the last third of the steps.
    network : Fvsbn
        Network at the last step.
    effective : float
        Effective share of the last step's states.
    """

    couplings: np.ndarray
    network: Fvsbn
    effective: float


def exact_correlations(couplings):
    """Return <s_i s_j> of a model without fields, beta J given, by enumeration; ndarray, shape (n, n), float64."""
    instance = IsingInstance(couplings, np.zeros(len(couplings)), name="without fields")
    return moments_of_law(boltzmann_law(instance, 1.0))[1]


def infer_couplings(correlations, plan, seed):
    """Return couplings whose correlations are the given ones, magnetisations being 0.

    The network follows the model while the model moves: a few steps of REINFORCE, then one step of the couplings along
    the difference of correlations. Those of the model are reweighted by exp(-E) / q, so an imperfect network costs
    states, not truth.

    Parameters
    ----------
    correlations : ndarray, shape (n, n), float64
        <s_i s_j>, ones on the diagonal.
    plan : InversePlan
        Sizes, steps and rates of the training.
    seed : int
        Seed of the states.

    Returns
    -------
    Inferred
    """
    target = _checked(correlations)
    n = len(target)
    couplings, weights = np.zeros((n, n)), np.zeros((n, n))
    outer, inner = Adam((n, n)), Adam((n, n))
    total, n_kept, effective = np.zeros((n, n)), 0, 1.0
    for step in range(plan.n_outer):
        for k in range(plan.n_inner):
            network = Fvsbn(weights)
            slope = gradient(network, couplings, 1.0, network.sample(plan.batch, [seed, step, k]))
            weights = weights - inner.step(slope, plan.inner_rate)
        network = Fvsbn(weights)
        spins = network.sample(plan.n_states, [seed, step, plan.n_inner])
        logs = -energies_of(couplings, spins) - network.log_probabilities(spins)
        share = shares_of(logs)
        effective = effective_share(share)
        model = (spins * share[:, None]).T @ spins
        slope = np.where(np.eye(n, dtype=bool), 0.0, model - target)
        fall = np.cos(0.5 * np.pi * step / plan.n_outer)
        couplings = couplings - outer.step(slope, plan.rate * (LAST_RATE + (1.0 - LAST_RATE) * fall))
        if step >= 2 * plan.n_outer // 3:
            total, n_kept = total + couplings, n_kept + 1
    return Inferred(total / n_kept, Fvsbn(weights), effective)


def mean_field_distances(correlations, exact, beta):
    """Return the distance of each mean-field formula from J, dict of str to float; huge where it has no answer."""
    found = {}
    for name in FORMULAS:
        try:
            inferred = infer_from_moments(np.zeros(len(exact)), correlations, name)
            found[name] = inferred.distance(beta * exact) / beta
        except InputError:
            found[name] = LARGEST_DISTANCE
    return found


def _checked(correlations):
    found = np.asarray(correlations, dtype=np.float64)
    if found.ndim != 2 or found.shape[0] != found.shape[1] or len(found) < 2:
        raise InputError(f"Correlations must be a square matrix of 2 spins or more, not of shape {found.shape}")
    if not np.allclose(found, found.T) or not np.allclose(found.diagonal(), 1.0):
        raise InputError("Correlations must be symmetric with ones on the diagonal")
    off = found[~np.eye(len(found), dtype=bool)]
    if not np.abs(off).max() < 1.0:
        raise InputError(f"Correlations must lie between -1 and 1, not reach {np.abs(off).max():g}")
    return found
