"""Retraining with the crossbar in the loop: devices stay as they are, gains and biases behind the converters learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .crossbar_inference import NetworkCrossbar, amplitudes
from .hamiltonian import exact_ground_state, spins_of_states

STEP = 0.05  # of imaginary time, in units of 1 / J
RIDGE = 1e-2  # of the mean variance of a derivative, added to the covariance


@dataclass(frozen=True, eq=False)
class Retrained:
    """What the loop left.

    Parameters
    ----------
    gains, biases : ndarray, shape (alpha n,), float64
        Gains and biases of the hidden units: theta = gain times what the crossbar gives, plus bias.
    errors : ndarray, shape (n_iterations + 1,), float64
        Relative error of the energy by fresh reads, before every step and after the last.
    overlaps : ndarray, shape (n_iterations + 1,), float64
        Squared overlap with the exact ground state.
    """

    gains: np.ndarray
    biases: np.ndarray
    errors: np.ndarray
    overlaps: np.ndarray


def retrain(model, rbm, read, seed, n_iterations=60):
    """Lower the energy of the state that a crossbar gives, by steps of stochastic reconfiguration over all states.

    The weights are programmed once. Every step reads the crossbar anew, so its noise is in the energies and in the
    derivatives, which need nothing of the devices: they are tanh theta, and tanh theta times the product.

    Parameters
    ----------
    model, rbm, read, seed
        Same meaning as in `crossbar_inference.analog_state`.
    n_iterations : int
        Number of training steps.

    Returns
    -------
    Retrained
    """
    states, matrix = spins_of_states(model), model.matrix()
    exact, ground = exact_ground_state(model)
    crossbar = NetworkCrossbar(rbm, states, read, seed)
    biases = rbm.hidden_biases().copy()
    gains, errors, overlaps = np.ones_like(biases), [], []
    for step in range(n_iterations + 1):
        products = crossbar.products(states, seed + 1 + step)
        theta = gains * products + biases
        psi = amplitudes(theta, rbm.gamma)
        moved = matrix @ psi
        energy = float(psi @ moved)
        errors.append(1.0 - energy / exact)
        overlaps.append(float((psi @ ground) ** 2))
        if step == n_iterations:
            break
        turned = rbm.gamma * np.tanh(theta)
        slopes = np.concatenate([turned * products, turned], axis=1)
        slopes -= psi**2 @ slopes
        force = slopes.T @ (psi * moved - energy * psi**2)
        covariance = (slopes * psi[:, None] ** 2).T @ slopes
        covariance[np.diag_indices_from(covariance)] += RIDGE * covariance.diagonal().mean()
        change = STEP * linalg.solve(covariance, force, assume_a="pos")
        gains, biases = gains - change[: gains.size], biases - change[gains.size :]
    return Retrained(gains, biases, np.array(errors), np.array(overlaps))
