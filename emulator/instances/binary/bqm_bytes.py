"""dimod's binary files of models, read header first."""

from __future__ import annotations

import numpy as np

from ...spec.files.json_reading import parse_json
from ..faults import UNREADABLE, fault, shown
from .bqm_parts import BqmParts

MAGIC = b"DIMODBQM"
VERSIONS = ((1, 0), (2, 0))
OTHERS = {b"DIMODCQM": "ConstrainedQuadraticModel", b"DIMODDQM": "DiscreteQuadraticModel", b"DIMODQM": "QuadraticModel"}
LABELS_MAGIC = b"VARS"
_FIELDS = ("shape", "dtype", "itype", "ntype", "vartype", "variables")
_TYPES = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")


def read_bqm_bytes(path):
    """Return the `BqmParts` of a binary file, its sizes, neighbourhoods and indices checked.

    Parameters
    ----------
    path : str or Path
        A file that begins with `MAGIC`.

    References
    ----------
    Format specification in the documentation of ``dimod.BinaryQuadraticModel.to_file``.
    """
    content = np.fromfile(path, dtype=np.uint8)
    if len(content) < 14:
        raise fault(path, f"File must hold a header of 14 bytes or more, not {len(content)}")
    header, start = _header(path, content[: 1 << 24].tobytes())
    if any(not isinstance(header[key], str) or header[key] not in _TYPES for key in ("dtype", "itype", "ntype")):
        raise fault(path, f"Header must name known types, not {shown(str(header))}")
    n_variables, n_interactions = header["shape"]
    bias = np.dtype(header["dtype"])
    linear = np.dtype([("start", header["ntype"]), ("bias", bias)])
    quadratic = np.dtype([("index", header["itype"]), ("bias", bias)])
    ends = np.cumsum([start + bias.itemsize, n_variables * linear.itemsize, 2 * n_interactions * quadratic.itemsize])
    if ends[-1] > len(content):
        raise fault(path, f"File must hold the {ends[-1]} bytes that its header promises, not {len(content)}")
    offset = float(content[start : ends[0]].view(bias)[0])
    rows = content[ends[0] : ends[1]].view(linear)
    entries = content[ends[1] : ends[2]].view(quadratic)
    heads, tails, values = _interactions(path, rows["start"], entries)
    labels = _labels(path, header["variables"], content[ends[2] :].tobytes(), n_variables)
    return BqmParts(header["vartype"], labels, rows["bias"].astype(np.float64), heads, tails, values, offset)


def _interactions(path, starts, entries):
    """Return heads, tails and biases; each interaction stands in the neighbourhoods of both of its variables."""
    n_variables = len(starts)
    bounds = np.append(starts.astype(np.int64), len(entries))
    if bounds[0] != 0 or np.any(np.diff(bounds) < 0):
        raise fault(path, "Neighbourhoods must begin at 0 and follow each other, not overlap")
    heads, tails = np.repeat(np.arange(n_variables), np.diff(bounds)), entries["index"].astype(np.int64)
    bad = np.flatnonzero((tails < 0) | (tails >= n_variables))
    if len(bad):
        raise fault(path, f"Variable index must be in 0..{n_variables - 1}, not {tails[bad[0]]}")
    values = entries["bias"].astype(np.float64)
    first, second = heads < tails, heads > tails
    if first.sum() + second.sum() != len(heads):
        raise fault(path, f"Interaction must join two variables, not {heads[~(first | second)][0]} to itself")
    there = np.lexsort((tails[first], heads[first]))
    back = np.lexsort((heads[second], tails[second]))
    one = (heads[first][there], tails[first][there], values[first][there])
    other = (tails[second][back], heads[second][back], values[second][back])
    if not all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(one, other, strict=True)):
        raise fault(path, "Interactions must stand with one bias in the neighbourhoods of both variables, not all do")
    return one


def _header(path, content):
    """Return the header's fields, and where the data begin."""
    version, size = (content[8], content[9]), int.from_bytes(content[10:14], "little")
    if version not in VERSIONS:
        raise fault(path, f"Version of the format must be 1.0 or 2.0, not {version[0]}.{version[1]}")
    try:
        header = parse_json(content[14 : 14 + size].decode("ascii"))
        shape = [header[key] for key in _FIELDS][0]
    except UNREADABLE as error:
        raise fault(path, f"Header must be that of a dimod model, not one that gives {shown(str(error))}") from None
    sound = isinstance(shape, list) and len(shape) == 2 and all(type(n) is int and 0 <= n < 1 << 31 for n in shape)
    if isinstance(header["variables"], bool) != (version == (2, 0)):
        raise fault(path, "Labels must stand in the header in version 1, behind the data in version 2, not otherwise")
    if not sound:
        raise fault(path, f"Shape of the model must be two numbers from 0, not {shown(str(shape))}")
    return header, 14 + size


def _labels(path, told, rest, n_variables):
    """Return the names of the variables: in the header (version 1), behind the data (version 2), or their numbers."""
    if told is False:
        return list(range(n_variables))
    if isinstance(told, list):
        return told
    size = int.from_bytes(rest[4:8], "little")
    if told is not True or rest[:4] != LABELS_MAGIC or len(rest) < 8 + size:
        raise fault(path, "Labels must follow the model as its header says, not be absent")
    try:
        labels = parse_json(rest[8 : 8 + size])
    except UNREADABLE as error:
        raise fault(path, f"Labels must be a JSON list, not one that gives {shown(str(error))}") from None
    if not isinstance(labels, list):
        raise fault(path, f"Labels must be a JSON list, not {shown(str(labels))}")
    return labels
