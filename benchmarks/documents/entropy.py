"""Junctions at the entropy port as a document.

Command: ``python -m spinchip.benchmarks.documents.entropy docs/results/entropy.md``.
"""

from __future__ import annotations

import itertools
import sys

import numpy as np

from ...emulator.devices.junction.card import SmtjCard
from ...emulator.devices.junction.synchroniser import Sampling, synchronised_bits
from ...emulator.golden.fabric.entropy_stages import BiasTracker, extracted, words_of, xor_groups
from ...emulator.instances.resolve import resolve
from ...emulator.spec.fabric.entropy import TrackerSpec
from ...emulator.spec.fabric.program import compile_program
from ...emulator.spec.fabric.quantised import FabricOptions, fabric_for
from ...emulator.spec.fabric.random_source import RandomKind, RandomSpec
from ...emulator.spec.files.atomic_write import whole_file
from ...emulator.spec.schedule import Recording, Schedule
from ...emulator.stats.evidence import Evidence
from ...emulator.stats.gate import Gate
from ...sim.runs.entropy_run import run_with_words
from .gibbs import machine

CARD = SmtjCard(1e-9, 4.0)
NEURON_S = float(CARD.correlation_time_s(0.0))
RING = resolve("[ring n=6 J=1 h=0.3]")
SPEC = fabric_for(RING, FabricOptions(random=RandomSpec(RandomKind.EXTERNAL)))
N_LINES = SPEC.n_slots * SPEC.compare_bits
STAGES = ("raw", "XOR of 2", "XOR of 4", "von Neumann")
STEP, TRACKER, N_WINDOWS = 0.001, TrackerSpec(window_bits=14, code_bits=10, shift=6), 10
# Name, drive, clocks in neuron times, other numbers of `Sampling` (the aperture in neuron times).
CASES = (
    ("fair, clock 10 t_neuron", 0.0, 10.0, {}),
    ("clock 5 t_neuron", 0.0, 5.0, {}),
    ("clock 3 t_neuron", 0.0, 3.0, {}),
    ("clock 2 t_neuron", 0.0, 2.0, {}),
    ("clock 1 t_neuron", 0.0, 1.0, {}),
    ("share of ones 0.504", 0.001, 10.0, {}),
    ("share of ones 0.512", 0.003, 10.0, {}),
    ("share of ones 0.54", 0.01, 10.0, {}),
    ("share of ones 0.69", 0.05, 10.0, {}),
    ("common noise, sd 0.02", 0.0, 10.0, {"common_sd": 0.02}),
    ("common noise, sd 0.1", 0.0, 10.0, {"common_sd": 0.1}),
    ("aperture 0.3 t_neuron, share of ones 0.54", 0.01, 10.0, {"aperture": 0.3}),
)
HEAD = """# Junctions at the entropy port: which statistics still pass

Made by `python -m spinchip.benchmarks.documents.entropy {path}`, in one run. Machine: {machine}.

Golden p-computer of `[ring n=6 J=1 h=0.3]` at beta 0.5, {lines} lines ({bits} bits of {slots} slices), {sweeps} sweeps
of one machine, judged update by update at 1e-6; in brackets the adjusted p-value. RTL equals golden on such words in
every clock (`tests/cosim/test_entropy_cosim.py`). Junctions of 4 kT; t_neuron is their correlation time without drive.
XOR stages take as many junctions a line; the extractor takes what it needs.

| junctions | raw | XOR of 2 | XOR of 4 | von Neumann | ones |
|---|---|---|---|---|---|
"""
TAIL = """
An XOR of two turns a bias e (share 1/2 + e) into 2 e^2, and memory into its square. Junctions that move together defeat
it: their common part does not cancel. The extractor takes any constant bias away, and no memory: consecutive bits of
one junction make its pairs. Its lines fall out of step, so that what they have in common comes at different times.

## Bias tracking

{lines} junctions with offsets of standard deviation {sd} (drive); each loop counts 2^{window} bits and moves its code
by the error over 2^{shift}, a step of {step} in drive; after {windows} windows the codes are held.

| | mean deviation from a half | raw bits |
|---|---|---|
"""


