"""Colouring a graph as an Ising model: one spin for each vertex and colour, up where the vertex has it."""

from __future__ import annotations

import networkx as nx
import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.instance import IsingInstance


def coloring_instance(graph, n_colors, penalty=1.0, is_weighted=False):
    r"""Return the model whose ground states are the proper colourings, if there are any.

    With bits x = (1 + s) / 2 the cost is

    .. math:: A \sum_v (1 - \sum_c x_{vc})^2 + \sum_{(uv)} w_{uv} \sum_c x_{uc} x_{vc}

    and the energy is four times the cost, less a constant. The cost is 0 for proper colourings alone, whatever A is.
    With weights the ground states are colourings of least weight of edges between equal colours, if A is above the
    weight that one vertex can save by having no colour.

    Parameters
    ----------
    graph : networkx.Graph
        Vertices in the order of ``graph.nodes``; an edge's ``weight``, above 0, is read if ``is_weighted``.
    n_colors : int
        Colours, 2 or more.
    penalty : float
        A, above 0; with weights above the largest sum of weights at a vertex over the number of colours.
    is_weighted : bool
        Whether edges weigh differently.

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
    weights = _weights(graph, n_colors, penalty) if is_weighted else np.ones(graph.number_of_edges())
    n = len(number) * n_colors
    products, linear = np.zeros((n, n)), np.zeros(n)
    for v in range(len(number)):
        mine = v * n_colors + np.arange(n_colors)
        linear[mine] -= penalty  # x - 2 x, since x^2 = x
        products[np.ix_(mine, mine)] += penalty * (1 - np.eye(n_colors))
    for (u, v), weight in zip(graph.edges, weights, strict=True):
        pair = [number[u] * n_colors + np.arange(n_colors), number[v] * n_colors + np.arange(n_colors)]
        products[pair[0], pair[1]] += 0.5 * weight
        products[pair[1], pair[0]] += 0.5 * weight
    # cost = sum_i linear_i x_i + sum_ij products_ij x_i x_j (both orders), 4 cost = -sum J s s - sum h s + constant.
    couplings = -2.0 * products
    biases = -2.0 * linear - 2.0 * products.sum(axis=1)
    return IsingInstance(couplings, biases, name=f"{n_colors}-colouring of {len(number)} vertices")


def _weights(graph, n_colors, penalty):
    """Return the weights of the edges after a check that no vertex gains by having no colour."""
    weights = np.array([data.get("weight", 1.0) for *_, data in graph.edges(data=True)], dtype=np.float64)
    for edge, weight in zip(graph.edges, weights, strict=True):
        if not 0.0 < weight < np.inf:
            raise InputError(f"Weight of edge {edge} must be above 0 and finite, not {weight:g}")
    # A vertex without colour saves what its best colour costs: at most the mean over colours of its weights.
    most = max((float(total) for _, total in graph.degree(weight="weight")), default=0.0) / n_colors
    if penalty <= most:
        raise InputError(f"Penalty must be above {most:g}, or leaving a vertex without colour pays, not {penalty:g}")
    return weights


def coloring_cost(graph, colors):
    """Return the weight of edges between equal colours, counted on the graph; float, inf if a vertex has none."""
    number = {vertex: k for k, vertex in enumerate(graph.nodes)}
    if np.min(colors) < 0:
        return float("inf")
    same = ((u, v, d) for u, v, d in graph.edges(data=True) if colors[number[u]] == colors[number[v]])
    return float(sum(data.get("weight", 1.0) for *_, data in same))


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
        Numbers of vertices, colours and edges.
    seed : int
        Seed of the hidden colours and the edges.
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
