"""Crossbar products beside the plain matrix product: processor time, one thread, ratios of times in one process.

Linear algebra runs on one thread, which must be chosen before numpy is loaded: where it is not, the measurement runs in
a Python of its own. Ratios are times over the peer's, smaller is faster.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
from numba import njit

from ..emulator.crossbar.adc import Adc
from ..emulator.crossbar.column_sums import ColumnSums, flip_spin
from ..emulator.crossbar.crossbar import Crossbar
from ..emulator.crossbar.dac import Dac
from ..emulator.crossbar.tile_spec import TileSpec
from ..emulator.devices.catalogue import device
from .stopwatch import best_of

N, N_BATCH, N_FLIPS = 512, 128, 100_000
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
TILE = TileSpec(device("pcm_ibm"), n_rows=N, n_columns=N, dac=Dac(8), adc=Adc(8), single_precision=True)
SIGNED = Dac(8, "bit_serial", code="sign_magnitude")
SPECS = {
    "8-bit DAC and ADC, read noise": TILE,
    "8-bit DAC and ADC": replace(TILE, read_noise="none"),
    "bit-serial, 7 planes and sign, ADC a plane": replace(TILE, dac=SIGNED, read_noise="none"),
    "bit-serial, two's complement, ADC a plane": replace(TILE, dac=Dac(8, "bit_serial"), read_noise="none"),
    "bit-serial, two's complement, ADC a plane, read noise": replace(TILE, dac=Dac(8, "bit_serial")),
}


def rows(quick=False):
    """Measure and return the rows of `spinchip bench crossbar`.

    Parameters
    ----------
    quick : bool
        Fewer rounds and repetitions.
    """
    if all(os.environ.get(name) == value for name, value in ONE_THREAD.items()):
        return measured(quick)
    command = [sys.executable, "-m", __name__, *(["quick"] if quick else [])]
    answer = subprocess.run(command, env={**os.environ, **ONE_THREAD}, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def measured(quick=False):
    """Return the rows, measured in this process."""
    rounds, repetitions = (2, 10) if quick else (15, 40)
    rng = np.random.default_rng(1)
    weights, batch = rng.standard_normal((N, N)), rng.standard_normal((N_BATCH, N))
    crossbars = {name: Crossbar(weights, spec) for name, spec in SPECS.items()}
    found = _products(crossbars, weights, batch, (rounds, repetitions))
    found += _products(crossbars, weights, batch[:1], (rounds, 10 * repetitions))
    found += _flips(weights, rounds)
    return found + _changes(weights, crossbars[next(iter(SPECS))], 1 if quick else 3)


def _products(crossbars, weights, batch, sizes):
    """Return rows of products of one batch, beside numpy's with the same shapes in float32."""
    rounds, repetitions = sizes
    thin_weights, thin_batch = weights.astype(np.float32), batch.astype(np.float32)
    peer = f"numpy {'sgemm' if len(batch) > 1 else 'sgemv'}"
    works = {peer: _repeated(lambda: thin_batch @ thin_weights, repetitions)}
    for name, crossbar in crossbars.items():
        works[name] = _repeated(lambda each=crossbar: each.multiply(batch), repetitions)
    seconds = best_of(works, rounds)
    return [
        _row(f"{name}, batch {len(batch)}", 1e3 * time / repetitions, "ms", peer, time / seconds[peer])
        for name, time in seconds.items()
    ]


def _flips(weights, rounds):
    """Return rows of column updates inside a kernel, random and in order, beside a whole product of one vector."""
    rng = np.random.default_rng(2)
    spec = replace(TILE, dac=Dac(1), adc=Adc(), read_noise="none")
    orders = {"random": rng.integers(0, N, N_FLIPS), "in order": np.arange(N_FLIPS) % N}
    works, spins = {}, rng.choice((-1, 1), N)
    for word, single in (("int32", True), ("int64", False)):
        columns = ColumnSums(Crossbar(weights, replace(spec, single_precision=single)), spins)
        for name, order in orders.items():
            works[f"flip, {N} columns, {word}, {name}"] = lambda o=order, c=columns: _flip_all(
                o, c.spins, c.rows, c.sums
            )
    thin_weights, vector = weights.astype(np.float32), spins.astype(np.float32)
    works["numpy sgemv"] = _repeated(lambda: vector @ thin_weights, N_FLIPS // 100)
    seconds = best_of(works, rounds)
    whole = seconds.pop("numpy sgemv") * 100
    return [_row(name, 1e9 * time / N_FLIPS, "ns", "numpy sgemv", time / whole) for name, time in seconds.items()]


def _changes(weights, crossbar, rounds):
    """Return rows of programming a matrix, and of moving it to another time."""
    vector = np.ones(N)
    works = {
        "programming": lambda: Crossbar(weights, replace(TILE, adc=Adc())),
        "another time, first product": lambda: crossbar.at(3600.0).multiply(vector),
    }
    return [_row(name, 1e3 * time, "ms", "", None) for name, time in best_of(works, rounds).items()]


def _row(name, value, unit, peer, ratio):
    return {"name": name, "value": value, "unit": unit, "peer": peer, "ratio": ratio}


def _repeated(work, repetitions):
    def run():
        for _ in range(repetitions):
            work()

    return run


@njit(cache=True)
def _flip_all(order, spins, rows, sums):
    for i in order:
        flip_spin(i, spins, rows, sums)


if __name__ == "__main__":
    json.dump(measured("quick" in sys.argv[1:]), sys.stdout)
