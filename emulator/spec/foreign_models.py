"""Models that other libraries hold in memory, as pairs of spins: graphs of networkx, quadratic models of dimod.

Neither library is imported here, but by whoever has such a model. Parts are the fields of `EdgeList`: n_spins, edges,
values, biases, notes for the provenance, offset, labels.
"""

from __future__ import annotations

import numpy as np

from .errors import InputError
from .model_size import check_size


def parts_of_graph(graph, coupling="J", bias="h"):
    """Return the parts of an undirected networkx graph as a dictionary; see `IsingInstance.from_networkx`."""
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
    return {
        "n_spins": len(index),
        "edges": edges,
        "values": np.array(values),
        "biases": np.array(biases),
        "notes": {"variables": labels},
        "offset": 0.0,
        "labels": tuple(labels),
    }


def parts_of_bqm(bqm):
    """Return the parts of a `dimod.BinaryQuadraticModel` as a dictionary; see `IsingInstance.from_dimod`.

    dimod's energy is +J s s + h s, so both signs turn.
    """
    if not (hasattr(bqm, "num_interactions") and hasattr(bqm, "change_vartype")):
        raise InputError(f"Model must be a dimod.BinaryQuadraticModel, not {type(bqm).__name__}")
    check_size(bqm.num_variables, bqm.num_interactions)
    labels = label_order(bqm)
    vectors = bqm.change_vartype("SPIN", inplace=False).to_numpy_vectors(variable_order=labels)
    linear, (rows, cols, quadratic) = vectors.linear_biases, vectors.quadratic
    bad = next((value for part in (linear, quadratic) for value in part[~np.isfinite(part)]), None)
    if bad is not None or not np.isfinite(float(vectors.offset)):
        raise InputError(f"Biases of the model must be finite, not {float(vectors.offset) if bad is None else bad}")
    names = _names(labels)
    return {
        "n_spins": len(labels),
        "edges": np.stack([rows, cols], axis=1),
        "values": -quadratic.astype(np.float64),
        "biases": -linear.astype(np.float64),
        "notes": {"variables": names, "vartype": bqm.vartype.name},
        "offset": float(vectors.offset),
        "labels": tuple(names),
    }


def label_order(bqm):
    """Return the variables of a model in the order of the spins: whole numbers rising, then texts, then others.

    >>> import dimod
    >>> label_order(dimod.BinaryQuadraticModel({"b": 1, 10: 1, "a": 1, 9: 1}, {}, "SPIN"))
    [9, 10, 'a', 'b']
    """
    plain = range(bqm.num_variables)
    if all(variable == spin for variable, spin in zip(bqm.variables, plain, strict=True)):
        return list(plain)
    return sorted(bqm.variables, key=_rank)


def _rank(label):
    """Return what labels are sorted by; those that are no numbers and no texts come last, by how they are written."""
    if isinstance(label, int):
        return 0, label, ""
    return (1, 0, label) if isinstance(label, str) else (2, 0, str(label))


def _names(labels):
    """Return labels as an instance may hold them: whole numbers and texts, each once."""
    names = [label if type(label) in (int, str) else str(label) for label in labels]
    return names if len(set(names)) == len(names) else [repr(label) for label in labels]


def _finite(value, subject):
    """Return ``value`` as a float, or refuse it."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise InputError(f"{subject} must be a finite number, not {value!r}")
    return number
