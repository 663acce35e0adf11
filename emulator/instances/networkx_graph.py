"""Graphs of networkx, both ways, in memory."""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError
from .edge_list import EdgeList


def to_networkx(instance, coupling="J", bias="h"):
    """Return a graph on nodes 0 ... n-1 whose edges carry ``coupling`` and whose nodes carry ``bias``.

    Parameters
    ----------
    instance : IsingInstance
        The model.
    coupling, bias : str
        Names of the attributes.

    Returns
    -------
    networkx.Graph
    """
    import networkx as nx  # takes half a second, and few runs have a graph

    graph = nx.Graph(name=instance.name)
    graph.add_nodes_from((spin, {bias: value}) for spin, value in enumerate(instance.biases.tolist()))
    ends = instance.edges.tolist()
    graph.add_edges_from((i, j, {coupling: J}) for (i, j), J in zip(ends, instance.edge_values.tolist(), strict=True))
    return graph


def from_networkx(graph, coupling="J", bias="h", name="graph"):
    """Return the instance of an undirected graph; its provenance lists the node of each spin.

    For Max-Cut on edge weights w, set J = -w first: a coupling is a J, whatever its name.

    Parameters
    ----------
    graph : networkx.Graph
        Every edge carries ``coupling``; nodes may carry ``bias``, else 0.
    coupling, bias : str
        Names of the attributes.
    name : str
        Name of the instance.

    Returns
    -------
    IsingInstance

    Raises
    ------
    InputError
        If the graph is directed or a multigraph, or an edge lacks its coupling or joins a node to itself.
    """
    return edge_list_of_graph(graph, coupling, bias).instance(name, {"source": "networkx"})


def edge_list_of_graph(graph, coupling, bias):
    """Return the `EdgeList` of a graph; see `from_networkx`."""
    if graph.is_directed() or graph.is_multigraph():
        raise InputError(f"Graph must be undirected with single edges, not a {type(graph).__name__}")
    index = {node: spin for spin, node in enumerate(graph)}
    values = []
    for first, second, attributes in graph.edges(data=True):
        if coupling not in attributes:
            raise InputError(f"Edge ({first!r}, {second!r}) must carry its coupling as {coupling!r}, not lack it")
        values.append(_finite(attributes[coupling], f"Coupling of ({first!r}, {second!r})"))
    edges = np.array([(index[first], index[second]) for first, second in graph.edges], dtype=np.int64).reshape(-1, 2)
    biases = [_finite(value, f"Bias of {node!r}") for node, value in graph.nodes(data=bias, default=0.0)]
    labels = [node if isinstance(node, int | str) else str(node) for node in graph]
    return EdgeList(len(index), edges, np.array(values), np.array(biases), {"variables": labels}, 0.0, tuple(labels))


def _finite(value, subject):
    """Return ``value`` as a float, or refuse it."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise InputError(f"{subject} must be a finite number, not {value!r}")
    return number
