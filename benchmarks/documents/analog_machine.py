"""The analog p-computer as a document.

Command: ``python -m spinchip.benchmarks.documents.analog_machine docs/results/analog_machine.md``.

Drift as heat, noise as a flat sigmoid, what undoes them, two published problems, and updates beside full products.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...emulator.crossbar.crossbar import Crossbar
from ...emulator.devices.catalogue import device
from ...emulator.instances.resolve import resolve
from ...emulator.oracle.enumeration import boltzmann_law
from ...emulator.oracle.law_distance import total_variation
from ...emulator.oracle.states import all_spins, energies_of_states
from ...emulator.pbits.analog_machine import IDEAL_TILE, CrossbarSampler, analog_law, drift_gain
from ...emulator.spec.files.atomic_write import whole_file
from ...emulator.spec.schedule import Recording, Schedule
from ...emulator.spec.seeds import child_seed
from ...emulator.stats.effective_beta import beta_from_states
from ...models.logic.graph_coloring import colorable_graph, coloring_instance, colors_of, is_proper
from ..stopwatch import best_of
from .gibbs import machine

RING, BETA = resolve("[ring n=6 J=1 h=0.3]"), 0.5
BOLTZMANN = boltzmann_law(RING, BETA)
PCM = replace(IDEAL_TILE, device=device("pcm_ibm"), read_noise="lumped")
TIMES = (("20 s", None), ("1 h", 3600.0), ("1 d", 86_400.0), ("30 d", 2.6e6), ("1 y", 3.15e7))
AMPLIFIER = (0.0, 0.25, 0.5, 1.0, 2.0)
N_MACHINES, N_STATES = 10, 20_000
CUT = "[maxcut n=24 weights=gauss seed=1]"
HEAD = """# The analog p-computer: junctions behind a phase-change crossbar

Made by `python -m spinchip.benchmarks.documents.analog_machine {path}`, in one run. Machine: {machine}.

`[ring n=6 J=1 h=0.3]` at beta 0.5 on `pcm_ibm` (a pair of devices a weight, lumped read noise), nominal junctions. TV
of the machine's exact distribution to Boltzmann's, and the effective beta of 20000 draws of that
distribution (maximal pseudo-likelihood, standard error 0.003). Mean and standard error over {n} machines
that were programmed anew.

## Drift is heat

![effective beta against time]({figure})

`bare`: nothing is done. `voltage`: the read voltage is turned up by a gain that 64 calibration reads gave. `digital`:
the tile rescales after conversion. `anew`: programmed again.

| after | TV, bare | beta, bare | TV, voltage | beta, voltage | gain | TV, digital | TV, anew |
|---|---|---|---|---|---|---|---|
"""
NOISE_HEAD = """
## Noise flattens the sigmoid

The amplifier's noise is added to beta I and does not grow with the read voltage; that of the devices is in every row.

| noise | TV | beta | beta at twice the voltage, over 2 |
|---|---|---|---|
"""
PROBLEM_HEAD = """
## Weighted Max-Cut of 24 vertices, 3-colouring of 10

After the machine of arXiv:2506.14676 in structure, with other instances and devices. Amplifier noise 0.5; an annealing
run turns the voltage up in 20 steps. Cuts and colourings are checked on the graphs; the largest cut is that of all
2^23 bipartitions.

| what | value |
|---|---|
"""
SPEED_HEAD = """
## Updates beside a full product for every flip, processor time

