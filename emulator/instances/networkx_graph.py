"""Graphs of networkx from instances; the way back is `IsingInstance.from_networkx`."""

from __future__ import annotations


def to_networkx(instance, coupling="J", bias="h"):
    """Return a graph on nodes 0 ... n-1 whose edges carry ``coupling`` and whose nodes carry ``bias``.

    Parameters
    ----------
    instance : IsingInstance
        Model to convert.
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
