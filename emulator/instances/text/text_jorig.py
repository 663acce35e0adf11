"""The text files of published 3D spin glasses: lines ``row col 4J``, both triangles, spins from 0."""

from __future__ import annotations

import numpy as np

from ...spec.errors import InputError
from ...spec.files.atomic_write import whole_file
from ..edge_list import EdgeList
from ..pairs import distinct_pairs
from .coo import told_base
from .triples import read_triples, write_triples

SCALE = 4.0  # the files store 4 J: J = +-1 is written +-4


def read_text_jorig(path, base=None):
    """Read lines ``row col 4J`` that list every entry of the symmetric matrix; there are no biases.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    base : {0, 1}, optional
        Number of the first spin; must be given if no spin 0 stands in the file, else it is 0.

    Returns
    -------
    EdgeList

    References
    ----------
    Chowdhury et al., arXiv:2503.10302, data of OPUSLab/3DSpinGlassWithPbits.
    """
    triples = read_triples(path)
    base = told_base(triples, base)
    n_spins = triples.n_spins(base)
    triples.check_no_loops()
    rows = distinct_pairs(triples, n_spins, mirrored="required")
    edges = np.stack([triples.first[rows], triples.second[rows]], axis=1) - base
    return EdgeList(n_spins, edges, triples.values[rows] / SCALE)


def write_text_jorig(instance, path):
    """Write both triangles column by column, as the published files do.

    Biases, and a first or last spin without couplings, are refused: the format can say neither.
    """
    if instance.biases.any():
        rule = "be zero in a text_JOrig file, which holds no biases (write npz or coo)"
        raise InputError(f"Biases must {rule}, not set at spin {np.flatnonzero(instance.biases)[0]}")
    for which, spin in (("First", 0), ("Last", -1)):
        if instance.degrees[spin] == 0:
            rule = "have a coupling in a text_JOrig file, which does not state the number of spins (write npz or coo)"
            raise InputError(f"{which} spin must {rule}, not stand alone")
    columns = np.repeat(np.arange(instance.n_spins), instance.degrees)
    with whole_file(path) as handle:
        write_triples(handle, instance.couplings.indices, columns, SCALE * instance.couplings.data)
