"""What each format means, in one line: for ``info`` and for the page of formats."""

from __future__ import annotations

MEANINGS = {
    "rudy": "Max-Cut weights w, spins from 1, so J = -w",
    "coo": "lines i j J and i i h, spins from 0 by default",
    "text_JOrig": "lines row col 4J of both triangles, spins from 0",
    "table": "lines i j J below column names, spins from 0 by default",
    "matrix": "a matrix J, row by row",
    "matrixmarket": "a matrix J of MatrixMarket, spins from 1",
    "edges": "edges i j, with or without a weight w, spins from 0 by default",
    "dimacs-graph": "edges e i j of a DIMACS graph, spins from 1",
    "graphml": "a graph whose edges carry J, its nodes h",
    "gml": "a graph whose edges carry J, its nodes h",
    "dimod-coo": "dimod's text, E = +sum J s s + sum h s or a QUBO, as its header says",
    "qubo": "entries i j q of a symmetric Q, from 1, each pair once and counted twice: E = x'Qx, minus that for max",
    "qbsolv": "terms i j q of a sum that is minimised, variables from 0",
    "qubist": "lines i j J and i i h of E = +sum J s s + sum h s, spins from 0",
    "cnf": "clauses; E + offset of the notes is the number of violated ones",
    "wcnf": "clauses with weights; E + offset of the notes is the weight of violated ones",
    "npz": "arrays of spinchip, or J and h",
    "npy": "a matrix J",
    "mat": "a matrix J (JOrig) and biases h of MATLAB or HDF5",
    "bqm": "a model of dimod, E = +sum J s s + sum h s + offset or a QUBO",
}
_CHOICES = ("base", "sign", "sense", "triangle", "variable")


def read_as(provenance):
    """Return what an instance was read as: the format, what it means, and what the user chose.

    >>> read_as({"format": "coo", "base": 1, "sha256": "..."})
    'coo: lines i j J and i i h, spins from 0 by default; base 1'
    """
    name = provenance.get("format")
    if name is None:
        return "generator"
    chosen = [f"{choice} {provenance[choice]}" for choice in _CHOICES if choice in provenance]
    return "; ".join([f"{name}: {MEANINGS[name]}", *chosen])
