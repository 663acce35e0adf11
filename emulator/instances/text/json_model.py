"""Models as JSON documents: dimod's ``to_serializable`` and bqpjson, which QUBOTools writes too."""

from __future__ import annotations

import numpy as np

from ...spec.files.json_reading import read_json
from ..binary.bqm_parts import BqmParts
from ..faults import fault, shown

_DIMOD = ("linear_biases", "quadratic_biases", "quadratic_head", "quadratic_tail", "variable_labels", "variable_type")
_DIMOD_MORE = ("offset", "use_bytes")
_BQPJSON = ("variable_ids", "variable_domain", "linear_terms", "quadratic_terms", "scale", "offset")
DOMAINS = {"spin": "SPIN", "boolean": "BINARY"}


def read_json_model(path):
    """Return the `BqmParts` of a JSON document; either layout is an objective to be minimised.

    Parameters
    ----------
    path : str or Path
        Path of the file.

    References
    ----------
    dimod, ``BinaryQuadraticModel.to_serializable``. bqpjson, docs/bqpjson_format.rst: the objective is
    scale (offset + sum of linear terms + sum of quadratic terms).
    """
    document = read_json(path)
    if not isinstance(document, dict):
        kind = "list" if isinstance(document, list) else type(document).__name__
        raise fault(path, f"Model must be a JSON object, dimod's or bqpjson, not a {kind}")
    if "linear_biases" in document or document.get("type") == "BinaryQuadraticModel":
        return _dimod(path, document)
    if "linear_terms" in document or "variable_domain" in document:
        return _bqpjson(path, document)
    keys = ", ".join(list(document)[:6])
    raise fault(path, f"Model must be dimod's to_serializable or bqpjson, not an object with keys {shown(keys)}")


def _dimod(path, document):
    """Return the parts of ``to_serializable``."""
    _check_keys(path, document, (*_DIMOD, *_DIMOD_MORE), "dimod's document")
    version = document.get("version")
    schema = version.get("bqm_schema") if isinstance(version, dict) else None
    if not isinstance(schema, str) or not schema.startswith(("2.", "3.")) or document["use_bytes"]:
        raise fault(path, f"Model must be of schema 2 or 3 with lists, not of {shown(str(schema))}")
    return BqmParts(
        document["variable_type"],
        _list(path, document["variable_labels"], "variable_labels"),
        _reals(path, document["linear_biases"], "linear_biases"),
        _wholes(path, document["quadratic_head"], "quadratic_head"),
        _wholes(path, document["quadratic_tail"], "quadratic_tail"),
        _reals(path, document["quadratic_biases"], "quadratic_biases"),
        float(_reals(path, [document["offset"]], "offset")[0]),
    )


def _bqpjson(path, document):
    """Return the parts of a bqpjson document, its scale multiplied out."""
    _check_keys(path, document, _BQPJSON, "bqpjson")
    domain = document["variable_domain"]
    if not isinstance(domain, str) or domain not in DOMAINS:
        raise fault(path, f"Domain of the variables must be spin or boolean, not {shown(str(domain))}")
    ids = _wholes(path, document["variable_ids"], "variable_ids")
    if len(set(ids.tolist())) != len(ids):
        raise fault(path, "Identifiers of the variables must differ from each other, not come twice")
    spins = {number: spin for spin, number in enumerate(ids.tolist())}
    linear_ids, linear = _terms(path, document["linear_terms"], ("id",), "linear_terms")
    ends, quadratic = _terms(path, document["quadratic_terms"], ("id_tail", "id_head"), "quadratic_terms")
    unknown = [number for number in (*linear_ids[0].tolist(), *ends.ravel().tolist()) if number not in spins]
    if unknown:
        raise fault(path, f"Term must name one of the variable_ids, not {unknown[0]}")
    scale, offset = _reals(path, [document["scale"], document["offset"]], "scale and offset")
    if not scale >= 0:
        raise fault(path, f"Scale must be 0 or more, not {scale}")
    biases = np.zeros(len(ids))
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused with the rest
        np.add.at(biases, [spins[number] for number in linear_ids[0].tolist()], linear)
        tails, heads = (np.array([spins[number] for number in row], dtype=np.int64) for row in ends.tolist())
        parts = (scale * biases, heads, tails, scale * quadratic, float(scale * offset))
    return BqmParts(DOMAINS[domain], ids.tolist(), *parts)


def _check_keys(path, document, keys, what):
    missing = [key for key in keys if key not in document]
    if missing:
        raise fault(path, f"Key {missing[0]} must stand in {what}, not be absent")


def _list(path, values, what):
    if not isinstance(values, list):
        raise fault(path, f"{what} must be a list, not {shown(str(values))}")
    return values


def _reals(path, values, what):
    """Return a list of numbers as float64."""
    for value in _list(path, values, what):
        if type(value) not in (int, float) or (type(value) is int and abs(value) >= 1 << 1023):
            raise fault(path, f"{what} must hold numbers, not {shown(str(value))}")
    return np.array(values, dtype=np.float64)


def _wholes(path, values, what):
    """Return a list of whole numbers as int64."""
    for value in _list(path, values, what):
        if type(value) is not int or not -(1 << 63) <= value < 1 << 63:
            raise fault(path, f"{what} must hold whole numbers, not {shown(str(value))}")
    return np.array(values, dtype=np.int64)


def _terms(path, terms, keys, what):
    """Return the identifiers, shape (len(keys), m), and the coefficients of a list of terms."""
    for term in _list(path, terms, what):
        if not isinstance(term, dict) or not {*keys, "coeff"} <= set(term):
            raise fault(path, f"{what} must hold objects with {', '.join(keys)} and coeff, not {shown(str(term))}")
    ids = np.stack([_wholes(path, [term[key] for term in terms], f"{key} of {what}") for key in keys])
    return ids, _reals(path, [term["coeff"] for term in terms], f"coeff of {what}")
