"""Binary quadratic models of dimod, in memory and as files; dimod's energy is +J s s + h s."""

from __future__ import annotations

import json

import dimod
import numpy as np

from ..spec.atomic_write import whole_file
from ..spec.errors import InputError
from .bqm_check import MAGIC, check_bqm_bytes, read_bqm_document
from .edge_list import EdgeList, check_size
from .faults import UNREADABLE, fault, named, shown


def to_dimod(instance):
    """Return the spin model with linear terms -h and quadratic terms -J, whose energies equal ours.

    Parameters
    ----------
    instance : IsingInstance
        The model; spin i becomes variable i.

    Returns
    -------
    dimod.BinaryQuadraticModel
        Of vartype SPIN, offset 0.
    """
    ends = instance.edges
    return dimod.BinaryQuadraticModel.from_numpy_vectors(
        -instance.biases, (ends[:, 0], ends[:, 1], -instance.edge_values), 0.0, dimod.SPIN
    )


def from_dimod(bqm, name="bqm"):
    """Return the instance of a binary quadratic model, spin or binary.

    The instance's provenance keeps ``variables`` (label of each spin), ``vartype`` (a binary x is (1 + s) / 2) and
    ``offset``: energy of the model = E(s) + offset.

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


def edge_list_from_dimod(bqm):
    """Return the `EdgeList` of a binary quadratic model; see `from_dimod`."""
    if not isinstance(bqm, dimod.BinaryQuadraticModel):
        raise InputError(f"Model must be a dimod.BinaryQuadraticModel, not {type(bqm).__name__}")
    check_size(bqm.num_variables, bqm.num_interactions)
    labels = list(bqm.variables)
    spin_model = bqm.change_vartype(dimod.SPIN, inplace=False)
    vectors = spin_model.to_numpy_vectors(variable_order=labels)
    linear, (rows, cols, quadratic) = vectors.linear_biases, vectors.quadratic
    bad = next((value for part in (linear, quadratic) for value in part[~np.isfinite(part)]), None)
    if bad is not None or not np.isfinite(float(vectors.offset)):
        raise InputError(f"Biases of the model must be finite, not {float(vectors.offset) if bad is None else bad}")
    notes = {
        "variables": [label if isinstance(label, int | str) else str(label) for label in labels],
        "vartype": bqm.vartype.name,
        "offset": float(vectors.offset),
    }
    edges = np.stack([rows, cols], axis=1)
    return EdgeList(len(labels), edges, -quadratic.astype(np.float64), -linear.astype(np.float64), notes)


def read_bqm(path):
    """Read a model that dimod wrote: the binary file of ``to_file``, or ``to_serializable`` as JSON.

    Parameters
    ----------
    path : str or Path
        The file; which of the two it is shows in its first bytes.

    Returns
    -------
    EdgeList
    """
    with open(path, "rb") as handle:
        binary = handle.read(len(MAGIC)) == MAGIC
    document = check_bqm_bytes(path) if binary else read_bqm_document(path)
    try:
        bqm = _load_bytes(path) if binary else dimod.BinaryQuadraticModel.from_serializable(document)
    except UNREADABLE as error:
        raise fault(path, f"Instance must be a dimod model, not one that gives {shown(str(error))}") from None
    with named(path):
        return edge_list_from_dimod(bqm)


def _load_bytes(path):
    with open(path, "rb") as handle:
        return dimod.BinaryQuadraticModel.from_file(handle)


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
