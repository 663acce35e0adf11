"""The analog p-computer as a document: ``python -m spinchip.benchmarks.analog_machine docs/results/analog_machine.md``.

Drift as heat, noise as a flat sigmoid, what undoes them, two published problems, and updates beside full products.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
from scipy import stats

from ..emulator.crossbar.crossbar import Crossbar
from ..emulator.crossbar.encoding import Encoding
from ..emulator.devices.catalogue import device
from ..emulator.devices.programming_error import GaussianError
from ..emulator.devices.state_functions import Polynomial
from ..emulator.devices.write_verify import WriteVerify
from ..emulator.instances.resolve import resolve
from ..emulator.oracle.enumeration import boltzmann_law
from ..emulator.oracle.law_distance import total_variation
from ..emulator.oracle.states import energies_of_states
from ..emulator.pbits.analog_control import drift_gain, effective_beta, temperature_gain
from ..emulator.pbits.analog_law import analog_law, law_beta
from ..emulator.pbits.analog_machine import IDEAL_TILE, CrossbarSampler
from ..emulator.spec.atomic_write import whole_file
from ..emulator.spec.errors import InputError
from ..emulator.spec.schedule import Recording, Schedule
from ..models.graph_coloring import colorable_graph, coloring_instance, colors_of, is_proper
from .analog_figure import figure
from .gibbs_table import machine
from .stopwatch import best_of

RING, BETA, N_SWEEPS = resolve("[ring n=6 J=1 h=0.3]"), 0.5, 60
PCM = replace(IDEAL_TILE, device=device("pcm_ibm"), read_noise="lumped")
FULL_S, T0_S, NU = PCM.device.g_max_S, PCM.device.t0_s, 0.049  # mean exponent of cells above a fifth of full scale
TIMES = (("20 s", T0_S), ("1 h", 3600.0), ("1 d", 86_400.0), ("30 d", 2.6e6), ("1 y", 3.15e7))
AMPLIFIER, CELLS = (0.25, 0.5, 1.0, 2.0), (1.0, 3.0, 10.0, 30.0)
VOLTS_V = (0.0125, 0.025, 0.0375, 0.05)
ERRORS = (0.01, 0.02, 0.05, 0.1)
N_MACHINES, N_CHAINS = 10, 2000
CUT = "[maxcut n=24 weights=gauss seed=1]"
HEAD = """# The analog p-computer: junctions behind a phase-change crossbar

Made by `python -m spinchip.benchmarks.analog_machine {path}`, in one run. Machine: {machine}.

`[ring n=6 J=1 h=0.3]` at beta 0.5 on `pcm_ibm` (a pair of devices a weight, lumped read noise), nominal junctions. TV
is from the machine's exact law to Boltzmann's; beta is the effective one of that law (maximal pseudo-likelihood). Cells
are mean and half width of the 95 % interval over {n} machines that were programmed anew. `loop`: the read voltage is
corrected until the beta measured of {chains} states is the right one; `-`: a machine could not be brought there.

![drift, noise, voltage]({figure})

## Drift is heat

`voltage`: the read voltage is turned up by a gain that 64 calibration reads gave. `digital`: the tile rescales after
conversion. `anew`: programmed again. Exponents differ from cell to cell, so that beta falls a little less than by the
mean one, and no gain undoes all.

| after | TV, bare | beta, bare | 0.5 (t / t0)^-0.049 | gain | TV, voltage | beta, voltage | TV, digital | TV, anew |
|---|---|---|---|---|---|---|---|---|
"""
NOISE_HEAD = """
## Noise flattens the sigmoid

The amplifier's noise is added to beta I and does not grow with the read voltage.

| amplifier noise | TV, bare | beta, bare | gain, loop | TV, loop | beta, loop |
|---|---|---|---|---|---|
"""
CELLS_HEAD = """
Noise of the cells grows with the voltage, so that no voltage makes up for much of it; devices in parallel do.

| cell noise over the card's | TV, bare | beta, bare | gain, loop | TV, loop | beta, loop | TV, 16 devices |
|---|---|---|---|---|---|---|
"""
VOLTAGE_HEAD = """
## The read voltage is beta

