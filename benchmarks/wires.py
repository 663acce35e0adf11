"""Arrays with resistive lines: exact solutions beside badcrossbar and the plain matrix product, one thread.

Times are processor times of one input vector, ratios are times over the peer's; numpy's product is 128 x 512 by
512 x 512, float32. Linear algebra runs on one thread, which must be chosen before numpy is loaded: where it is not, the
measurement runs in a Python of its own. badcrossbar (optional) runs in its fastest mode, output currents alone, while
ours returns all node voltages; it draws with cairo, which its solver does not need, so an empty module stands in.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import subprocess
import sys
import types
from importlib import metadata

import numpy as np

from ..emulator.devices.memristor.conduction import Sinh
from ..emulator.wires.effective import effective_conductance_S
from ..emulator.wires.newton import solve_nonlinear
from ..emulator.wires.nodal import solve
from ..emulator.wires.sensitivity import current_variance_A2
from ..emulator.wires.wires import Wires
from .stopwatch import best_of

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
SIZES = (64, 128, 256, 512)
LARGEST_DENSE = 256  # beyond it badcrossbar, operators and variances take many seconds each
STRENGTHS = {"mild": (40e3, 0.35), "strong": (1e3, 2.0)}  # smallest device, segment [ohm]
TOLERANCE = 1e-8  # in the energy norm; the rows of errors say what it means for currents
SGEMM, N_BATCH = "numpy sgemm", 128


def rows(quick=False):
    """Measure and return the rows of `spinchip bench wires`.

    Parameters
    ----------
    quick : bool
        One round, arrays up to 128 x 128.
    """
    if all(os.environ.get(name) == value for name, value in ONE_THREAD.items()):
        return measured(quick)
    command = [sys.executable, "-m", __name__, *(["quick"] if quick else [])]
    answer = subprocess.run(command, env={**os.environ, **ONE_THREAD}, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def measured(quick=False):
    """Return the rows, measured in this process."""
    peer = badcrossbar_solve()
    sizes, rounds = (SIZES[:2], 1) if quick else (SIZES, 5)
    found = []
    for name in STRENGTHS:
        for n in sizes:
            found += _array_rows(n, name, peer, rounds)
    if peer is None:
        found.append({"name": "badcrossbar", "value": None, "unit": "ms", "peer": None, "ratio": None})
    return found


def badcrossbar_solve():
    """Return a function (cells, voltages, wires) -> column currents of badcrossbar, or None if it is not installed."""
    try:
        metadata.version("badcrossbar")
    except metadata.PackageNotFoundError:
        return None
    if importlib.util.find_spec("cairo") is None:
        stand_in = types.ModuleType("cairo")
        stand_in.__getattr__ = lambda name: type(name, (), {})
        sys.modules.setdefault("cairo", stand_in)
    package = importlib.import_module("badcrossbar")
    logging.disable(logging.INFO)  # it reports every solution

    def currents(cells, voltages, wires):
        links = {"r_i_word_line": wires.row_ohm, "r_i_bit_line": wires.column_ohm}
        fastest = {"node_voltages": False, "all_currents": False}
        return np.ravel(package.compute(voltages[:, None], 1 / cells, **links, **fastest).currents.output)

    return currents


def array(n, strength):
    """Return cells [S], voltages [V] and wires of one case; conductances 1 to 50, voltages of one sign."""
    smallest_ohm, segment_ohm = STRENGTHS[strength]
    rng = np.random.default_rng(n)
    cells = rng.uniform(0.02, 1.0, (n, n)) / smallest_ohm
    return cells, rng.uniform(0.0, 0.3, n), Wires(segment_ohm, segment_ohm)


def _array_rows(n, strength, peer, rounds):
    """Return the rows of one array: all its works take turns."""
    cells, voltages, wires = array(n, strength)
    case, repetitions = f"{n} x {n}, {strength}", max(1, 1024 // n)
    works = {SGEMM: (_sgemm(), 10)}
    works["exact solution"] = (lambda: solve(cells, voltages, wires, TOLERANCE), repetitions)
    if n <= LARGEST_DENSE:
        works["sinh devices, Newton"] = (lambda: solve_nonlinear(cells, Sinh(), voltages, wires), 1)
        works["effective operator"] = (lambda: effective_conductance_S(cells, wires), 1)
        batch = np.tile(voltages, (N_BATCH, 1))
        works[f"variances of {N_BATCH} inputs"] = (lambda: current_variance_A2(cells, cells, batch, wires), 1)
        if peer:
            works["badcrossbar"] = (lambda: peer(cells, voltages, wires), 1)
    seconds = best_of({name: _repeated(*work) for name, work in works.items()}, rounds)
    each = {name: 1e3 * seconds[name] / works[name][1] for name in works}
    found = []
    for name in list(works)[1:]:
        against = "exact solution" if name == "badcrossbar" else SGEMM
        found.append(_row(f"{name}, {case}", each[name], "ms", against, each))
    return [*found, *_errors(case, (cells, voltages, wires), peer if n <= LARGEST_DENSE else None)]


def _errors(case, problem, peer):
    """Return how far currents are from those with the tightest tolerance, the worst column in relative terms."""
    exact = solve(*problem).currents_A
    found = {f"exact solution, tolerance {TOLERANCE:g}": solve(*problem, TOLERANCE).currents_A}
    if peer:
        found["badcrossbar"] = peer(*problem)
    errors = {name: float(np.abs(currents / exact - 1.0).max()) for name, currents in found.items()}
    return [_row(f"largest error of {name}, {case}", value, "1", "", {}) for name, value in errors.items()]


def _row(name, value, unit, peer, times):
    return {"name": name, "value": value, "unit": unit, "peer": peer, "ratio": value / times[peer] if times else None}


def _sgemm():
    rng = np.random.default_rng(0)
    batch, weights = rng.random((N_BATCH, 512), dtype=np.float32), rng.random((512, 512), dtype=np.float32)
    return lambda: batch @ weights


def _repeated(work, repetitions):
    def run():
        for _ in range(repetitions):
            work()

    return run


if __name__ == "__main__":
    json.dump(measured("quick" in sys.argv[1:]), sys.stdout)
