"""Colouring a graph as an Ising model: one spin for each vertex and colour, up where the vertex has it."""

from __future__ import annotations

import networkx as nx
import numpy as np

from ..emulator.spec.errors import InputError
from ..emulator.spec.instance import IsingInstance


def coloring_instance(graph, n_colors, penalty=1.0):
    r"""Return the model whose ground states are the proper colourings, if there are any.

    With bits x = (1 + s) / 2 the cost is

    .. math:: A \sum_v (1 - \sum_c x_{vc})^2 + \sum_{(uv)} \sum_c x_{uc} x_{vc}

    and the energy is four times the cost, less a constant. The cost is 0 for proper colourings alone, whatever A is.

    Parameters
    ----------
    graph : networkx.Graph
        Vertices in the order of ``graph.nodes``; a weight of an edge is not read.
    n_colors : int
        Colours, 2 or more.
    penalty : float
        A, above 0.

    Returns
    -------
    IsingInstance
        Spin ``v * n_colors + c``.
    """
    if n_colors < 2:
        raise InputError(f"Colours must be 2 or more, not {n_colors!r}")
    if not penalty > 0:
        raise InputError(f"Penalty must be above 0, not {penalty!r}")
    number = {vertex: k for k, vertex in enumerate(graph.nodes)}
    n = len(number) * n_colors
    products, linear = np.zeros((n, n)), np.zeros(n)
    for v in range(len(number)):
        mine = v * n_colors + np.arange(n_colors)
        linear[mine] -= penalty  # x - 2 x, since x^2 = x
        products[np.ix_(mine, mine)] += penalty * (1 - np.eye(n_colors))
    for u, v in graph.edges:
        pair = [number[u] * n_colors + np.arange(n_colors), number[v] * n_colors + np.arange(n_colors)]
        products[pair[0], pair[1]] += 0.5
        products[pair[1], pair[0]] += 0.5
    # cost = sum_i linear_i x_i + sum_ij products_ij x_i x_j (both orders), 4 cost = -sum J s s - sum h s + constant.
    couplings = -2.0 * products
    biases = -2.0 * linear - 2.0 * products.sum(axis=1)
    return IsingInstance(couplings, biases, name=f"{n_colors}-colouring of {len(number)} vertices")


def colors_of(spins, n_colors):
    """Return the colour of each vertex, -1 where it has none or several; ndarray, shape (..., n_vertices), int64."""
    bits = (np.asarray(spins).reshape(*np.shape(spins)[:-1], -1, n_colors) > 0).astype(np.int64)
    return np.where(bits.sum(axis=-1) == 1, bits.argmax(axis=-1), -1)


def is_proper(graph, colors):
    """Tell whether every vertex has a colour and no edge joins equal ones; checked on the graph itself."""
    number = {vertex: k for k, vertex in enumerate(graph.nodes)}
    return bool(np.min(colors) >= 0 and all(colors[number[u]] != colors[number[v]] for u, v in graph.edges))


def colorable_graph(n_vertices, n_colors, n_edges, seed):
    """Return a random graph that has a proper colouring: edges between hidden classes only.

    Parameters
    ----------
    n_vertices, n_colors, n_edges : int
        Size.
    seed : int
        Of the hidden colours and the edges.
    """
    rng = np.random.default_rng(seed)
    hidden = rng.permutation(np.arange(n_vertices) % n_colors)
    pairs = [(u, v) for u in range(n_vertices) for v in range(u) if hidden[u] != hidden[v]]
    if n_edges > len(pairs):
        raise InputError(f"Edges must be at most {len(pairs)} between {n_colors} classes, not {n_edges}")
    graph = nx.Graph()
    graph.add_nodes_from(range(n_vertices))
    graph.add_edges_from(pairs[k] for k in rng.choice(len(pairs), n_edges, replace=False))
    return graph