| p-bits | updates/s | one product for each update, updates/s | ratio |
|---|---|---|---|
"""


def _effective(law, seed):
    """Return the effective beta of draws of a distribution."""
    draws = np.random.default_rng(seed).choice(law.size, N_STATES, p=law / law.sum())
    return beta_from_states(RING, all_spins(6)[draws][:, None, :], min_length=0.0).best


def _judged(sampler):
    """Return TV of a machine's distribution to Boltzmann's and its effective beta."""
    law = analog_law(sampler, RING, Schedule.constant(BETA, 60))
    return total_variation(law, BOLTZMANN), _effective(law, sampler.device_seed)


def _cell(values, digits=3):
    values = np.asarray(values)
    return f"{values.mean():.{digits}f} ± {values.std(ddof=1) / np.sqrt(values.size):.{digits}f}"


def drift_rows():
    """Return for each time a dict of arrays over machines: bare, voltage, digital, anew as (TV, beta), and the gain."""
    found = {}
    for label, t_s in TIMES:
        rows = {key: [] for key in ("bare", "voltage", "digital", "anew", "gain")}
        for seed in range(N_MACHINES):
            bare = CrossbarSampler(PCM, t_s=t_s, device_seed=seed)
            gain = drift_gain(bare, RING)
            digital = replace(PCM, compensation="global")
            rows["gain"].append(gain)
            rows["bare"].append(_judged(bare))
            rows["voltage"].append(_judged(CrossbarSampler(PCM, t_s=t_s, voltage_gain=gain, device_seed=seed)))
            rows["digital"].append(_judged(CrossbarSampler(digital, t_s=t_s, device_seed=seed)))
            rows["anew"].append(_judged(CrossbarSampler(PCM, device_seed=child_seed(seed, "anew"))))
        found[label] = {key: np.array(value) for key, value in rows.items()}
    return found


def noise_rows():
    """Return (noise, TV, beta, beta at twice the voltage over 2), the latter three arrays over machines."""
    rows = []
    for noise in AMPLIFIER:
        once, twice = [], []
        for seed in range(N_MACHINES):
            once.append(_judged(CrossbarSampler(PCM, amplifier_noise=noise, device_seed=seed)))
            twice.append(
                _judged(CrossbarSampler(PCM, amplifier_noise=noise, voltage_gain=2.0, device_seed=seed))[1] / 2
            )
        rows.append((noise, *np.array(once).T, np.array(twice)))
    return rows


def problem_rows():
    """Return (what, value) of both problems."""
    glass = resolve(CUT)
    dense, (rows, columns) = glass.couplings.toarray(), glass.edges.T
    best = (-glass.edge_values.sum() - energies_of_states(dense[1:, 1:], dense[0, 1:]).min()) / 2
    noisy, last = CrossbarSampler(PCM, amplifier_noise=0.5), Recording(after=399)
    states = noisy.sample(glass, Schedule.linear(0.1, 2.0, 400), 200, 1, last).spins[:, 0]
    cuts = np.array([-(glass.edge_values * (s[rows] != s[columns])).sum() for s in states])
    found = [
        ("largest cut, all bipartitions", f"{best:.4f}"),
        ("largest cut found in 200 runs of 400 sweeps", f"{cuts.max():.4f}"),
        ("runs that found it", f"{np.mean(cuts > best - 1e-9):.1%}"),
    ]
    for volts in (0.015, 0.03, 0.045):
        beta = volts / noisy.volts_per_beta
        drawn = noisy.sample(glass, Schedule.constant(beta, 100), 2000, 2, Recording(after=99)).spins
        interval = beta_from_states(glass, drawn, min_length=0.0)
        text = f"{1 / interval.best:.2f} ({1 / interval.high:.2f}-{1 / interval.low:.2f})"
        found.append((f"effective temperature at {1000 * volts:g} mV (ideal: {1 / beta:.2f})", text))
    graph = colorable_graph(10, 3, 20, seed=3)
    instance = coloring_instance(graph, 3)
    ends = noisy.sample(instance, Schedule.linear(0.05, 1.5, 400), 200, 1, last).spins[:, 0]
    proper = np.mean([is_proper(graph, colors) for colors in colors_of(ends, 3)])
    return [*found, ("3-colouring: runs that end in a proper one", f"{proper:.1%}")]


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
    more, slow = seconds["many"] - seconds["few"], n_products / seconds["products"]
    fast = n * n_sweeps / more if more > 0 else None  # the clock's noise can exceed a short run
    ratio = fast and fast / slow
    name = f"analog machine, {n} p-bits"
    return {"name": name, "value": fast, "unit": "updates/s/core", "peer": "a product each", "ratio": ratio}


def figure(drift, path):
    """Draw the effective beta against time, bare and with the voltage turned up; write a PNG."""
    import matplotlib.pyplot as plt

    from ...sim.report.plot_style import PALETTE, STYLE

    with plt.rc_context(STYLE | {"figure.facecolor": PALETTE["paper"], "savefig.facecolor": PALETTE["paper"]}):
        drawn, axes = plt.subplots(figsize=(7.2, 4.0), layout="constrained")
        for key, label, color, marker in (
            ("voltage", "read voltage turned up", "blue", "o"),
            ("bare", "nothing done", "orange", "s"),
        ):
            betas = [rows[key][:, 1] for rows in drift.values()]
            bars = [2 * b.std(ddof=1) / np.sqrt(b.size) for b in betas]
            axes.errorbar(
                list(drift), [b.mean() for b in betas], bars, marker=marker, color=PALETTE[color], label=label
            )
        axes.axhline(BETA, color=PALETTE["muted"], ls=":")
        axes.set(xlabel="time since programming", ylabel="effective beta", ylim=(0.0, 0.6))
        axes.set_title("Drift of phase-change memory heats the machine", pad=10)
        axes.legend(loc="lower left")
        drawn.savefig(path, dpi=150)
        plt.close(drawn)


def document(path, quick=False):
    """Return the document as Markdown; draw its figure beside it."""
    drift, picture = drift_rows(), Path(path).with_suffix(".png")
    figure(drift, picture)
    text = HEAD.format(path=path, machine=machine(), n=N_MACHINES, figure=picture.name)
    for label, rows in drift.items():
        bare, voltage = rows["bare"].T, rows["voltage"].T
        cells = [_cell(bare[0]), _cell(bare[1]), _cell(voltage[0]), _cell(voltage[1]), _cell(rows["gain"])]
        text += f"| {label} | {' | '.join([*cells, _cell(rows['digital'][:, 0]), _cell(rows['anew'][:, 0])])} |\n"
    text += NOISE_HEAD
    for noise, *columns in noise_rows():
        text += f"| {noise:g} | {' | '.join(_cell(column) for column in columns)} |\n"
    text += PROBLEM_HEAD + "".join(f"| {what} | {value} |\n" for what, value in problem_rows()) + SPEED_HEAD
    for n in (128, 512):
        row = speed_row(n, quick)
        cells = (row["value"], row["value"] / row["ratio"], row["ratio"]) if row["value"] else ()
        text += f"| {n} | {' | '.join(f'{cell:.3g}' for cell in cells) or 'too short for the clock | |'} |\n"
    return text


if __name__ == "__main__":
    made = document(sys.argv[1], quick="--quick" in sys.argv)
    with whole_file(sys.argv[1]) as handle:
        handle.write(made)
