"""Random graphs: Sherrington-Kirkpatrick, random regular, and Max-Cut on random graphs."""

from __future__ import annotations

import numpy as np

from ...spec.errors import InputError
from ...spec.model_size import check_size
from ..edge_list import EdgeList
from .disorder import draw_couplings


def sk(n: int, J: float | str = "gauss", h: float = 0.0, seed: int = 0):
    """Return the Sherrington-Kirkpatrick glass: all pairs coupled, couplings divided by sqrt(n).

    Parameters
    ----------
    n : int
        Number of spins.
    J : float or str
        ``gauss`` (variance 1/n), ``pm`` (+-1/sqrt(n)), or a number, which is divided by sqrt(n) too.
    h : float
        Bias of every spin.
    seed : int
        Seed of the couplings.

    Returns
    -------
    EdgeList

    References
    ----------
    Sherrington and Kirkpatrick, Phys. Rev. Lett. 35, 1792 (1975).
    """
    check_size(n, n * (n - 1) // 2)
    edges = np.stack(np.triu_indices(n, k=1), axis=1)
    couplings = draw_couplings(J, len(edges), np.random.default_rng(seed)) / np.sqrt(n)
    return EdgeList(n, edges, couplings, np.full(n, h))


def regular(n: int, d: int = 3, J: float | str = "pm", h: float = 0.0, seed: int = 0):
    """Return a model on a random ``d``-regular graph, drawn uniformly as n grows.

    Parameters
    ----------
    n, d : int
        Spins, and neighbours of each; ``n d`` even and ``d < n``.
    J : float or str
        ``pm`` (+-1), ``gauss``, or a number; -1 makes it Max-Cut.
    h : float
        Bias of every spin.
    seed : int
        Seed of graph and couplings.

    Returns
    -------
    EdgeList

    References
    ----------
    Steger and Wormald, Combin. Probab. Comput. 8, 377 (1999), as in networkx.
    """
    if not 0 <= d < n or n * d % 2:
        raise InputError(f"Degree d must be in 0..n-1 with n d even, not {d} for n={n}")
    check_size(n, n * d // 2)
    rng = np.random.default_rng(seed)
    import networkx as nx  # takes half a second, and other generators need none

    sparse_degree = min(d, n - 1 - d)  # networkx all but never ends on dense graphs; their complement is as random
    graph = nx.random_regular_graph(sparse_degree, n, seed=int(rng.integers(2**63)))
    graph = graph if sparse_degree == d else nx.complement(graph)
    edges = np.sort(np.array(graph.edges, dtype=np.int64).reshape(-1, 2), axis=1)
    edges = edges[np.lexsort((edges[:, 1], edges[:, 0]))]
    return EdgeList(n, edges, draw_couplings(J, len(edges), rng), np.full(n, h))


def maxcut(n: int, p: float = 0.5, weights: float | str = 1.0, seed: int = 0):
    """Return Max-Cut on a random graph where each pair is joined with probability ``p``; J = -weight.

    Parameters
    ----------
    n : int
        Number of vertices.
    p : float
        Density, 0 to 1.
    weights : float or str
        A number, ``pm`` (+-1) or ``gauss``.
    seed : int
        Seed of graph and weights.

    Returns
    -------
    EdgeList
        The notes keep ``total_weight`` W: the cut of a state is (W - E) / 2.
    """
    if not 0 <= p <= 1:
        raise InputError(f"Density p must be in 0..1, not {p}")
    check_size(n, int(p * n * (n - 1) / 2))
    rng = np.random.default_rng(seed)
    edges = _random_pairs(n, p, rng)
    drawn = draw_couplings(weights, len(edges), rng)
    return EdgeList(n, edges, -drawn, notes={"total_weight": float(drawn.sum())})


def _random_pairs(n, p, rng):
    """Return each pair i < j of ``n`` with probability ``p``; ndarray, shape (m, 2), int64.

    Pair number k = j (j - 1) / 2 + i; the gaps between chosen numbers are geometric, so the work is O(m).
    """
    n_pairs = n * (n - 1) // 2
    if p == 0 or n_pairs == 0:
        return np.empty((0, 2), dtype=np.int64)
    chosen = np.empty(0, dtype=np.int64)
    last = -1
    while last < n_pairs:
        expected = (n_pairs - last) * p
        gaps = np.minimum(rng.geometric(p, int(expected + 4 * np.sqrt(expected)) + 8), n_pairs + 1)
        found = last + np.cumsum(gaps)
        chosen, last = np.concatenate([chosen, found]), int(found[-1])
    chosen = chosen[chosen < n_pairs]
    second = ((1 + np.sqrt(1 + 8.0 * chosen)) / 2).astype(np.int64)
    second -= second * (second - 1) // 2 > chosen  # the square root may round up to the next row
    second += second * (second + 1) // 2 <= chosen
    return np.stack([chosen - second * (second - 1) // 2, second], axis=1)
