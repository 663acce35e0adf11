"""Checks of dimod's files before dimod reads them: on damaged ones its C++ core ends the whole process."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .faults import UNREADABLE, fault, shown

MAGIC = b"DIMODBQM"
_FIELDS = ("shape", "dtype", "itype", "ntype", "vartype", "variables")
_TYPES = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")


def check_bqm_bytes(path):
    """Refuse a binary file whose sizes, degrees or indices do not hang together.

    Parameters
    ----------
    path : str or Path
        A file that begins with `MAGIC`.

    References
    ----------
    Format specification in the documentation of ``dimod.BinaryQuadraticModel.to_file``.
    """
    content = np.fromfile(path, dtype=np.uint8)
    header, start = _header(path, content[: 1 << 24].tobytes())
    if header["vartype"] not in ("SPIN", "BINARY") or any(
        header[key] not in _TYPES for key in ("dtype", "itype", "ntype")
    ):
        raise fault(path, f"Header must name known types, not {shown(str(header))}")
    n_variables, n_interactions = header["shape"]
    bias = np.dtype(header["dtype"])
    linear = np.dtype([("start", header["ntype"]), ("bias", bias)])
    quadratic = np.dtype([("index", header["itype"]), ("bias", bias)])
    ends = np.cumsum([start + bias.itemsize, n_variables * linear.itemsize, 2 * n_interactions * quadratic.itemsize])
    if ends[-1] > len(content):
        raise fault(path, f"File must hold the {ends[-1]} bytes that its header promises, not {len(content)}")
    starts = content[ends[0] : ends[1]].view(linear)["start"].astype(np.int64)
    indices = content[ends[1] : ends[2]].view(quadratic)["index"]
    bounds = np.append(starts, 2 * n_interactions)
    if n_variables and (starts[0] != 0 or np.any(np.diff(bounds) < 0)):
        raise fault(path, "Neighbourhoods must begin at 0 and follow each other, not overlap")
    bad = np.flatnonzero((indices < 0) | (indices >= n_variables))
    if len(bad):
        raise fault(path, f"Variable index must be in 0..{n_variables - 1}, not {indices[bad[0]]}")


def _header(path, content):
    """Return the header's fields, and where the data begin."""
    size = int.from_bytes(content[10:14], "little")
    try:
        header = json.loads(content[14 : 14 + size].decode("ascii"))
        shape = [header[key] for key in _FIELDS][0]
    except UNREADABLE as error:
        raise fault(path, f"Header must be that of a dimod model, not one that gives {shown(str(error))}") from None
    sound = isinstance(shape, list) and len(shape) == 2 and all(type(n) is int and 0 <= n < 1 << 31 for n in shape)
    if not sound:
        raise fault(path, f"Shape of the model must be two numbers from 0, not {shown(str(shape))}")
    return header, 14 + size


def read_bqm_document(path):
    """Return the JSON document of ``to_serializable``, its lists of the lengths and indices that it states."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        n_variables, labels = len(document["linear_biases"]), document["variable_labels"]
        columns = [document[key] for key in ("quadratic_head", "quadratic_tail", "quadratic_biases")]
        lengths = [len(column) for column in columns]
        indices = np.array(columns[:2])
    except UNREADABLE as error:
        raise fault(
            path, f"Instance must be the JSON of a dimod model, not one that gives {shown(str(error))}"
        ) from None
    if len(labels) != n_variables or len(set(lengths)) != 1:
        raise fault(path, f"Lists of the model must be of one length, not {[n_variables, len(labels)]} and {lengths}")
    if indices.size and (indices.dtype.kind != "i" or indices.min() < 0 or indices.max() >= n_variables):
        raise fault(path, f"Variable indices must be integers in 0..{n_variables - 1}, not all are")
    if indices.size and np.any(indices[0] == indices[1]):
        raise fault(
            path, f"Interaction must join two variables, not {indices[0][indices[0] == indices[1]][0]} to itself"
        )
    return document
