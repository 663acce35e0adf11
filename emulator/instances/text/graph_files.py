"""GraphML and GML, through networkx: names of nodes become labels of spins."""

from __future__ import annotations

import warnings

from ...spec.errors import InputError
from ...spec.foreign_models import parts_of_graph
from ..edge_list import EdgeList
from ..faults import UNREADABLE, fault, named, shown
from .edges import READINGS, SIGNS

# What the readers of networkx raise on damaged files beside its own exceptions; broken XML is a SyntaxError, nested
# brackets a RecursionError.
DAMAGED = (*UNREADABLE, SyntaxError, RecursionError, AssertionError)


def read_graphml(path, sign=None):
    """Read a GraphML file; see `read_gml`."""
    return _read(path, "read_graphml", sign)


def read_gml(path, sign=None):
    """Read a graph whose edges carry ``J``, its nodes ``h``; or a ``weight``, or nothing, that weighs 1.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    sign : {"minus", "plus"}, optional
        What an edge without ``J`` means, J = w or, as in Max-Cut, J = -w; must then be given. With ``J`` and ``h`` the
        sign of the energy.

    Returns
    -------
    EdgeList
        With the names of the nodes as labels, unless they are the numbers from 0.
    """
    return _read(path, "read_gml", sign)


def _read(path, reader, sign):
    import networkx as nx  # takes half a second, and few runs have such a file

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of types that are left out; what is no number is refused below
            graph = getattr(nx, reader)(path)
    except (*DAMAGED, nx.NetworkXException) as error:
        raise fault(path, f"Graph must be one that networkx reads, not one that gives {shown(str(error))}") from None
    with named(path):
        if graph.number_of_nodes() == 0:
            raise InputError("Graph must have a node, not be empty")
        return _edge_list(graph, sign)


def _edge_list(graph, sign):
    """Return the model of a graph by the attributes of its edges."""
    keys = {key for *_, attributes in graph.edges(data=True) for key in attributes}
    coupling = "J" if "J" in keys or graph.number_of_edges() == 0 else "weight" if "weight" in keys else None
    if coupling != "J" and sign is None and (coupling or not keys):
        found = f"carry {coupling}" if coupling else "carry no number"
        raise InputError(f"Edges must carry J, or their sign be given, not {found} and be guessed: {READINGS}")
    if coupling is None and keys:
        raise InputError(f"Edges must carry J or weight, or nothing, not {', '.join(sorted(map(str, keys)))[:80]}")
    if coupling is None:
        for *_, attributes in graph.edges(data=True):
            attributes["weight"] = 1.0
    model = EdgeList(**parts_of_graph(graph, coupling or "weight"))
    factor = SIGNS[sign or "minus"]
    names = [str(node) for node in graph]
    labels = None if names == [str(spin) for spin in range(len(names))] else model.labels
    return EdgeList(model.n_spins, model.edges, factor * model.values, factor * model.biases, labels=labels)
