"""Projection of a sparse spin model: the mean energy of a spin to an error, on each machine's own dynamics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....emulator.golden.fabric.sampler import GoldenSampler
from ....emulator.ledger.hermes import SIZE
from ....emulator.pbits.clocked import SmtjSampler
from ....emulator.reference.sampler import ReferenceSampler
from ....emulator.spec.coloring import find_coloring
from ....emulator.spec.fabric.quantised import FabricOptions, fabric_for
from ....emulator.spec.schedule import Recording, Schedule
from ....emulator.stats.autocorrelation import integrated_time
from .estimate import Estimate, exact, spread
from .machines import (
    BOARD,
    CORE,
    GPU_FLIP_S,
    GPU_W,
    PBIT_J,
    PBIT_S,
    PRODUCT_S,
    Machine,
    product_energy,
    sweep_time,
    tiles_of,
)
from .processor_time import least_processor_s

N_CHAINS, N_SWEEPS, BURN = 16, 4000, 500
N_TIMED = 2000  # sweeps


def machine_samplers(options=None):
    """Return what draws by each machine's own dynamics; dict of str to Sampler. ``options`` are of golden's fabric."""
    return {"reference": ReferenceSampler(), "golden": GoldenSampler(options), "smtj": SmtjSampler()}


def memory_on(sampler, instance, beta, seed):
    """Return tau = 1/2 + sum of correlations of the energy in sweeps, its relative error, and the variance of E / N.

    Parameters
    ----------
    sampler : Sampler
        A machine, by its own dynamics.
    instance : IsingInstance
        The model.
    beta : float
        Inverse temperature.
    seed : int
        Reproduces the chains.
    """
    schedule = Schedule.constant(beta, N_SWEEPS)
    drawn = sampler.sample(instance, schedule, N_CHAINS, seed, Recording(BURN, 1, spins=False)).energies
    tau = max(1.0, integrated_time(drawn, min_length=0.0))
    return 0.5 * tau, float(np.sqrt(20.0 * tau / drawn.size)), float(drawn.var()) / instance.n_spins**2


@dataclass(frozen=True)
class Steps:
    """Sweeps that a machine's own dynamics takes.

    Parameters
    ----------
    sweeps : Estimate
        Sweeps to the accuracy.
    tau : float
        Memory in sweeps, 1/2 + sum of correlations.
    """

    sweeps: Estimate
    tau: float


def glass_machines(instance, beta, error, seed, fmax_hz=None, options=None):
    """Return the machines of one model; list of Machine.

    Parameters
    ----------
    instance : IsingInstance
        The model.
    beta : float
        Inverse temperature.
    error : float
        Standard error of E / N.
    seed : int
        Reproduces the chains.
    fmax_hz : float, optional
        Clock of the p-computer [Hz].
    options : FabricOptions, optional
        Options of the p-computer's fabric.
    """
    steps = {}
    for name, sampler in machine_samplers(options).items():
        tau, relative, variance = memory_on(sampler, instance, beta, seed)
        source = f"tau of {tau:.3g} sweeps on {name}"
        steps[name] = Steps(spread(2.0 * tau * variance / error**2, relative, "simulated", source), tau)
    return gibbs_machines(instance, steps, seed, fmax_hz, options)


def gibbs_machines(instance, steps, seed, fmax_hz=None, options=None):
    """Return the machines whose dynamics are known, by sweeps of Gibbs sampling; list of Machine.

    Parameters
    ----------
    instance : IsingInstance
        The model.
    steps : dict of str to Steps
        By names of `machine_samplers`; a machine without is left out.
    seed, fmax_hz, options
        Same meaning as in `glass_machines`.
    """
    n, machines = instance.n_spins, []
    spec = fabric_for(instance, options or FabricOptions())
    if "reference" in steps:
        sweeps, tau = steps["reference"].sweeps, steps["reference"].tau
        sweep_s = exact(_sweep_s(instance, seed), "measured", "one core here, one chain of many")
        machines.append(Machine("one core, Gibbs", sweeps, sweep_s, tau, watts=CORE))
        machines.append(Machine("GPU, Gibbs", sweeps, GPU_FLIP_S.scaled(n), tau, watts=GPU_W))
    if "golden" in steps:
        clock_s = sweep_time(spec.clocks_per_sweep, fmax_hz)
        machines.append(Machine("FPGA p-computer", steps["golden"].sweeps, clock_s, steps["golden"].tau, watts=BOARD))
    if "smtj" in steps:
        sweep_s, energy, n_reads = junction_sweep(instance)
        used = 2 * len(instance.edges) / (tiles_of(n, n) * SIZE**2)
        note = f"{n_reads} products a sweep, {used:.2%} of the tiles' crossings used"
        machines.append(
            Machine("junctions and crossbar", steps["smtj"].sweeps, sweep_s, steps["smtj"].tau,
                    step_J=energy, note=note)
        )  # fmt: skip
    return machines


def junction_sweep(instance):
    """Return time [s] and energy [J] of a sweep of junctions behind tiles, and its products; (Estimate, Estimate, int).

    The p-bits of a colour read one product of all rows, then flip.
    """
    n, n_reads = instance.n_spins, int(find_coloring(instance).max()) + 1
    joules = product_energy(tiles_of(n, n)).scaled(n_reads) + PBIT_J.scaled(n)
    return (PRODUCT_S + PBIT_S).scaled(n_reads), joules, n_reads


def _sweep_s(instance, seed):
    """Return the least processor time of one sweep of one chain on the reference, many chains at once [s]."""
    schedule, last = Schedule.constant(1.0, N_TIMED), Recording(every=N_TIMED, spins=False)
    sampler = ReferenceSampler()
    spent = least_processor_s(lambda: sampler.sample(instance, schedule, N_CHAINS, seed, last))
    return spent / (N_CHAINS * N_TIMED)
