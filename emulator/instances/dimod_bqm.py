"""Binary quadratic models of dimod, from instances and as files; dimod's energy is +J s s + h s.

dimod is imported where a model is made or read: it takes half a second, and most runs have none.
"""

from __future__ import annotations

import json

from ..spec.files.atomic_write import whole_file
from ..spec.foreign_models import parts_of_bqm
from .binary.bqm_bytes import MAGIC, OTHERS, read_bqm_bytes
from .binary.bqm_parts import assembled
from .edge_list import EdgeList
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
        Model of vartype SPIN.
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
        return EdgeList(**parts_of_bqm(bqm))


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
