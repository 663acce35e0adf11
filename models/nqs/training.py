"""Variational Monte Carlo: stochastic reconfiguration of a network, sampled by p-bits or by Metropolis moves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg

from ...emulator.spec.errors import InputError
from .local_energy import local_energies
from .monitor import mixing_of
from .sampling import Plan, draw_gibbs, draw_metropolis

SAMPLERS = ("gibbs", "metropolis")


@dataclass(frozen=True)
class TrainingPlan:
    """How a network is trained.

    Parameters
    ----------
    n_iterations : int
        Number of training steps.
    rate : float
        Step along the reconfigured gradient, for energies in sigma.sigma.
    n_chains, n_records : int
        Numbers of chains and of records of each step.
    burn_in : int
        Sweeps of the first step; later ones go on from the last states with a tenth.
    shift_first, shift_decay, shift_least : float
        Diagonal of the covariance is multiplied by 1 + max(first decay^step, least).
    ridge : float
        Added to the diagonal, so that flat directions do not run away.
    penalty : float
        L2: the gradient of penalty |w|^2 / 2 is added.
    sampler : {"gibbs", "metropolis"}
        Sampler of the states.

    References
    ----------
    Carleo and Troyer, Science 355, 602 (2017), supplement: shifts of 100, 0.9 and 1e-4.
    """

    n_iterations: int = 300
    rate: float = 0.05
    n_chains: int = 20
    n_records: int = 100
    burn_in: int = 100
    shift_first: float = 100.0
    shift_decay: float = 0.9
    shift_least: float = 1e-4
    ridge: float = 1e-3
    penalty: float = 0.0
    sampler: str = "gibbs"

    def __post_init__(self):
        if self.sampler not in SAMPLERS:
            raise InputError(f"Sampler must be one of {', '.join(SAMPLERS)}, not {self.sampler!r}")
        if min(self.n_iterations, self.n_chains, self.n_records) < 1 or not self.rate > 0:
            raise InputError("Iterations, chains, records and rate must be above 0")


@dataclass(frozen=True, eq=False)
class Training:
    """What training left.

    Parameters
    ----------
    rbm : SymmetricRbm
        The network.
    energies : ndarray, shape (n_iterations,), float64
        Energy per site of each step, in the model's units.
    mixing : Mixing
        Mixing of the last step's chains.
    """

    rbm: object
    energies: np.ndarray
    mixing: object


def train(model, rbm, plan, seed):
    """Lower the energy of a network by stochastic reconfiguration.

    Parameters
    ----------
    model : TransverseIsing or Heisenberg
        The Hamiltonian.
    rbm : SymmetricRbm
        Network to begin with.
    plan : TrainingPlan
        Sizes, steps and rates of the training.
    seed : int
        Reproduces the chains.

    Returns
    -------
    Training

    Raises
    ------
    InputError
        If weights run away.
    SpinchipError
        If a chain freezes off zero magnetisation.
    """
    spins, energies, local = None, np.empty(plan.n_iterations), None
    for step in range(plan.n_iterations):
        drawn = drawn_for(model, rbm, plan, (seed, step), spins)
        spins = drawn.spins[:, -1]
        local = local_energies(model, rbm, drawn.flat)
        energies[step] = local.mean() * model.unit / rbm.lattice.n_sites
        if step + 1 < plan.n_iterations:
            rbm = rbm.with_parameters(rbm.parameters - plan.rate * _direction(rbm, drawn.flat, local, plan, step))
    mixing = mixing_of(local.reshape(drawn.spins.shape[:2]), drawn.spins)
    return Training(rbm, energies, mixing)


def drawn_for(model, rbm, plan, seeds, initial):
    """Return the states of one step; ``seeds`` is (seed, number of the step)."""
    burn_in = plan.burn_in if initial is None else max(1, plan.burn_in // 10)
    sampled = Plan(plan.n_chains, plan.n_records, burn_in, model.conserves_magnetisation, on_frozen="ignore")
    seed = int(np.random.SeedSequence(seeds).generate_state(1)[0])
    draw = draw_gibbs if plan.sampler == "gibbs" else draw_metropolis
    return draw(rbm, sampled, seed, initial=initial)


def measure(model, rbm, plan, seed, sampler="gibbs"):
    """Return the energy per site of a network in the model's units, its standard error, and the `Mixing` of its chains.

    Parameters
    ----------
    model, rbm
        Hamiltonian and network to measure.
    plan : Plan
        Length of the run.
    seed : int
        Reproduces the chains.
    sampler : {"gibbs", "metropolis"}
        Sampler of the states.
    """
    plan = replace(plan, on_frozen="ignore")  # the monitor returned says it
    drawn = (draw_gibbs if sampler == "gibbs" else draw_metropolis)(rbm, plan, seed)
    local = local_energies(model, rbm, drawn.flat).reshape(drawn.spins.shape[:2])
    found, scale = mixing_of(local, drawn.spins), model.unit / rbm.lattice.n_sites
    return found.energy * scale, found.error * scale, found


def _direction(rbm, spins, local, plan, step):
    """Return the reconfigured gradient; shape (n_parameters,)."""
    slopes = rbm.log_derivatives(spins)
    slopes = slopes - slopes.mean(axis=0)
    force = slopes.T @ (local - local.mean()) / len(spins) + plan.penalty * rbm.parameters
    covariance = slopes.T @ slopes / len(spins)
    shift = max(plan.shift_first * plan.shift_decay**step, plan.shift_least)
    diagonal = covariance.diagonal()
    covariance[np.diag_indices_from(covariance)] = diagonal * (1.0 + shift) + plan.ridge
    return linalg.solve(covariance, force, assume_a="pos")
