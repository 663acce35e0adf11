"""The text format of dimod, ``dimod.serialization.coo``: lines ``i j J`` and ``i i h`` below ``# vartype=``."""

from __future__ import annotations

import numpy as np

from ...spec.model_size import MAX_SPINS
from ..faults import fault, named, shown
from ..pairs import distinct_pairs
from ..qubo import edge_list_of_qubo
from .coo import edge_list_of_entries, vartype_header
from .triples import read_triples


def read_dimod_coo(path):
    """Read a model with dimod's convention: E = + sum J s s + sum h s, or a QUBO if the header says BINARY.

    The numbers of the file are labels: variables that it does not name are not there.

    Parameters
    ----------
    path : str or Path
        Path of the file.

    Returns
    -------
    EdgeList

    References
    ----------
    Documentation of ``dimod.serialization.coo``, which writes six decimals and no offset.
    """
    vartype = vartype_header(path)
    if vartype not in ("SPIN", "BINARY"):
        told = "be absent" if vartype is None else f"be {shown(vartype)}"
        raise fault(path, f"Header must be '# vartype=SPIN' or '# vartype=BINARY', not {told}")
    triples = read_triples(path)
    triples.n_spins()
    labels = np.unique(np.concatenate([triples.first, triples.second]))
    distinct_pairs(triples, MAX_SPINS, mirrored="refused")
    numbered = triples.renumbered(labels)
    names = None if labels[-1] == len(labels) - 1 else tuple(labels.tolist())
    if vartype == "BINARY":
        with named(path):
            entries = (numbered.first, numbered.second, numbered.values)
            return edge_list_of_qubo(len(labels), entries, "min", labels=names)
    model = edge_list_of_entries(numbered, len(labels), 0, -1.0)
    model.labels = names
    return model
