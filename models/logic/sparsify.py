"""Sparsification: spins of high degree become chains of copies, so that a fabric of bounded degree can hold them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.instance import IsingInstance


@dataclass(frozen=True, eq=False)
class SparseEmbedding:
    """An instance of bounded degree and the way back.

    Parameters
    ----------
    original, sparse : IsingInstance
        Models before and after the embedding.
    copies : tuple of ndarray
        Spins of ``sparse`` that stand for each spin of ``original``, in the order of their chain.
    strength : float
        Copy coupling over its safe value.
    """

    original: IsingInstance
    sparse: IsingInstance
    copies: tuple[np.ndarray, ...]
    strength: float

    def spread(self, spins):
        """Return states of the original, shape (..., n), as states of the copies."""
        spins = np.asarray(spins)
        found = np.empty((*spins.shape[:-1], self.sparse.n_spins), dtype=np.int8)
        for i, chain in enumerate(self.copies):
            found[..., chain] = spins[..., i : i + 1]
        return found

    def gathered(self, spins):
        """Return states of the original by majority of each chain, ties to the first copy; shape (..., n), int8."""
        spins = np.asarray(spins)
        sums = [2 * spins[..., chain].sum(axis=-1, dtype=np.int64) + spins[..., chain[0]] for chain in self.copies]
        return np.where(np.stack(sums, axis=-1) > 0, 1, -1).astype(np.int8)

    def broken(self, spins):
        """Return the share of chains whose copies disagree; float."""
        spins = np.asarray(spins)
        return float(np.mean([np.ptp(spins[..., chain], axis=-1) > 0 for chain in self.copies]))


def sparsified(instance, max_degree, strength=1.0):
    """Split every spin of too many neighbours into a chain of copies.

    A chain of k copies has room for k (d - 2) + 2 neighbours. Its couplings are ``strength`` times the smallest value
    at which cutting the chain anywhere never pays: the smaller of what both parts of it could gain.

    Parameters
    ----------
    instance : IsingInstance
        Model that is embedded.
    max_degree : int
        d, 3 or more.
    strength : float
        1 is safe; less lets chains break and mixes faster.

    Returns
    -------
    SparseEmbedding
    """
    if max_degree < 3:
        raise InputError(f"Degree must be 3 or more for chains, not {max_degree}")
    if not strength > 0.0:
        raise InputError(f"Copy strength must be above 0, not {strength!r}")
    n, edges, values = instance.n_spins, instance.edges, instance.edge_values
    degree = np.bincount(edges.ravel(), minlength=n)
    sizes = [1 if k <= max_degree else -(-(k - 2) // (max_degree - 2)) for k in degree]
    firsts = np.concatenate([[0], np.cumsum(sizes)])
    copies = tuple(np.arange(firsts[i], firsts[i + 1]) for i in range(n))
    ends, load = np.empty_like(edges), np.zeros(firsts[-1])
    room = [[max_degree - (k > 0) - (k < size - 1) for k in range(size)] for size in sizes]
    for e, (i, j) in enumerate(edges):
        for side, spin in ((0, i), (1, j)):
            place = next(k for k, free in enumerate(room[spin]) if free)
            room[spin][place] -= 1
            ends[e, side] = firsts[spin] + place
            load[firsts[spin] + place] += abs(values[e])
    biases = np.zeros(firsts[-1])
    for i, chain in enumerate(copies):
        biases[chain] = instance.biases[i] / chain.size
        load[chain] += abs(instance.biases[i]) / chain.size
    chain_edges, chain_values = _chains(copies, load, strength)
    all_edges = np.concatenate([ends, chain_edges]) if len(chain_edges) else ends
    sparse = IsingInstance.from_edges(
        int(firsts[-1]),
        all_edges,
        np.concatenate([values, chain_values]),
        biases,
        f"{instance.name}, degree {max_degree}",
    )
    return SparseEmbedding(instance, sparse, copies, float(strength))


def _chains(copies, load, strength):
    """Return the edges of all chains and their couplings."""
    edges, values = [], []
    for chain in copies:
        inside = np.cumsum(load[chain])
        for k in range(chain.size - 1):
            edges.append((chain[k], chain[k + 1]))
            values.append(strength * min(inside[k], inside[-1] - inside[k]))
    return np.array(edges, dtype=np.int64).reshape(-1, 2), np.array(values)


def tuned_strength(instance, max_degree, search, strengths=(0.25, 0.5, 0.75, 1.0)):
    """Return the copy strength at which a search finds the lowest mean energy of the *original* instance.

    Parameters
    ----------
    instance : IsingInstance
        Original model.
    max_degree : int
        Degree limit.
    search : function of (IsingInstance,)
        Returns states, shape (n_runs, n_copies).
    strengths : sequence of float
        Candidates for the strength.

    Returns
    -------
    strength : float
    energies : dict of float to float
        Mean energy of the gathered answers at each candidate.
    """
    energies = {}
    for strength in strengths:
        embedding = sparsified(instance, max_degree, strength)
        energies[strength] = float(instance.energies(embedding.gathered(search(embedding.sparse))).mean())
    return min(energies, key=energies.get), energies
