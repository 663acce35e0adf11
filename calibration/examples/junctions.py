"""Example files of measured data, drawn from emulated devices whose numbers are known; always called synthetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...emulator.devices.junction.card import SmtjCard, draw_population
from ...emulator.devices.junction.readout import node_V
from ...emulator.devices.junction.telegraph import run_events, sample_at
from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import whole_file
from ...emulator.spec.seeds import child_seed
from .memristors import MEMRISTOR_EXAMPLES, crossbar_arrays

JUNCTION = SmtjCard(tau0_s=1e-9, barrier_kT=12.0, gain=2.0, offset=0.01, cv_gain=0.1, sd_offset=0.005)
LOW_BARRIER = SmtjCard(tau0_s=1e-6, barrier_kT=4.0, gain=2.0, offset=0.01)
REACH = 0.3  # of the reduced drive: dwell times differ by e^4.8, and the barrier bends their logarithms by 0.36
NOISE_IN_SWING = 0.4  # standard deviation over the distance of both node voltages: a signal-to-noise ratio of 2.5


def telegraph_rows(seed, n_samples=20_000, interval_s=10e-6, card=JUNCTION, x=0.0):
    """Return times and node voltages of one junction at reduced drive ``x``; header, ndarray (n_samples, 2)."""
    times_s = interval_s * np.arange(1, n_samples + 1)
    states = sample_at(card, np.full((n_samples, 1), card.drive_for(x)), times_s, seed)[:, 0]
    levels = node_V(card.circuit, (-1.0, 1.0))
    noise = NOISE_IN_SWING * (levels[1] - levels[0])
    voltage = node_V(card.circuit, states) + noise * np.random.default_rng([seed, 1]).standard_normal(n_samples)
    return "time_us,signal_mV", np.stack([1e6 * times_s, 1e3 * voltage], axis=1)


def junction_rows(seed, n_drives=9, n_samples=30_000):
    """Return traces, one a drive, six samples in the shorter dwell time; header, ndarray (n_drives * n_samples, 3)."""
    parts = []
    for k, x in enumerate(np.linspace(-REACH, REACH, n_drives)):
        interval_s = float(min(LOW_BARRIER.dwell_s(x))) / 6.0
        _, rows = telegraph_rows(child_seed(seed, "drive", k), n_samples, interval_s, LOW_BARRIER, x)
        parts.append(np.column_stack([np.full(n_samples, 1e3 * LOW_BARRIER.drive_for(x)), rows]))
    return "drive_mV,time_us,signal_mV", np.concatenate(parts)


def sigmoid_rows(seed, n_junctions=20, n_drives=9, n_reads=2000):
    """Return counts of junctions that differ, read far apart; header, ndarray (n_junctions * n_drives, 4)."""
    rng = np.random.default_rng(seed)
    many = draw_population(JUNCTION, n_junctions, rng)
    drives = JUNCTION.offset + np.linspace(-0.05, 0.05, n_drives)
    up = (1.0 + many.mean(many.reduced_drive(drives[:, None]))) / 2.0
    counts = rng.binomial(n_reads, up)
    rows = [(i, 1e3 * drives[k], counts[k, i], n_reads) for i in range(n_junctions) for k in range(n_drives)]
    return "junction,drive_mV,n_up,n_reads", np.array(rows)


def dwell_rows(seed, n_drives=9, n_stays=400):
    """Return mean dwell times from event logs; header, ndarray (n_drives, 5)."""
    rows = []
    for k, x in enumerate(np.linspace(-0.4, 0.4, n_drives)):
        drive = JUNCTION.drive_for(x)
        length_s = n_stays * float(sum(JUNCTION.dwell_s(x)))
        up, down = run_events(JUNCTION, drive, [0.0, length_s], child_seed(seed, "drive", k)).dwells_s(0)
        rows.append((1e3 * drive, 1e6 * up.mean(), 1e6 * down.mean(), up.size, down.size))
    return "drive_mV,dwell_up_us,dwell_down_us,n_up,n_down", np.array(rows)


EXAMPLES = {"telegraph": telegraph_rows, "sigmoid": sigmoid_rows, "dwells": dwell_rows, "junction": junction_rows}
EXAMPLES |= MEMRISTOR_EXAMPLES
ARRAYS = {"crossbar": crossbar_arrays}  # matrices, as .npz


def write_example(kind, path, seed):
    """Write an example of one kind as CSV, matrices as npz.

    Parameters
    ----------
    kind : str
        One of `EXAMPLES` and `ARRAYS`.
    path : str or Path
        Where; it must end in .csv, for matrices in .npz, and not be there yet.
    seed : int
        Seed of the emulated devices.
    """
    if kind not in EXAMPLES | ARRAYS:
        raise InputError(f"Kind of an example must be one of {', '.join(EXAMPLES | ARRAYS)}, not {kind!r}")
    suffix = ".npz" if kind in ARRAYS else ".csv"
    if not str(path).endswith(suffix):
        raise InputError(f"Example must be a file that ends in {suffix}, not {str(path)!r}")
    if Path(path).exists():
        raise InputError(f"Example must be a new file, not {str(path)!r}, which is there: it may be measured data")
    if kind in ARRAYS:
        with whole_file(path, "wb") as handle:
            np.savez(handle, **ARRAYS[kind](seed))
        return
    header, rows = EXAMPLES[kind](seed)
    with whole_file(path) as handle:
        handle.write(f"# synthetic: drawn by spinchip from an emulated device, seed {seed}\n{header}\n")
        np.savetxt(handle, rows, fmt="%.9g", delimiter=",")
