"""Junction arrays as a document: ``python -m spinchip.benchmarks.documents.smtj_arrays docs/results/smtj_arrays.md``.

How far spread devices and late synapses carry a machine from the Boltzmann distribution, and how fast events are drawn.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...emulator.instances.resolve import resolve
from ...emulator.oracle.enumeration import boltzmann_law
from ...emulator.oracle.law_distance import total_variation
from ...emulator.oracle.states import all_spins
from ...emulator.pbits.autonomous import AutonomousSampler
from ...emulator.pbits.clocked import SmtjSampler
from ...emulator.pbits.device_laws import autonomous_law, clocked_law
from ...emulator.pbits.junction_bank import NOMINAL
from ...emulator.spec.files.atomic_write import whole_file
from ...emulator.spec.schedule import Recording, Schedule
from ...emulator.stats.distance import histogram_tv, state_histogram, tv_noise_floor
from ...emulator.stats.effective_beta import beta_from_states
from ...emulator.stats.evidence import THINNING
from ..stopwatch import best_of
from .gibbs import machine

RING, BETA = "[ring n=6 J=1 h=0.3]", 0.5
RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # synapse time over neuron time
COUNTS = (100, 1000, 10_000)
N_MACHINES = 20
SPREADS = (
    [("cv_barrier", value) for value in (0.01, 0.03, 0.077, 0.15)]
    + [("sd_offset", value) for value in (0.001, 0.003, 0.01, 0.03)]
    + [("cv_gain", value) for value in (0.03, 0.1, 0.3)]
    + [("cv_tau0", value) for value in (0.3, 1.0)]
)
HEAD = """# Junction arrays: late synapses, spread devices, events per second

Made by `python -m spinchip.benchmarks.documents.smtj_arrays {path}`, in one run. Machine: {machine}.

Model: `{ring}` at beta {beta}; nominal junction: 10 kT, tau0 1 ns, t_neuron {neuron:.3g} us (correlation time without
input). Total variation (TV) is to the Boltzmann distribution; effective beta by maximal pseudo-likelihood, 95 %.

## Autonomous array: error against the time of the synapse

![error of late synapses]({figure})

`delay`: neighbours feel a flip after that time, all at once. `rise`: at once, with that time constant. The TV of
as many independent draws from the right distribution is the floor; below it nothing can be told. TV stays under 0.02 up
to a delay of about t_neuron / 20: there the order of updates does not matter.
Beyond t_neuron the ring follows stale reads.

| synapse / neuron | TV, delay | beta_eff, delay | TV, rise | beta_eff, rise | floor |
|---|---|---|---|---|---|
"""
SPREAD_HEAD = """
## Spread of devices: exact distributions, mean and standard error over {n} machines

TV of the machine's own distribution, clocked with junctions that forget, and autonomous with fast synapses. `cv` is
a standard deviation over the mean; `sd_offset` is in drive units, of which x = 1 takes the whole barrier away.
A measured spread of barriers is 7.7 %.

| spread | value | TV, clocked | TV, autonomous | beta_eff, autonomous |
|---|---|---|---|---|
"""
SPEED_HEAD = """
## Events per second of processor time, degree 6, beta 0.3