def judged(bits, n_sweeps):
    """Return the verdict of a machine on these bits, shape (n_cycles, n_lines), as a cell of the table."""
    program = compile_program(RING, SPEC, Schedule.constant(0.5, n_sweeps), Recording())
    spins = run_with_words(program, words_of(bits[: n_sweeps * SPEC.n_colors]))
    found = Gate().judge(Evidence(program, spins[None]))
    return f"{found.verdict} ({found.p_value:.1g})"


def case_row(drive, clocks, more, n_sweeps):
    """Return verdicts of every stage, and the share of ones of raw bits."""
    n_cycles, more = n_sweeps * SPEC.n_colors, dict(more)
    aperture_s = more.pop("aperture", 0.0) * NEURON_S
    sampling = Sampling(clocks * NEURON_S, aperture_s, **more)
    wide = synchronised_bits(CARD, drive, sampling, n_cycles, 1, 4 * N_LINES)
    cells = [judged(wide[:, :N_LINES], n_sweeps)]
    cells += [judged(xor_groups(wide[:, : k * N_LINES], k), n_sweeps) for k in (2, 4)]
    lines, seeds = [np.empty(0, dtype=np.uint8)] * N_LINES, itertools.count(2)
    while min(map(len, lines)) < n_cycles:
        more_bits = extracted(synchronised_bits(CARD, drive, sampling, 2 * n_cycles, next(seeds), N_LINES))
        lines = [np.concatenate(pair) for pair in zip(lines, more_bits, strict=True)]
    return [*cells, judged(np.stack([line[:n_cycles] for line in lines], axis=1), n_sweeps), f"{wide.mean():.3f}"]


def tracking_rows(n_sweeps, sd=0.02):
    """Return (label, deviation, verdict) before and after the loops have run."""
    offsets = sd * np.random.default_rng(5).standard_normal(N_LINES)
    loops, sampling = [BiasTracker(TRACKER) for _ in offsets], Sampling(10 * NEURON_S)
    window = 1 << TRACKER.window_bits
    for k in range(N_WINDOWS):
        codes = np.array([loop.code for loop in loops])
        bits = synchronised_bits(CARD, STEP * codes - offsets, sampling, window, 100 + k, N_LINES)
        for loop, line in zip(loops, bits.T, strict=True):
            for bit in line:
                loop.tick(bit)
    found = []
    for label, drive in (("before", -offsets), ("after", STEP * np.array([loop.code for loop in loops]) - offsets)):
        bits = synchronised_bits(CARD, drive, sampling, n_sweeps * SPEC.n_colors, 1, N_LINES)
        deviation = np.abs(CARD.mean(CARD.reduced_drive(drive)) / 2).mean()
        found.append((label, f"{deviation:.4f}", judged(bits, n_sweeps)))
    return found, sd


def document(path, quick=False):
    """Return the document as Markdown."""
    n_sweeps = 1000 if quick else 10_000
    sizes = {"lines": N_LINES, "bits": SPEC.compare_bits, "slots": SPEC.n_slots, "sweeps": n_sweeps}
    text = HEAD.format(path=path, machine=machine(), **sizes)
    for name, drive, clocks, more in CASES:
        text += f"| {name} | {' | '.join(case_row(drive, clocks, more, n_sweeps))} |\n"
    rows, sd = tracking_rows(n_sweeps)
    loop = {"window": TRACKER.window_bits, "shift": TRACKER.shift, "step": STEP, "windows": N_WINDOWS}
    text += TAIL.format(lines=N_LINES, sd=sd, **loop)
    return text + "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    made = document(sys.argv[1], quick="--quick" in sys.argv)
    with whole_file(sys.argv[1]) as handle:
        handle.write(made)
