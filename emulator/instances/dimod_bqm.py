"""Binary quadratic models of dimod, in memory and as files; dimod's energy is +J s s + h s.

dimod is imported where a model is made or read: it takes half a second, and most runs have none.
"""

from __future__ import annotations

import json

import numpy as np

from ..spec.errors import InputError
from ..spec.files.atomic_write import whole_file
from .binary.bqm_bytes import MAGIC, OTHERS, read_bqm_bytes
from .binary.bqm_parts import assembled
from .edge_list import EdgeList, check_size
from .faults import fault, named
from .text.json_model import read_json_model


def to_dimod(instance):
    """Return the spin model with linear terms -h, quadratic terms -J and our offset, whose energies equal ours.

    Parameters
    ----------
    instance : IsingInstance
        The model; spin i becomes the variable of its label, or i where there are none.

    Returns
    -------
    dimod.BinaryQuadraticModel
        Of vartype SPIN.
    """
    ends, labels = instance.edges, instance.labels
    import dimod

    return dimod.BinaryQuadraticModel.from_numpy_vectors(
        -instance.biases,
        (ends[:, 0], ends[:, 1], -instance.edge_values),
        instance.offset,
        dimod.SPIN,
        variable_order=None if labels is None else list(labels),
    )


def from_dimod(bqm, name="bqm"):
    """Return the instance of a binary quadratic model, spin or binary, whose energies are those of the model.

    Spins come in `label_order` of the variables, so that one model is one instance in whatever order and file it
    came; their names are the instance's labels. The provenance keeps ``variables`` (the labels again) and ``vartype``
    (a binary x is (1 + s) / 2).

    Parameters
    ----------
    bqm : dimod.BinaryQuadraticModel
        The model; left untouched.
    name : str
        Name of the instance.

    Returns
    -------
    IsingInstance

    Raises
    ------
    InputError
        If it is no such model, is empty, or holds a number that is not finite.
    """
    return edge_list_from_dimod(bqm).instance(name, {"source": "dimod"})


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


def edge_list_from_dimod(bqm):
    """Return the `EdgeList` of a binary quadratic model; see `from_dimod`."""
    import dimod

    if not isinstance(bqm, dimod.BinaryQuadraticModel):
        raise InputError(f"Model must be a dimod.BinaryQuadraticModel, not {type(bqm).__name__}")
    check_size(bqm.num_variables, bqm.num_interactions)
    labels = label_order(bqm)
    spin_model = bqm.change_vartype(dimod.SPIN, inplace=False)
    vectors = spin_model.to_numpy_vectors(variable_order=labels)
    linear, (rows, cols, quadratic) = vectors.linear_biases, vectors.quadratic
    bad = next((value for part in (linear, quadratic) for value in part[~np.isfinite(part)]), None)
    if bad is not None or not np.isfinite(float(vectors.offset)):
        raise InputError(f"Biases of the model must be finite, not {float(vectors.offset) if bad is None else bad}")
    names = _names(labels)
    notes = {"variables": names, "vartype": bqm.vartype.name}
    edges, couplings = np.stack([rows, cols], axis=1), -quadratic.astype(np.float64)
    return EdgeList(
        len(labels), edges, couplings, -linear.astype(np.float64), notes, float(vectors.offset), tuple(names)
    )


def read_bqm(path):
    """Read a model that dimod wrote: the binary file of ``to_file``, or ``to_serializable`` as JSON; or bqpjson.

    Parameters
    ----------
    path : str or Path
        The file; which of the two it is shows in its first bytes.

    Returns
    -------
    EdgeList
    """
    with open(path, "rb") as handle:
        start = handle.read(len(MAGIC))
    other = next((name for magic, name in OTHERS.items() if start.startswith(magic)), None)
    if other is not None:
        raise fault(path, f"Model must be dimod's BinaryQuadraticModel, without constraints, not its {other}")
    bqm = assembled(path, read_bqm_bytes(path) if start == MAGIC else read_json_model(path))
    with named(path):
        return edge_list_from_dimod(bqm)


def write_bqm(instance, path):
    """Write the model of `to_dimod`, as JSON if the name ends so, else in dimod's binary format."""
    bqm = to_dimod(instance)
    if str(path).lower().endswith(".json"):
        with whole_file(path) as handle:
            json.dump(bqm.to_serializable(), handle)
        return
    with whole_file(path, "wb") as handle, bqm.to_file() as source:
        while block := source.read(1 << 20):
            handle.write(block)
