"""Instances that are in memory already: a matrix, a graph of networkx, a model of dimod."""

from __future__ import annotations

from ..spec.errors import InputError
from ..spec.instance import IsingInstance
from .qubo import edge_list_of_qubo_matrix
from .reading import Reading

MATRIX_CHOICES = ("h", "offset", "labels", "name", "triangle", "sense")
QUBO_CHOICES = ("labels", "name", "sense")


def from_memory(source, **choices):
    """Return the instance of an object, and refuse every choice that has no meaning for it.

    Parameters
    ----------
    source : IsingInstance, array_like or sparse array of shape (n, n), networkx.Graph, dimod.BinaryQuadraticModel
        What `sim.front_door.data.load` takes beside files.
    **choices
        Choices that the object leaves open. Of a matrix: the arguments of `IsingInstance.from_arrays`; or ``sense``,
        which makes it a QUBO x'Qx over x in {0, 1}, min or max, with ``labels`` and ``name``. Of a graph: ``coupling``,
        ``bias``, ``name``. Of a model of dimod: ``name``.

    Raises
    ------
    InputError
        One line that names the choice, or the entry, the value and the rule.

    >>> from_memory([[0, 1], [1, 0]], h=[0.5, 0]).biases.tolist()
    [0.5, 0.0]
    """
    choices = {name: value for name, value in choices.items() if value is not None}
    if isinstance(source, IsingInstance):
        _check("an IsingInstance", (), choices)
        return source
    if hasattr(source, "vartype"):
        _check("a model of dimod", ("name",), choices)
        return IsingInstance.from_dimod(source, **choices)
    if hasattr(source, "is_multigraph"):
        _check("a graph", ("coupling", "bias", "name"), choices)
        return IsingInstance.from_networkx(source, **choices)
    if "sense" in choices:
        _check("the matrix of a QUBO", QUBO_CHOICES, choices)
        return _qubo(source, **choices)
    _check("a matrix", MATRIX_CHOICES, choices)
    return IsingInstance.from_arrays(source, **choices)


def _qubo(matrix, sense, labels=None, name="instance"):
    """Return the instance whose energies are x'Qx, or minus that if it is to be maximised."""
    edges = edge_list_of_qubo_matrix(matrix, Reading(sense=sense).sense, "Q")
    edges.labels = labels
    return edges.instance(name, {"source": "arrays"})


def _check(subject, known, choices):
    """Refuse the first choice that is not known: it would change nothing, silently."""
    for name, value in choices.items():
        if name not in known:
            rest = f"it takes {', '.join(known)}" if known else "it takes none"
            raise InputError(f"Choice {name} must be left out for {subject} ({rest}), not be {value!r:.40}")
