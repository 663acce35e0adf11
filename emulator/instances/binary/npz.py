"""The own file format: arrays of one instance, with its name and provenance."""

from __future__ import annotations

import json

import numpy as np

from ...spec.files.atomic_write import whole_file
from ...spec.files.json_reading import parse_json
from ...spec.model_size import check_size
from ..edge_list import EdgeList
from ..faults import fault, named, shown
from .array_file import Archive
from .numpy_matrix import read_matrix_archive

_KEYS = ("edges", "values", "biases", "origin")
_MORE = ("offset", "labels")  # only in files of instances that have them


def read_npz(path, variable=None, triangle=None):
    """Read arrays ``edges`` (m, 2), ``values`` (m,), ``biases`` (n,) and the JSON text ``origin``, or a matrix.

    There may be a number ``offset`` and a JSON list ``labels``, which older files lack. The notes keep the provenance
    with which the instance was written. An archive with other arrays is read by `read_matrix_archive`.

    Parameters
    ----------
    path : str or Path
        A file of `write_npz`, of ``numpy.savez`` or of ``scipy.sparse.save_npz``.
    variable, triangle : str, optional
        Name of the matrix, and the triangle that holds it; see `read_matrix_archive`.

    Returns
    -------
    EdgeList
    """
    with Archive(path) as archive:
        own = [key for key in _KEYS if key in archive.listing]
        if variable is not None or len(own) < 2:
            return read_matrix_archive(archive, variable, triangle)
        if triangle is not None:
            raise fault(path, f"Option --triangle must go with a matrix, not with arrays {', '.join(own)}")
        missing = [key for key in _KEYS if key not in own]
        if missing:
            raise fault(path, f"Archive must hold the arrays {', '.join(_KEYS)}, not lack {missing[0]}")
        arrays = {key: archive.read(key) for key in (*_KEYS, *_MORE) if key in archive.listing}
    return _edge_list(path, arrays)


def _edge_list(path, arrays):
    """Return the edge list of our own arrays."""
    for key, kind, ndim in (("edges", "iu", 2), ("values", "f", 1), ("biases", "f", 1), ("origin", "U", 0)):
        array = arrays[key]
        if array.dtype.kind not in kind or array.ndim != ndim:
            raise fault(path, f"Array {key} must have {ndim} dimensions, not shape {array.shape} of {array.dtype}")
    edges, values, biases = arrays["edges"], arrays["values"], arrays["biases"]
    if edges.shape != (len(values), 2):
        raise fault(path, f"Array edges must be of shape ({len(values)}, 2), not {edges.shape}")
    for key in ("values", "biases"):
        bad = np.flatnonzero(~np.isfinite(arrays[key]))
        if len(bad):
            raise fault(path, f"Entry {bad[0]} of {key} must be finite, not {arrays[key][bad[0]]}")
    with named(path):
        check_size(len(biases), len(values))
    try:
        notes = {"origin": parse_json(str(arrays["origin"]))}
    except ValueError as error:
        raise fault(path, f"Array origin must be JSON, not {shown(str(error))}") from None
    return EdgeList(len(biases), edges, values, biases, notes, *_extras(path, arrays))


def _extras(path, arrays):
    """Return the offset and the labels."""
    offset = arrays.get("offset", np.array(0.0))
    if offset.dtype.kind != "f" or offset.ndim != 0:
        raise fault(path, f"Array offset must be one number, not shape {offset.shape} of {offset.dtype}")
    if "labels" not in arrays:
        return float(offset), None
    try:
        labels = parse_json(str(arrays["labels"]))
    except ValueError as error:
        raise fault(path, f"Array labels must be JSON, not {shown(str(error))}") from None
    if not isinstance(labels, list):
        raise fault(path, f"Array labels must be a JSON list, not {shown(str(labels))}")
    return float(offset), tuple(labels)


def write_npz(instance, path):
    """Write the instance with name, provenance, offset and labels; exact, and the fastest to read back."""
    origin = json.dumps({"name": instance.name, **instance.provenance}, default=str)
    more = {"offset": np.array(instance.offset)} if instance.offset else {}
    if instance.labels is not None:
        more["labels"] = np.array(json.dumps(instance.labels))
    with whole_file(path, "wb") as handle:
        np.savez(
            handle,
            edges=instance.edges,
            values=instance.edge_values,
            biases=instance.biases,
            origin=np.array(origin),
            **more,
        )
