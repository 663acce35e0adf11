"""Colourings: which p-bits may update in the same clock."""

from __future__ import annotations

import networkx as nx
import numpy as np
from scipy.sparse import csgraph

from .errors import InputError


def check_coloring(instance, colors):
    """Refuse a colouring that lets two coupled spins update together.

    Parameters
    ----------
    instance : IsingInstance
        The graph.
    colors : array_like, shape (n,), int
        Colour of each spin, 0 ... k-1 with every colour used.

    Raises
    ------
    InputError
        If the shape is wrong, a colour is empty, or an edge is monochrome.
    """
    colors = np.asarray(colors)
    if colors.shape != (instance.n_spins,):
        raise InputError(f"Colours must be one per spin ({instance.n_spins}), not {colors.size}")
    if not np.array_equal(np.unique(colors), np.arange(colors.max() + 1)):
        raise InputError(f"Colours must be 0..k-1 with none empty, not {np.unique(colors).tolist()}")
    ends = instance.edges
    bad = np.flatnonzero(colors[ends[:, 0]] == colors[ends[:, 1]])
    if len(bad):
        i, j = ends[bad[0]]
        raise InputError(f"Coupled spins must differ in colour, not {i} and {j}, both of colour {colors[i]}")


def find_coloring(instance):
    """Return a proper colouring: two colours if the graph is bipartite, else DSATUR's.

    Parameters
    ----------
    instance : IsingInstance
        The graph.

    Returns
    -------
    ndarray, shape (n,), int64
        Colour of each spin. Larger classes come first, so that colour 0 is the largest.

    References
    ----------
    Brelaz, Commun. ACM 22, 251 (1979) (DSATUR).
    """
    colors = _two_coloring(instance)
    if colors is None:
        graph = nx.from_scipy_sparse_array(instance.couplings)
        found = nx.coloring.greedy_color(graph, strategy="saturation_largest_first")
        colors = np.array([found[spin] for spin in range(instance.n_spins)])
    by_size = np.argsort(-np.bincount(colors), kind="stable")
    return np.argsort(by_size)[colors].astype(np.int64)


def _two_coloring(instance):
    """Return colours 0/1 by the parity of the distance from each component's first spin, or None."""
    n_parts, labels = csgraph.connected_components(instance.couplings, directed=False)
    roots = np.unique(labels, return_index=True)[1]
    parity = np.zeros(instance.n_spins, dtype=np.int64)
    if n_parts < instance.n_spins:
        parity = _bfs_parity(instance.couplings, roots)
    ends = instance.edges
    return parity if np.all(parity[ends[:, 0]] != parity[ends[:, 1]]) else None


def _bfs_parity(couplings, roots):
    """Return the parity of the breadth-first depth of every spin from its component's root."""
    parity = np.full(couplings.shape[0], -1, dtype=np.int64)
    front, depth = np.asarray(roots), 0
    while len(front):
        parity[front] = depth % 2
        reached = np.unique(couplings[front].indices)
        front = reached[parity[reached] < 0]
        depth += 1
    return parity
