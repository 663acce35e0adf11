"""Frustrated loops on a lattice: a glass whose ground state is known because it was planted."""

from __future__ import annotations

import numpy as np

from ...spec.errors import InputError
from ..edge_list import EdgeList
from .lattices import lattice_edges


def planted(L: int, dim: int = 3, density: float = 0.5, boundary: str = "periodic", seed: int = 0):
    """Return a sum of frustrated loops around a planted state.

    Every loop is a self-avoiding closed walk whose couplings favour the planted state on all bonds but one, drawn at
    random. Any state leaves at least one bond of each loop unsatisfied, the planted one exactly one, so it minimises
    all loops at once: its energy -sum (length - 2) is the ground energy.

    Parameters
    ----------
    L : int
        Side of the lattice.
    dim : int
        Dimension of the lattice, 2 or 3.
    density : float
        Planted loops per spin.
    boundary : str
        Boundary of the lattice, as for `lattice_edges`.
    seed : int
        Seed of the planted state and the loops.

    Returns
    -------
    EdgeList
        Couplings are integers. Notes: ``ground_energy``, ``ground_state`` (one of + and - per spin), ``n_loops``.

    References
    ----------
    Hen et al., Phys. Rev. A 92, 042325 (2015).
    """
    if dim not in (2, 3):
        raise InputError(f"Dimension dim must be 2 or 3, not {dim}")
    if not 0 < density <= 100:
        raise InputError(f"Density of loops must be above 0 and at most 100, not {density}")
    edges = lattice_edges((L,) * dim, boundary)
    n_spins = L**dim
    rng = np.random.default_rng(seed)
    state = 2 * rng.integers(0, 2, n_spins) - 1
    n_loops = max(1, round(density * n_spins))
    neighbors = _neighbors(n_spins, edges)
    bonds, signs = [], []
    for _ in range(n_loops):
        loop = _random_loop(neighbors, rng)
        bonds.append(np.stack([loop, np.roll(loop, -1)], axis=1))
        sign = np.ones(len(loop))
        sign[rng.integers(len(loop))] = -1
        signs.append(sign)
    pairs = np.sort(np.concatenate(bonds), axis=1)
    couplings = np.concatenate(signs) * state[pairs[:, 0]] * state[pairs[:, 1]]
    notes = {
        "ground_energy": float(2 * n_loops - len(pairs)),
        "ground_state": "".join("+" if spin > 0 else "-" for spin in state),
        "n_loops": n_loops,
    }
    return EdgeList.from_sums(n_spins, pairs, couplings, notes=notes)


def _neighbors(n_spins, edges):
    """Return the neighbours of each site as lists."""
    lists = [[] for _ in range(n_spins)]
    for i, j in edges.tolist():
        lists[i].append(j)
        lists[j].append(i)
    return lists


def _random_loop(neighbors, rng):
    """Walk without turning back until a site is met again; return the sites of that loop, in order."""
    walk = [int(rng.integers(len(neighbors)))]
    place = {walk[0]: 0}
    while True:
        previous = walk[-2] if len(walk) > 1 else -1
        choices = [site for site in neighbors[walk[-1]] if site != previous]
        site = choices[int(rng.integers(len(choices)))]
        if site in place:
            return np.array(walk[place[site] :])
        place[site] = len(walk)
        walk.append(site)
