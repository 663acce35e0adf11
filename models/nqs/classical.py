"""The classical Heisenberg magnet: unit vectors, heat bath and overrelaxation on a periodic lattice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from ...emulator.spec.errors import InputError


@dataclass(frozen=True, eq=False)
class ClassicalRun:
    """What a simulation measured.

    Parameters
    ----------
    energies : ndarray, shape (n_records,), float64
        Energy per site, in units of J.
    staggered : ndarray, shape (n_records,), float64
        Length of the staggered magnetisation per site.
    spins : ndarray, shape (n, 3), float64
        Unit vectors of the last state.
    """

    energies: np.ndarray
    staggered: np.ndarray
    spins: np.ndarray


def simulate(lattice, beta, n_records, seed, n_over=4, burn_in=500):
    r"""Sample H = sum over bonds of S_i . S_j with unit vectors, antiferromagnetic.

    A step is one heat-bath sweep, which draws the cosine to the local field from its exact distribution, and ``n_over``
    sweeps of rotations by pi about that field, which keep the energy.

    Parameters
    ----------
    lattice : Lattice
        Sides must be even.
    beta : float
        J / T, above 0.
    n_records, burn_in : int
        Steps that are recorded, and those before.
    seed : int
        Seed of the start and the draws.
    n_over : int
        Overrelaxation sweeps a step.

    Returns
    -------
    ClassicalRun

    References
    ----------
    Miyatake et al., J. Phys. C 19, 2539 (1986) (heat bath); Creutz, Phys. Rev. D 36, 515 (1987) (overrelaxation).
    """
    if not (np.isfinite(beta) and beta > 0):
        raise InputError(f"Inverse temperature must be above 0, not {beta!r}")
    rng = np.random.default_rng(seed)
    spins = rng.standard_normal((lattice.n_sites, 3))
    spins /= np.linalg.norm(spins, axis=1)[:, None]
    energies, staggered = np.empty(n_records), np.empty(n_records)
    signs = lattice.sublattice.astype(np.float64)
    order = np.argsort(-signs, kind="stable")
    neighbors = _neighbors(lattice)
    for k in range(-burn_in, n_records):
        heat_bath(spins, neighbors, order, beta, rng.random((lattice.n_sites, 2)))
        for _ in range(n_over):
            overrelax(spins, neighbors, order)
        if k >= 0:
            energies[k] = energy_per_site(spins, neighbors)
            staggered[k] = np.linalg.norm((signs[:, None] * spins).mean(axis=0))
    return ClassicalRun(energies, staggered, spins)


def energy_per_site(spins, neighbors):
    """Return the energy per site in units of J."""
    return float(0.5 * (spins[neighbors].sum(axis=1) * spins).sum() / len(spins))


def chain_energy(beta):
    r"""Return the energy per site of the long chain, 1 / beta - coth(beta).

    References
    ----------
    Fisher, Am. J. Phys. 32, 343 (1964).
    """
    return 1.0 / beta - 1.0 / math.tanh(beta)


def _neighbors(lattice):
    """Return the neighbours of each site; ndarray, shape (n, 2 n_dims), int64."""
    n, bonds = lattice.n_sites, lattice.bonds
    ends = np.concatenate([bonds, bonds[:, ::-1]])
    return ends[np.argsort(ends[:, 0], kind="stable"), 1].reshape(n, -1)


@njit(cache=True)
def _field(spins, neighbors, i):
    x = y = z = 0.0
    for j in neighbors[i]:
        x -= spins[j, 0]
        y -= spins[j, 1]
        z -= spins[j, 2]
    return x, y, z, math.sqrt(x * x + y * y + z * z)


@njit(cache=True)
def heat_bath(spins, neighbors, order, beta, draws):
    """Draw every spin anew given its neighbours: p(c) ~ exp(beta |field| c) for the cosine c, any azimuth."""
    for i in order:
        x, y, z, size = _field(spins, neighbors, i)
        k = beta * size
        u = draws[i, 0]
        cosine = 1.0 + math.log(u + (1.0 - u) * math.exp(-2.0 * k)) / k if k > 1e-9 else 2.0 * u - 1.0
        cosine = min(1.0, max(-1.0, cosine))
        sine, azimuth = math.sqrt(1.0 - cosine * cosine), 2.0 * math.pi * draws[i, 1]
        if size < 1e-12:
            x, y, z, size = 0.0, 0.0, 1.0, 1.0
        x, y, z = x / size, y / size, z / size
        # Two vectors across the field; the axis least along it gives the first.
        if abs(z) < 0.9:
            norm = math.sqrt(x * x + y * y)
            ax, ay, az = -y / norm, x / norm, 0.0
        else:
            norm = math.sqrt(y * y + z * z)
            ax, ay, az = 0.0, -z / norm, y / norm
        bx, by, bz = y * az - z * ay, z * ax - x * az, x * ay - y * ax
        first, second = sine * math.cos(azimuth), sine * math.sin(azimuth)
        spins[i, 0] = cosine * x + first * ax + second * bx
        spins[i, 1] = cosine * y + first * ay + second * by
        spins[i, 2] = cosine * z + first * az + second * bz


@njit(cache=True)
def overrelax(spins, neighbors, order):
    """Turn every spin by pi about its local field."""
    for i in order:
        x, y, z, size = _field(spins, neighbors, i)
        if size < 1e-12:
            continue
        twice = 2.0 * (spins[i, 0] * x + spins[i, 1] * y + spins[i, 2] * z) / (size * size)
        spins[i, 0] = twice * x - spins[i, 0]
        spins[i, 1] = twice * y - spins[i, 1]
        spins[i, 2] = twice * z - spins[i, 2]
