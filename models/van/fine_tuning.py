"""Training with the hardware in the loop: its own states and inputs, after quantisation, drift or a wrong slope."""

from __future__ import annotations

import numpy as np

from .directed_pbits import draw_directed
from .fvsbn import Fvsbn
from .training import Adam, energies_of, symmetric_couplings, variational


def fine_tune(network, hardware, couplings, beta, plan, seed):
    """Return the network whose weights, programmed into the hardware, lower the hardware's free energy.

    Every step programs the weights anew and draws states there. The gradient is taken at the inputs that the p-bits
    really had and goes straight through rounding to the weights on paper, which therefore learn what rounding, drift
    and slopes will do to them.

    Parameters
    ----------
    network : Fvsbn
        Network to begin with.
    hardware : DirectedHardware
        What it is programmed into.
    couplings : ndarray, shape (n, n), float64
        Coupling matrix J, symmetric with an empty diagonal.
    beta : float
        Inverse temperature.
    plan : VanPlan
        Steps, batch and rate; its betas are not used.
    seed : int
        Seed of programming and draws.

    Returns
    -------
    Fvsbn
    """
    couplings = symmetric_couplings(couplings)
    weights, adam = network.weights.copy(), Adam(network.weights.shape)
    for step in range(plan.n_steps):
        drawn = draw_directed(Fvsbn(weights), hardware, plan.batch, seed + step)
        reward = beta * energies_of(couplings, drawn.spins) + drawn.realised
        slope = 0.5 * (1.0 + drawn.spins) - 1.0 / (1.0 + np.exp(-drawn.fields))
        weighted = slope * (reward - reward.mean())[:, None]
        gradient = np.tril(weighted.T @ drawn.spins.astype(np.float64) / (plan.batch - 1), -1)
        weights = weights - adam.step(gradient, plan.rate * (1.0 - step / plan.n_steps))
    return Fvsbn(weights)


def hardware_free_energy(network, hardware, couplings, beta, n_states, seeds):
    """Return F / N of states drawn on hardware with their realised probabilities, mean over machines; float."""
    found = []
    for seed in seeds:
        drawn = draw_directed(network, hardware, n_states, seed)
        found.append(variational(couplings, beta, drawn.spins, drawn.realised))
    return float(np.mean(found))
