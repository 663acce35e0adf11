"""The own file format: arrays of one instance, with its name and provenance."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib

import numpy as np

from ..spec.atomic_write import whole_file
from .edge_list import EdgeList, check_size
from .faults import UNREADABLE, fault, named, shown

_KEYS = ("edges", "values", "biases", "origin")
_MORE = ("offset", "labels")  # only in files of instances that have them


def read_npz(path):
    """Read arrays ``edges`` (m, 2), ``values`` (m,), ``biases`` (n,) and the JSON text ``origin``.

    There may be a number ``offset`` and a JSON list ``labels``, which older files lack.

    The notes keep the provenance with which the instance was written.

    Parameters
    ----------
    path : str or Path
        A file of `write_npz`.

    Returns
    -------
    EdgeList
    """
    arrays = _load(path)
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
        notes = {"origin": json.loads(str(arrays["origin"]))}
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
        labels = json.loads(str(arrays["labels"]))
    except ValueError as error:
        raise fault(path, f"Array labels must be JSON, not {shown(str(error))}") from None
    if not isinstance(labels, list):
        raise fault(path, f"Array labels must be a JSON list, not {shown(str(labels))}")
    return float(offset), tuple(labels)


def _load(path):
    """Return the arrays of the file."""
    if not zipfile.is_zipfile(path):
        raise fault(path, "Instance must be an npz archive, not another kind of file")
    try:
        with open(path, "rb") as handle, np.load(handle, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in (*_KEYS, *_MORE) if key in archive}
    except (*UNREADABLE, zipfile.BadZipFile, zlib.error, struct.error, RuntimeError) as error:  # encrypted: Runtime
        raise fault(path, f"Instance must be a sound npz archive, not one that gives {shown(str(error))}") from None
    missing = [key for key in _KEYS if key not in arrays]
    if missing:
        raise fault(path, f"Archive must hold the arrays {', '.join(_KEYS)}, not lack {missing[0]}")
    return arrays


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
