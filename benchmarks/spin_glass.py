"""Spin glasses and cuts as one document.

The measurements are those of `models.spin_glass.energies` and `models.max_cut.cuts`;
``python -m spinchip.benchmarks.spin_glass docs/results/spin_glass.md [--full]`` writes the tables.
"""

from __future__ import annotations

import sys
import time

from ..emulator.spec.files.atomic_write import check_output, whole_file
from ..models.max_cut.cuts import cut_rows
from ..models.spin_glass.energies import tempering_rows, trotter_rows
from .documents.glass import document


def measured(full):
    """Measure and return all rows by table."""
    started = time.perf_counter()
    residual, ground = tempering_rows(full)
    tables = {"residual": residual + trotter_rows(full), "ground": ground, "cuts": cut_rows(full)}
    return tables | {"full": full, "seconds": time.perf_counter() - started}


if __name__ == "__main__":
    check_output(sys.argv[1])
    with whole_file(sys.argv[1]) as handle:
        handle.write(document(measured("--full" in sys.argv[2:])))
