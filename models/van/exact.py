"""Exact free energies: small glasses, the triangular antiferromagnet on a torus, two Hopfield patterns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp

from ...emulator.spec.errors import InputError

MAX_SPINS = 22
CHUNK = 1 << 16
SQUARE = ((1, 0), (0, 1))
TRIANGLE = (*SQUARE, (1, 1))


@dataclass(frozen=True)
class Thermal:
    """Thermodynamics of one model at one inverse temperature, per spin.

    Parameters
    ----------
    free_energy, energy, entropy, heat_capacity : float
        F / N, E / N, S / N and C_v / N, the latter two in units of k_B.
    """

    free_energy: float
    energy: float
    entropy: float
    heat_capacity: float


def sk_couplings(n_spins, seed):
    """Return couplings of a Sherrington-Kirkpatrick glass, normal with variance 1 / n; ndarray, shape (n, n).

    The instances of the published study's notes: the strict upper triangle of ``normal(size=(n, n)) / sqrt(n)``.
    """
    drawn = np.triu(np.random.default_rng(seed).normal(size=(n_spins, n_spins)) / np.sqrt(n_spins), 1)
    return drawn + drawn.T


def enumerated(couplings, betas):
    """Return thermodynamics of a model without fields by enumeration of half its states.

    Parameters
    ----------
    couplings : ndarray, shape (n, n), float64
        Symmetric, empty diagonal; at most 22 spins.
    betas : sequence of float
        Inverse temperatures, above 0.

    Returns
    -------
    list of Thermal
    """
    energies = half_energies(couplings)
    n, found = len(couplings), []
    for beta in betas:
        if not beta > 0:
            raise InputError(f"Inverse temperature must be above 0, not {beta!r}")
        log_z = float(logsumexp(-beta * energies)) + np.log(2.0)
        weight = np.exp(-beta * energies - log_z + np.log(2.0))
        mean = float(weight @ energies)
        variance = float(weight @ (energies - mean) ** 2)
        found.append(Thermal(-log_z / beta / n, mean / n, (log_z + beta * mean) / n, beta**2 * variance / n))
    return found


def half_energies(couplings):
    """Return the energies of all states whose last spin is +1; ndarray, shape (2^(n - 1),), float64."""
    couplings = np.asarray(couplings, dtype=np.float64)
    n = len(couplings)
    if couplings.shape != (n, n) or not 2 <= n <= MAX_SPINS:
        raise InputError(f"Couplings must be of 2 to {MAX_SPINS} spins, not {couplings.shape}")
    if not np.allclose(couplings, couplings.T) or np.any(couplings.diagonal()):
        raise InputError("Couplings must be symmetric with an empty diagonal")
    energies, states = np.empty(1 << (n - 1)), np.arange(1 << (n - 1))
    for start in range(0, states.size, CHUNK):
        part = states[start : start + CHUNK]
        spins = np.ones((part.size, n))
        spins[:, : n - 1] = 2.0 * ((part[:, None] >> np.arange(n - 1)) & 1) - 1.0
        energies[start : start + CHUNK] = -0.5 * np.einsum("si,si->s", spins @ couplings, spins)
    return energies


def triangular_free_energy(side, beta):
    r"""Return F / N of the antiferromagnet J = -1 on a triangular torus, exactly.

    .. math:: Z = 2^{N-1} [-P_{00} + P_{01} + P_{10} + P_{11}], \qquad
              P_{ab} = \prod_k \sqrt{c^3 + s^3 - s (\cos k_1 + \cos k_2 + \cos(k_1 + k_2))}

    with c = cosh 2K, s = sinh 2K, K = -beta and k_i = 2 pi (n_i + a_i / 2) / L.

    Parameters
    ----------
    side : int
        Side L of the lattice, even.
    beta : float
        Inverse temperature, above 0 and at most 6, where the digits run out.

    References
    ----------
    Houtappel, Physica 16, 425 (1950); Wannier, Phys. Rev. 79, 357 (1950).
    """
    if side < 2 or side % 2 or not 0 < beta <= 6.0:
        raise InputError(f"Side must be even and beta above 0 to 6, not {side} and {beta!r}")
    c, s = np.cosh(np.longdouble(-2.0 * beta)), np.sinh(np.longdouble(-2.0 * beta))
    logs, signs = [], []
    for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
        k1, k2 = (2.0 * np.pi * (np.arange(side, dtype=np.longdouble) + half / 2.0) / side for half in (a, b))
        waves = np.cos(k1)[:, None] + np.cos(k2)[None] + np.cos(k1[:, None] + k2[None])
        logs.append(0.5 * np.log(np.maximum(c**3 + s**3 - s * waves, np.longdouble(1e-4000))).sum())
        signs.append(-1.0 if (a, b) == (0, 0) else 1.0)
    top = max(logs)
    total = sum(sign * np.exp(one - top) for sign, one in zip(signs, logs, strict=True))
    n = side * side
    return float(-((n - 1) * np.log(np.longdouble(2.0)) + top + np.log(total)) / (beta * n))


def torus_couplings(side, shifts, coupling):
    """Return equal couplings of each site with those some shifts away; ndarray, shape (n, n), float64.

    Parameters
    ----------
    side : int
        Side of the square torus.
    shifts : sequence of (int, int)
        Shifts to the neighbours: `SQUARE` or `TRIANGLE`.
    coupling : float
        J of every bond.
    """
    n = side * side
    couplings, sites = np.zeros((n, n)), np.arange(n).reshape(side, side)
    for shift in shifts:
        moved = np.roll(sites, shift, (0, 1)).ravel()
        couplings[sites.ravel(), moved] = couplings[moved, sites.ravel()] = coupling
    return couplings


def triangular_entropy(side, beta, step=1e-3):
    """Return S / N of the same model, beta^2 times the derivative of F / N by differences of four points."""

    def f(at):
        return triangular_free_energy(side, at)

    slope = (8.0 * (f(beta + step) - f(beta - step)) - (f(beta + 2 * step) - f(beta - 2 * step))) / (12.0 * step)
    return float(beta**2 * slope)


def hopfield_couplings(n_spins):
    """Return couplings of two orthogonal patterns, J = (1/N) sum xi xi; ndarray, shape (n, n), and patterns (2, n)."""
    if n_spins % 2:
        raise InputError(f"Spins must be an even number for two orthogonal patterns, not {n_spins}")
    patterns = np.ones((2, n_spins))
    patterns[1, n_spins // 2 :] = -1.0
    couplings = patterns.T @ patterns / n_spins
    np.fill_diagonal(couplings, 0.0)
    return couplings, patterns


def hopfield_free_energy(n_spins, beta):
    """Return F / N of two orthogonal patterns exactly: two Curie-Weiss groups of half the spins each."""
    half = n_spins // 2
    k = np.arange(half + 1)
    logs = gammaln(half + 1) - gammaln(k + 1) - gammaln(half - k + 1) + beta * (2.0 * k - half) ** 2 / n_spins
    return float(-(2.0 * logsumexp(logs) - beta) / (beta * n_spins))