| junctions | events/s | time per event over that of 100 |
|---|---|---|
"""


def late_synapse(kind, ratio, n_machines=64, n_sweeps=6000):
    """Return TV to the Boltzmann distribution, its noise floor and the effective beta of an autonomous array.

    Parameters
    ----------
    kind : {"delay_s", "rise_s"}
        Which of its times is late.
    ratio : float
        Over the neuron time [1].
    n_machines, n_sweeps : int
        Size of the run.

    Returns
    -------
    tv, floor : float
    beta : BetaInterval
    """
    ring, neuron_s = resolve(RING), AutonomousSampler().sweep_s
    sampler = AutonomousSampler(**{kind: ratio * neuron_s})
    # Recorded every THINNING neuron times, and later in proportion where synapses are the slow part.
    every = int(np.ceil(THINNING * max(1.0, ratio)))
    schedule = Schedule.constant(BETA, n_sweeps * every // int(THINNING))
    states = sampler.sample(ring, schedule, n_machines, 1, Recording(after=20 * every, every=every)).spins
    law, counts = boltzmann_law(ring, BETA), state_histogram(states)
    return histogram_tv(counts, law), tv_noise_floor(law, counts.sum()), beta_from_states(ring, states)


def spread(label, value):
    """Return TV of both kinds of machine and effective beta of the autonomous one, ndarray, shape (n_machines, 3)."""
    ring = resolve(RING)
    boltzmann, card = boltzmann_law(ring, BETA), replace(NOMINAL, **{label: value})
    found = []
    for device_seed in range(N_MACHINES):
        clocked = clocked_law(SmtjSampler(card, device_seed=device_seed), ring, Schedule.constant(BETA, 60))
        free = autonomous_law(AutonomousSampler(card, device_seed=device_seed).bank(ring), ring, BETA)
        draws = np.random.default_rng(device_seed).choice(free.size, 20_000, p=free)
        beta = beta_from_states(ring, all_spins(6)[draws][:, None, :], min_length=0.0).best
        found.append((total_variation(clocked, boltzmann), total_variation(free, boltzmann), beta))
    return np.array(found)


def speed_rows(quick=False):
    """Return events per second of processor time for three sizes."""
    works, events = {}, {}
    for count in COUNTS:
        glass, sampler = resolve(f"[regular n={count} d=6 seed=1]"), AutonomousSampler()
        schedule = Schedule.constant(0.3, (200_000 if quick else 2_000_000) // count)
        events[count] = sampler.sample(glass, schedule, 1, 1, Recording(every=schedule.n_sweeps)).ledger.events["flips"]
        works[count] = lambda g=glass, s=sampler, p=schedule: s.sample(g, p, 1, 1, Recording(every=p.n_sweeps))
    seconds = best_of(works, 1 if quick else 5)
    speeds = {count: events[count] / seconds[count] for count in COUNTS}
    return [
        {
            "name": f"autonomous array, {count} junctions",
            "value": speeds[count],
            "unit": "events/s/core",
            "peer": f"{COUNTS[0]} junctions",
            "ratio": speeds[count] / speeds[COUNTS[0]],
        }
        for count in COUNTS
    ]


def figure(curves, path):
    """Draw TV against synapse time over neuron time; write a PNG."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FixedLocator, FuncFormatter

    from ...sim.report.plot_style import PALETTE, STYLE, plain_logarithms

    with plt.rc_context(STYLE | {"figure.facecolor": PALETTE["paper"], "savefig.facecolor": PALETTE["paper"]}):
        drawn, axes = plt.subplots(figsize=(7.2, 4.2), layout="constrained")
        for kind, color, marker in (("delay", "blue", "o"), ("rise", "orange", "s")):
            axes.loglog(RATIOS, [row[0] for row in curves[kind]], marker=marker, color=PALETTE[color], label=kind)
        floor = np.mean([row[1] for rows in curves.values() for row in rows])
        bottom, top = 0.5 * floor, 0.6
        axes.set_ylim(bottom, top)
        axes.axhspan(bottom, floor, color=PALETTE["grid"], lw=0)
        axes.text(RATIOS[-1], 0.94 * floor, "noise floor of the run", ha="right", va="top", color=PALETTE["muted"])
        axes.axvline(0.05, color=PALETTE["muted"], ls=":")
        axes.text(RATIOS[0], 0.85 * top, "order of updates\nhardly matters", va="top", color=PALETTE["muted"])
        for axis, ticks in ((axes.xaxis, (0.01, 0.1, 1.0)), (axes.yaxis, (0.01, 0.03, 0.1, 0.3))):
            axis.set_major_locator(FixedLocator(ticks))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        plain_logarithms(drawn)
        axes.set(xlabel="synapse time / neuron time", ylabel="total variation to Boltzmann's law")
        axes.set_title("Late synapses of an autonomous array", pad=10)
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.2))
        drawn.savefig(path, dpi=150)
        plt.close(drawn)


def document(path, quick=False):
    """Return the document as Markdown; draw its figure beside it."""
    size = {"n_machines": 8, "n_sweeps": 1000} if quick else {}
    curves = {kind: [late_synapse(f"{kind}_s", ratio, **size) for ratio in RATIOS] for kind in ("delay", "rise")}
    picture = Path(path).with_suffix(".png")
    figure(curves, picture)
    head = {"path": path, "machine": machine(), "ring": RING, "beta": BETA, "figure": picture.name}
    text = HEAD.format(**head, neuron=1e6 * AutonomousSampler().sweep_s)
    for ratio, delay, rise in zip(RATIOS, curves["delay"], curves["rise"], strict=True):
        text += f"| {ratio:g} | {_late(delay)} | {_late(rise)} | {max(delay[1], rise[1]):.4f} |\n"
    text += SPREAD_HEAD.format(n=N_MACHINES)
    for label, value in SPREADS:
        rows = spread(label, value)
        mean, error = rows.mean(axis=0), rows.std(axis=0, ddof=1) / np.sqrt(N_MACHINES)
        cells = " | ".join(f"{m:.4f} ± {e:.4f}" for m, e in zip(mean, error, strict=True))
        text += f"| {label} | {value:g} | {cells} |\n"
    text += SPEED_HEAD
    for count, row in zip(COUNTS, speed_rows(quick), strict=True):
        text += f"| {count} | {row['value']:.3g} | {1 / row['ratio']:.2f} |\n"
    return text


def _late(row):
    tv, _, beta = row
    return f"{tv:.4f} | {beta.best:.3f} ({beta.low:.3f}-{beta.high:.3f})"


if __name__ == "__main__":
    made = document(sys.argv[1], quick="--quick" in sys.argv)
    with whole_file(sys.argv[1]) as handle:
        handle.write(made)