1 mV is 0.02 of beta. Amplifier noise 0.5; TV to Boltzmann's law at the ideal beta.

| read voltage | beta, ideal | TV, bare | beta, bare | gain, loop | TV, loop | beta, loop |
|---|---|---|---|---|---|---|
"""
ERROR_HEAD = """
## Errors of programming are no heat

Normal errors of every cell, in shares of full scale, instead of those of the card; no other fault. `verify`: pulses
that scatter as much, repeated until a read is within 1 % of full scale. An error makes another problem of the one that
was meant, and no voltage turns it back.

| error | TV, bare | beta, bare | TV, loop | TV, 4 devices | TV, verify | beta, verify |
|---|---|---|---|---|---|---|
"""
PROBLEM_HEAD = """
## Weighted Max-Cut of 24 vertices, 3-colouring of 10

After the machine of arXiv:2506.14676 in structure, with other instances and devices. Amplifier noise 0.5; an annealing
run turns the voltage up in 20 steps. Cuts and colourings are checked on the graphs by networkx; the largest cut is that
of all 2^23 bipartitions. Intervals: 95 %.

| what | value |
|---|---|
"""
SPEED_HEAD = """
## Updates beside a full product for every flip, processor time

| p-bits | updates/s | one product for each update, updates/s | ratio |
|---|---|---|---|
"""


def judged(sampler, beta=BETA):
    """Return TV of a machine's law to Boltzmann's at ``beta`` and its effective beta."""
    law = analog_law(sampler, RING, Schedule.constant(beta, N_SWEEPS))
    return total_variation(law, boltzmann_law(RING, beta)), law_beta(RING, law)


def looped(sampler, beta=BETA):
    """Return the gain of the temperature loop, and TV and beta with it; not-a-number where it does not get there."""
    try:
        gain = temperature_gain(sampler, RING, beta, N_CHAINS, seed=sampler.device_seed).voltage_gain
    except InputError:
        return np.nan, np.nan, np.nan
    return gain, *judged(replace(sampler, voltage_gain=gain), beta)


def over_machines(measure, n_machines):
    """Return mean and half width of the 95 % interval of what ``measure(device_seed)`` gives, each of its numbers."""
    values = np.array([measure(seed) for seed in range(n_machines)])
    half = stats.t.isf(0.025, n_machines - 1) * values.std(axis=0, ddof=1) / np.sqrt(n_machines)
    return values.mean(axis=0), half


def cells(found):
    """Return the cells of a row; a loop that some machine could not close is ``-``."""
    return [f"{mean:.3f} ± {half:.3f}" if np.isfinite(mean) else "-" for mean, half in zip(*found, strict=True)]


def drift_rows(n_machines):
    """Return for each time mean and half width of TV, beta bare, gain, TV, beta of the gain, TV digital, TV anew."""
    found = {}
    for label, t_s in TIMES:

        def measure(seed, t_s=t_s):
            bare = CrossbarSampler(PCM, t_s=t_s, device_seed=seed)
            gain = drift_gain(bare, RING)
            digital = replace(bare, tile=replace(PCM, compensation="global"))
            anew = CrossbarSampler(PCM, device_seed=seed + 1000)
            turned = judged(replace(bare, voltage_gain=gain))
            return (*judged(bare), gain, *turned, judged(digital)[0], judged(anew)[0])

        found[label] = over_machines(measure, n_machines)
    return found


def noise_rows(n_machines):
    """Return for each amplifier noise mean and half width of TV, beta bare, gain, TV, beta of the loop."""
    found = {}
    for noise in AMPLIFIER:

        def measure(seed, noise=noise):
            bare = CrossbarSampler(PCM, amplifier_noise=noise, device_seed=seed)
            return (*judged(bare), *looped(bare))

        found[f"{noise:g}"] = over_machines(measure, n_machines)
    return found


def noisier(times, n_pairs=1):
    """Return phase-change tiles whose reads have ``times`` the noise of the card, with devices in parallel."""
    noise = PCM.device.read_noise
    strength = replace(noise.strength, scale=times * noise.strength.scale, high=times * noise.strength.high)
    noisy = replace(PCM.device, read_noise=replace(noise, strength=strength))
    return replace(PCM, device=noisy, encoding=Encoding(n_pairs=n_pairs))


def cell_rows(n_machines):
    """Return for each noise of the cells mean and half width of TV, beta bare, gain, TV, beta of the loop, TV of 16."""
    found = {}
    for times in CELLS:

        def measure(seed, times=times):
            bare = CrossbarSampler(noisier(times), device_seed=seed)
            many = CrossbarSampler(noisier(times, n_pairs=16), device_seed=seed)
            return (*judged(bare), *looped(bare), judged(many)[0])

        found[f"{times:g}"] = over_machines(measure, n_machines)
    return found


def voltage_rows(n_machines):
    """Return for each voltage mean and half width of TV, beta bare, gain, TV, beta of the loop."""
    found = {}
    for volts_V in VOLTS_V:

        def measure(seed, volts_V=volts_V):
            bare = CrossbarSampler(PCM, amplifier_noise=0.5, device_seed=seed)
            beta = volts_V / bare.volts_per_beta
            return (*judged(bare, beta), *looped(bare, beta))

        found[volts_V] = over_machines(measure, n_machines)
    return found


def error_rows(n_machines):
    """Return for each error mean and half width of TV, beta bare, TV of loop, of four devices, of verify, its beta."""
    found = {}
    for error in ERRORS:
        spread = GaussianError(Polynomial((error,)), scale_S=FULL_S, unit_S=FULL_S)
        verify = WriteVerify(0.01 * FULL_S, 0.0, gain=1.0, pulse_S=error * FULL_S, relax_S=0.0, read_S=0.0)
        once, closed = (replace(IDEAL_TILE, device=replace(IDEAL_TILE.device, programming=p)) for p in (spread, verify))

        def measure(seed, once=once, closed=closed):
            bare = CrossbarSampler(once, device_seed=seed)
            four = replace(bare, tile=replace(once, encoding=Encoding(n_pairs=4)))
            return (*judged(bare), looped(bare)[1], judged(four)[0], *judged(replace(bare, tile=closed)))

        found[f"{error:.0%}"] = over_machines(measure, n_machines)
    return found


def temperatures(n_chains):
    """Return (read voltage, ideal beta, `BetaInterval`) of the 24-vertex problem under a fixed amplifier noise."""
    glass, noisy, found = resolve(CUT), CrossbarSampler(PCM, amplifier_noise=0.5), []
    for volts_V in (0.01, 0.015, 0.02, 0.03, 0.045):
        beta = volts_V / noisy.volts_per_beta
        found.append((volts_V, beta, effective_beta(noisy, glass, Schedule.constant(beta, 100), n_chains, seed=2)))
    return found


def problem_rows(voltages, n_runs):
    """Return (what, value) of both problems."""
    glass, noisy, last = resolve(CUT), CrossbarSampler(PCM, amplifier_noise=0.5), Recording(after=399)
    graph = nx.Graph()
    graph.add_weighted_edges_from((u, v, -w) for (u, v), w in zip(glass.edges, glass.edge_values, strict=True))
    dense = glass.couplings.toarray()
    best = (graph.size(weight="weight") - energies_of_states(dense[1:, 1:], dense[0, 1:]).min()) / 2
    states = noisy.sample(glass, Schedule.linear(0.1, 2.0, 400), n_runs, 1, last).spins[:, 0]
    cuts = np.array([nx.cut_size(graph, np.flatnonzero(s > 0).tolist(), weight="weight") for s in states])
    found = [
        ("largest cut, all bipartitions", f"{best:.4f}"),
        (f"largest cut found in {n_runs} runs of 400 sweeps", f"{cuts.max():.4f}"),
        ("runs that found it", _share(cuts > best - 1e-9)),
    ]
    for volts_V, beta, interval in voltages:
        text = f"{1 / interval.best:.2f} ({1 / interval.high:.2f}-{1 / interval.low:.2f})"
        found.append((f"effective temperature at {1000 * volts_V:g} mV (ideal: {1 / beta:.2f})", text))
    graph = colorable_graph(10, 3, 20, seed=3)
    ends = noisy.sample(coloring_instance(graph, 3), Schedule.linear(0.05, 1.5, 400), n_runs, 1, last).spins[:, 0]
    proper = np.array([is_proper(graph, colors) for colors in colors_of(ends, 3)])
    return [*found, ("3-colouring: runs that end in a proper one", _share(proper))]


def _share(hits):
    interval = stats.binomtest(int(hits.sum()), hits.size).proportion_ci(method="wilson")
    return f"{hits.mean():.1%} ({interval.low:.1%}-{interval.high:.1%})"


def speed_row(n=512, quick=False):
    """Return updates per second by column sums and by a full product for each update, one row of `rows`."""
    glass = resolve(f"[sk n={n} seed=1]")
    crossbar, sampler = Crossbar(glass.couplings.toarray(), PCM), CrossbarSampler(PCM)
    n_sweeps, n_products = (20_000 // n, 5) if quick else (2_000_000 // n, 50)
    spins = np.ones(n)

    def products():
        for k in range(n_products):
            crossbar.multiply(spins, seed=k)

    def updates(n_sweeps):
        sampler.sample(glass, Schedule.constant(1.0, n_sweeps), 1, 1, Recording(every=n_sweeps))

    works = {"few": lambda: updates(1), "many": lambda: updates(1 + n_sweeps), "products": products}
    seconds = best_of(works, 1 if quick else 5)
    fast, slow = n * n_sweeps / (seconds["many"] - seconds["few"]), n_products / seconds["products"]
    name = f"analog machine, {n} p-bits"
    return {"name": name, "value": fast, "unit": "updates/s/core", "peer": "a product each", "ratio": fast / slow}


def document(path, quick=False):
    """Return the document as Markdown; draw its figure beside it."""
    n, picture = 3 if quick else N_MACHINES, Path(path).with_suffix(".png")
    drift, voltages = drift_rows(n), temperatures(500 if quick else 5000)
    times_s = np.array([t_s for _, t_s in TIMES])
    falling = BETA * (times_s / T0_S) ** -NU
    columns = {
        key: np.array([[rows[part][k] for rows in drift.values()] for part in (0, 1)])
        for key, k in (("bare", 1), ("voltage", 4))
    }
    figure({"times_s": times_s, "labels": list(drift), "law": falling} | columns, voltages, picture)
    lines = [HEAD.format(path=path, machine=machine(), n=n, chains=N_CHAINS, figure=picture.name)]
    for (label, found), law in zip(drift.items(), falling, strict=True):
        row = cells(found)
        lines.append(_row([label, *row[:2], f"{law:.3f}", *row[2:]]))
    for head, rows in ((NOISE_HEAD, noise_rows(n)), (CELLS_HEAD, cell_rows(n))):
        lines += [head, *(_row([label, *cells(found)]) for label, found in rows.items())]
    lines.append(VOLTAGE_HEAD)
    for volts_V, found in voltage_rows(n).items():
        lines.append(_row([f"{1000 * volts_V:g} mV", f"{volts_V / 0.05:g}", *cells(found)]))
    lines += [ERROR_HEAD, *(_row([label, *cells(found)]) for label, found in error_rows(n).items())]
    lines += [PROBLEM_HEAD, *(_row(pair) for pair in problem_rows(voltages, 20 if quick else 500)), SPEED_HEAD]
    for size in (128, 512):
        row = speed_row(size, quick)
        lines.append(_row([size, f"{row['value']:.3g}", f"{row['value'] / row['ratio']:.3g}", f"{row['ratio']:.3g}"]))
    return "".join(lines)


def _row(values):
    return f"| {' | '.join(str(value) for value in values)} |\n"


if __name__ == "__main__":
    made = document(sys.argv[1], quick="--quick" in sys.argv)
    with whole_file(sys.argv[1]) as handle:
        handle.write(made)
