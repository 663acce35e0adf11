"""INSTANCE of the command line: a file of any format, or a generator in brackets."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from inspect import signature

from ..spec.errors import InputError
from ..spec.files.file_names import short_name
from ..spec.files.shipped_files import shipped_or_own
from .binary.mat import read_mat, write_mat
from .binary.npz import read_npz, write_npz
from .binary.numpy_matrix import read_npy_matrix
from .brackets import parse_brackets
from .dimod_bqm import read_bqm, write_bqm
from .faults import check_readable, named
from .generators.by_name import generate
from .guess import format_of_name, guess_format
from .reading import Reading
from .text.cnf import read_cnf
from .text.coo import read_coo, write_coo
from .text.dimod_coo import read_dimod_coo
from .text.edges import read_dimacs_graph, read_edges
from .text.graph_files import read_gml, read_graphml
from .text.matrix_market import read_matrix_market
from .text.matrix_text import read_matrix
from .text.qbsolv import read_qbsolv, read_qubist
from .text.qubo_text import read_qubo
from .text.rudy import read_rudy, write_rudy
from .text.table import read_table
from .text.text_jorig import read_text_jorig, write_text_jorig
from .text.wcnf import read_wcnf

READERS = {  # the options of `Reading` that a reader takes are its arguments beside the path
    "rudy": read_rudy,
    "coo": read_coo,
    "text_JOrig": read_text_jorig,
    "mat": read_mat,
    "npz": read_npz,
    "npy": read_npy_matrix,
    "bqm": read_bqm,
    "cnf": read_cnf,
    "wcnf": read_wcnf,
    "dimod-coo": read_dimod_coo,
    "qubo": read_qubo,
    "qbsolv": read_qbsolv,
    "qubist": read_qubist,
    "table": read_table,
    "edges": read_edges,
    "dimacs-graph": read_dimacs_graph,
    "graphml": read_graphml,
    "gml": read_gml,
    "matrix": read_matrix,
    "matrixmarket": read_matrix_market,
}
WRITERS = {
    "rudy": write_rudy,
    "coo": write_coo,
    "text_JOrig": write_text_jorig,
    "mat": write_mat,
    "npz": write_npz,
    "bqm": write_bqm,
}
WITH_OFFSET = ("npz", "bqm")  # formats that hold the energy's constant
_ALIASES = {
    "gset": "rudy",
    "g-set": "rudy",
    "jorig": "text_JOrig",
    "dimod": "bqm",
    "json": "bqm",
    "dimacs": "cnf",
    "csv": "table",
    "mtx": "matrixmarket",
    "dense": "matrix",
    **dict.fromkeys(("sparse", "biqmac", "mqlib", "beasley", "orlib", "gka", "bq"), "qubo"),
    "qh": "qubist",
    "wel": "coo",
    "col": "dimacs-graph",
    **dict.fromkeys(("el", "edgelist", "edge-list"), "edges"),
}


def resolve(text, file_format=None, **choices):
    """Return the instance that ``text`` names.

    Parameters
    ----------
    text : str or Path
        A generator such as ``[ea3d L=8 seed=3]``, or the path of a file; ``examples/...`` is the shipped one where
        the current folder has none.
    file_format : str or Reading, optional
        One of `READERS`; guessed from name and content if absent. Or all choices in one object.
    **choices
        Where name and content leave more open: ``base``, ``sign`` and others, see `Reading`.

    Returns
    -------
    IsingInstance
        With a short name, and a provenance that names generator and arguments, or file, format and SHA-256.

    Raises
    ------
    InputError
        One line that names the file, the line, the value and the rule, or the argument.

    >>> resolve("[ring n=6 J=1 h=0.3]").n_couplings
    6
    """
    if str(text).lstrip().startswith("["):
        if file_format is not None or choices:
            raise InputError(f"Format must go with a file, not with the generator {str(text)!r}")
        name, arguments = parse_brackets(str(text))
        return generate(name, **arguments)
    return read_instance(text, file_format, **choices)


def read_instance(path, file_format=None, **choices):
    """Return the instance that a file holds; see `resolve`."""
    unknown = sorted(set(choices) - {field.name for field in fields(Reading)})
    if unknown:
        raise InputError(
            f"Choice {unknown[0]} must be left out for a file, which takes base, sign and others of Reading"
        )
    reading = file_format if isinstance(file_format, Reading) else Reading(file_format, **choices)
    chosen = None if reading.file_format is None else _known_format(reading.file_format, READERS)
    path = shipped_or_own(path)
    check_readable(path)
    chosen = chosen or guess_format(path)
    reader = READERS[chosen]
    options = reading.options_for(chosen, known=list(signature(reader).parameters)[1:])
    edge_list = reader(path, **options)
    provenance = {"file": str(path), "format": chosen, **options, "sha256": _sha256(path)}
    with named(path):
        return edge_list.instance(short_name(path), provenance)


def write_instance(instance, path, file_format=None):
    """Write an instance to a file, whole or not at all.

    Parameters
    ----------
    instance : IsingInstance
        Model to write.
    path : str or Path
        File to write.
    file_format : str, optional
        One of `WRITERS`; taken from the name's ending if absent.

    Raises
    ------
    InputError
        If no format is told, or the format cannot hold the instance.
    """
    chosen = format_of_name(path) if file_format is None else file_format
    if chosen is None:
        raise InputError(f"Format must be named, one of {', '.join(WRITERS)}, not left open for {str(path)!r}")
    chosen = _known_format(chosen, WRITERS)
    if instance.offset and chosen not in WITH_OFFSET:
        rule = f"0 in a {chosen} file, which has no place for it (take {' or '.join(WITH_OFFSET)})"
        raise InputError(f"Offset must be {rule}, not {instance.offset!r}")
    WRITERS[chosen](instance, path)


def _known_format(name, table):
    """Return the key of ``table`` that ``name`` means, in any case, with or without a dot."""
    plain = str(name).lower().lstrip(".")
    keys = {key.lower(): key for key in table}
    key = keys.get(plain) or keys.get(_ALIASES.get(plain, "").lower())
    if key is None:
        raise InputError(f"Format must be one of {', '.join(table)}, not {str(name)!r}")
    return key


def _sha256(path):
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
