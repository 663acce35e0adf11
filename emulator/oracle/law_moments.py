"""Moments of any distribution over the states of an instance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .states import energies_of_states

LARGE = 1e150  # squares of larger numbers are beyond float64


@dataclass(frozen=True, eq=False)
class LawMoments:
    """Moments of one distribution.

    Parameters
    ----------
    mean_energy, energy_variance : float
        Mean and variance of E(s) of the instance that was given.
    magnetization : float
        Mean spin, averaged over the spins.
    spin_means : ndarray, shape (n,), float64
        Mean of each spin.
    edge_means : ndarray, shape (n_couplings,), float64
        Mean of s_i s_j, in the order of ``instance.edges``.
    """

    mean_energy: float
    energy_variance: float
    magnetization: float
    spin_means: np.ndarray
    edge_means: np.ndarray


def product_means(law):
    r"""Return the mean of every product of spins: the Walsh-Hadamard transform of the distribution.

    Parameters
    ----------
    law : ndarray, shape (2**n,), float64
        Probability of each state, numbered as in `states`.

    Returns
    -------
    ndarray, shape (2**n,), float64
        Entry k is :math:`\langle \prod_{i \in k} s_i \rangle` over the set bits i of k.

    >>> product_means(np.array([0.0, 0.25, 0.0, 0.75]))
    array([1. , 1. , 0.5, 0.5])
    """
    means = np.array(law, dtype=np.float64)
    for i in range(means.size.bit_length() - 1):
        pairs = means.reshape(-1, 2, 1 << i)
        down, up = pairs[:, 0].copy(), pairs[:, 1].copy()
        pairs[:, 0], pairs[:, 1] = down + up, up - down
    return means


def law_moments(law, instance):
    """Return the moments of a distribution.

    Parameters
    ----------
    law : ndarray, shape (2**n,), float64
        Probability of each state: a Boltzmann distribution, a chain's stationary distribution, or a histogram of
        samples.
    instance : IsingInstance
        Gives energies and edges.

    Returns
    -------
    LawMoments
    """
    energies = energies_of_states(instance.couplings.toarray(), instance.biases)
    products = product_means(law)
    mean_energy = float(law @ energies)  # the offset comes last: a large one would cost digits of the variance
    ends = np.int64(1) << instance.edges
    spin_means = products[np.int64(1) << np.arange(instance.n_spins)]
    return LawMoments(
        mean_energy=instance.with_offset(mean_energy),
        energy_variance=variance(law, energies),
        magnetization=float(spin_means.mean()),
        spin_means=spin_means,
        edge_means=products[ends[:, 0] | ends[:, 1]],
    )


def variance(law, energies):
    """Return the variance of energies, shape (2**n,), under a distribution; infinite beyond float64, 0 if all equal."""
    mean = float(law @ energies)
    largest = float(np.abs(energies).max())
    if largest < LARGE or not np.isfinite(largest):
        return float(law @ (energies - mean) ** 2)
    with np.errstate(over="ignore", under="ignore"):
        return float(largest * (np.float64(largest) * (law @ (energies / largest - mean / largest) ** 2)))
