"""Formats that are known by their names and not read: what they are, and what to do."""

from __future__ import annotations

from pathlib import Path

from .faults import fault

_SOLVER = "write the QUBO with dimod: dimod.lp.load(...).objective, dimod.cqm_to_bqm(...), then bqm.to_file()"
BY_SUFFIX = {
    ".bq": "a .bq file: give --format qubo --sense min if each pair counts twice, as in Biq Mac's .sparse, and "
    "--triangle upper (or lower) too if it counts once",
    ".lp": f"an LP file ({_SOLVER})",
    ".mps": f"an MPS file ({_SOLVER})",
    ".qplib": "a QPLIB file (write its objective as lines i j q and read it with --format coo --base 1 --sense)",
    ".cqm": "a constrained quadratic model of dimod (dimod.cqm_to_bqm(...), then bqm.to_file())",
    ".dqm": "a discrete quadratic model of dimod (one-hot variables as a BinaryQuadraticModel, then bqm.to_file())",
    ".qs": "a QUBO of Zimpl (write lines i j q and read it with --format coo --sense)",
    ".hfs": "an HFS file of Chimera graphs (write lines i j J and read it with --format coo)",
    ".mzn": "a MiniZinc model (write its objective as lines i j q and read it with --format coo --sense)",
    ".opb": "a pseudo-Boolean problem (write its objective as lines i j q and read it with --format coo --sense)",
    ".graph": "a METIS graph (write it with networkx as GraphML, or as lines i j w)",
    ".dot": "a DOT graph (write it with networkx as GraphML, or as lines i j w)",
    ".gexf": "a GEXF graph (write it with networkx as GraphML)",
    ".net": "a Pajek graph (write it with networkx as GraphML)",
    ".xlsx": "a workbook (save the sheet as CSV)",
    ".xls": "a workbook (save the sheet as CSV)",
    ".ods": "a workbook (save the sheet as CSV)",
    ".parquet": "a Parquet table (save it as CSV)",
    ".pkl": "a Python pickle, which would run code (save arrays with numpy.savez, models with bqm.to_file())",
    ".pickle": "a Python pickle, which would run code (save arrays with numpy.savez, models with bqm.to_file())",
    ".gz": "compressed (unpack it first)",
    ".bz2": "compressed (unpack it first)",
    ".xz": "compressed (unpack it first)",
    ".zip": "an archive (unpack it first)",
    ".tar": "an archive (unpack it first)",
    ".tgz": "an archive (unpack it first)",
}


def refuse_foreign(path):
    """Refuse a file whose name tells a format that is known and not read."""
    told = BY_SUFFIX.get(Path(path).suffix.lower())
    if told:
        raise fault(path, f"Format must be one that is read here, not {told}")
