"""Training of autoregressive networks by REINFORCE with a baseline, beta rising; free energies raw and reweighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.stats.importance import shares_of
from ...emulator.stats.reweighting import log_mean
from .fvsbn import Fvsbn
from .lost_modes import lost_modes

ADAM, SMALL = (0.9, 0.999), 1e-8  # Source: the published program; the paper's text says 0.9 and 0.99
CLIP = 1.0


@dataclass(frozen=True)
class VanPlan:
    """How a network is trained.

    Parameters
    ----------
    betas : tuple of float
        Rising inverse temperatures.
    n_steps : int
        Number of steps at each inverse temperature.
    batch : int
        States of a step.
    rate : float
        Step size of Adam.
    """

    betas: tuple[float, ...]
    n_steps: int = 100
    batch: int = 1000
    rate: float = 0.01

    def __post_init__(self):
        betas = np.asarray(self.betas, dtype=np.float64)
        if not betas.size or not betas[0] > 0 or np.any(np.diff(betas) <= 0):
            raise InputError(f"Betas must rise from above 0, not {self.betas}")
        if min(self.n_steps, self.batch) < 2 or not self.rate > 0:
            raise InputError("Steps and batch must be 2 or more, and the rate above 0")


class Adam:
    """Adam's running moments of one array of parameters, gradients clipped to a norm.

    Parameters
    ----------
    shape : tuple of int
        Shape of the parameters.
    """

    def __init__(self, shape):
        self._first, self._second, self._n_steps = np.zeros(shape), np.zeros(shape), 0

    def step(self, slope, rate):
        """Return what to take off the parameters."""
        slope = slope * min(1.0, CLIP / max(np.linalg.norm(slope), 1e-300))
        self._n_steps += 1
        self._first = ADAM[0] * self._first + (1.0 - ADAM[0]) * slope
        self._second = ADAM[1] * self._second + (1.0 - ADAM[1]) * slope**2
        size = np.sqrt(self._second / (1.0 - ADAM[1] ** self._n_steps)) + SMALL
        return rate * self._first / (1.0 - ADAM[0] ** self._n_steps) / size


def energies_of(couplings, spins):
    """Return E = -sum over pairs J s s of states; ndarray, shape (n_states,), float64."""
    spins = np.asarray(spins, dtype=np.float64)
    return -0.5 * np.einsum("si,si->s", spins @ couplings, spins)


def gradient(network, couplings, beta, spins):
    """Return the estimate of beta times the gradient of the variational free energy; ndarray, shape (n, n).

    .. math:: E_q[(R - <R>) grad ln q], R = beta E + ln q
    """
    fields = network.fields(spins)
    reward = beta * energies_of(couplings, spins) - np.logaddexp(0.0, -spins * fields).sum(axis=1)
    slope = 0.5 * (1.0 + spins) - 1.0 / (1.0 + np.exp(-fields))
    weighted = slope * (reward - reward.mean())[:, None]
    return np.tril(weighted.T @ spins.astype(np.float64) / (len(spins) - 1), -1)


def symmetric_couplings(couplings):
    """Return couplings as float64, and refuse what is not symmetric with an empty diagonal."""
    couplings = np.asarray(couplings, dtype=np.float64)
    n = len(couplings)
    if couplings.shape != (n, n) or not np.allclose(couplings, couplings.T) or np.any(couplings.diagonal()):
        raise InputError("Couplings must be symmetric with an empty diagonal")
    return couplings


def train_van(couplings, plan, seed):
    """Train a network along rising betas.

    Parameters
    ----------
    couplings : ndarray, shape (n, n), float64
        Coupling matrix J, symmetric with an empty diagonal.
    plan : VanPlan
        Sizes, steps and rates of the training.
    seed : int
        Seed of the states.

    Returns
    -------
    dict of float to Fvsbn
        The network at the end of each beta.
    """
    couplings = symmetric_couplings(couplings)
    n = len(couplings)
    weights, adam, step, found = np.zeros((n, n)), Adam((n, n)), 0, {}
    for beta in plan.betas:
        for _ in range(plan.n_steps):
            step += 1
            network = Fvsbn(weights)
            slope = gradient(network, couplings, beta, network.sample(plan.batch, [seed, step]))
            weights = weights - adam.step(slope, plan.rate)
        found[float(beta)] = Fvsbn(weights)
    return found


@dataclass(frozen=True)
class FreeEnergy:
    """Estimates of a free energy per spin from states of a network.

    Parameters
    ----------
    variational : float
        F_q / N, an upper bound on average.
    reweighted : float
        -ln(mean w) / (beta N), w = exp(-beta E) / q.
    energy, heat_capacity : float
        E / N and C_v / N with the weights w.
    effective : float
        Effective share of the states, (sum w)^2 / (n sum w^2).
    error : float
        Standard error of the reweighted one; it holds what the network may never draw, and is infinite where that, or
        the tail of the weights, cannot be told.
    naive_error : float
        Standard error of the weights that were seen: too small where rare heavy ones were not.
    pareto_k : float
        Shape of the weights' tail; above 0.7 it is too heavy.
    faults : tuple of str
        What is wrong with the weights, empty if nothing is.
    """

    variational: float
    reweighted: float
    energy: float
    heat_capacity: float
    effective: float
    error: float
    naive_error: float
    pareto_k: float
    faults: tuple[str, ...]


def variational(couplings, beta, spins, log_q):
    """Return F_q / N of states and their log-probabilities, whoever drew them; float."""
    return float((beta * energies_of(couplings, spins) + log_q).mean() / (beta * spins.shape[1]))


def free_energy(couplings, beta, spins, log_q, log_q_of=None):
    """Return `FreeEnergy` of states and their log-probabilities, whoever drew them.

    The states are held against those of parallel tempering, see `lost_modes.lost_modes`: a network that has lost a part
    of the distribution has weights that are alike, and an error bar that knows nothing of it.

    Parameters
    ----------
    couplings : ndarray, shape (n, n), float64
        Coupling matrix J, symmetric with an empty diagonal.
    beta : float
        Inverse temperature.
    spins : ndarray, shape (n_states, n), int8
        Independent states.
    log_q : ndarray, shape (n_states,), float64
        ln of the probability by which each was drawn.
    log_q_of : callable, optional
        Returns ln q of any states: the sharper check. Absent, valleys are compared.
    """
    n, energies = spins.shape[1], energies_of(couplings, spins)
    logs = -beta * energies - log_q
    share = shares_of(logs)
    mean = float(share @ energies)
    weight = log_mean(logs, lost_modes(couplings, beta, spins, logs, log_q_of))
    return FreeEnergy(
        variational(couplings, beta, spins, log_q),
        -weight.value / (beta * n),
        mean / n,
        float(beta**2 * (share @ (energies - mean) ** 2) / n),
        weight.effective,
        weight.error / (beta * n),
        weight.naive / (beta * n),
        weight.pareto_k,
        weight.faults,
    )


def enumerated_free_energy(network, couplings, beta):
    """Return F_q / N over all states, and the sum of q; (float, float)."""
    states, log_q = network.enumerated()
    q = np.exp(log_q)
    return float(q @ (beta * energies_of(couplings, states) + log_q) / (beta * network.n_spins)), float(q.sum())
