"""Projection of a neural quantum state: the energy of the Heisenberg magnet to a relative error, on each machine."""

from __future__ import annotations

from dataclasses import dataclass

from ....emulator.spec.errors import InputError
from ....emulator.spec.fabric.quantised import FabricOptions, fabric_for
from ....models.nqs.hamiltonian import Heisenberg
from ....models.nqs.mapping import ising_of
from ....models.nqs.memory import PER_SWEEP, Memory, memory_of, order_memory
from ....models.nqs.rbm import published_rbm
from ....models.nqs.sampling import Plan, draw_gibbs, draw_metropolis
from .estimate import exact, spread
from .machines import (
    BOARD,
    CORE,
    GPU_FLOP_S,
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

SITES = (16, 36, 64, 100, 484)
ALPHA = 2
CHAINS = {False: Plan(32, 300, 100, True), True: Plan(64, 1500, 300, True)}
ORDER = {False: Plan(32, 3000, 500, True), True: Plan(32, 8000, 500, True)}


@dataclass(frozen=True)
class MeasuredNetwork:
    """What was measured of one network.

    Parameters
    ----------
    n_sites : int
        Number of sites of the lattice.
    memory : Memory
        Autocorrelation times of both samplers.
    attempt_s, sweep_s : float
        Processor time of a Metropolis attempt, and of a block Gibbs sweep, one chain on one core [s].
    """

    n_sites: int
    memory: Memory
    attempt_s: float
    sweep_s: float


def measure_network(n_sites, seed, is_full=False):
    """Measure memory and processor time of the published network of a lattice; MeasuredNetwork."""
    if n_sites not in SITES:
        raise InputError(f"Sites must be one of {', '.join(map(str, SITES))}, not {n_sites!r}")
    rbm = published_rbm(n_sites, ALPHA)
    memory = memory_of(Heisenberg(rbm.lattice), rbm, CHAINS[is_full], seed)
    attempts = 8 * (20 * n_sites + 200 * max(1, round(n_sites / PER_SWEEP)))
    plan = Plan(8, 200, 20, True)
    attempts_s = least_processor_s(lambda: draw_metropolis(rbm, plan, seed, per_sweep=PER_SWEEP))
    sweeps_s = least_processor_s(lambda: draw_gibbs(rbm, Plan(8, 500, 20), seed))
    return MeasuredNetwork(n_sites, memory, attempts_s / attempts, sweeps_s / (8 * 520))


def network_machines(found, error, fmax_hz=None):
    """Return the machines of one network; list of Machine.

    Parameters
    ----------
    found : MeasuredNetwork
        Measured memory and times.
    error : float
        Relative standard error of the mean energy.
    fmax_hz : float, optional
        Clock of the p-computer; that of the committed build by default [Hz].
    """
    n, memory = found.n_sites, found.memory
    n_hidden = ALPHA * n
    relative = memory.tau_error / memory.tau_kept
    sweeps = spread(memory.steps(error, "sweeps"), relative, "simulated", "tau of block Gibbs, all sweeps counted")
    attempts = spread(memory.steps(error, "attempts"), relative, "simulated", "tau of Metropolis exchanges")
    clocks = fabric_for(ising_of(published_rbm(n, ALPHA)), FabricOptions(dense=True)).clocks_per_sweep
    clock_s = sweep_time(clocks, fmax_hz, ", dense fabric")
    sweep_flop = 4.0 * n * n_hidden
    products = product_energy(tiles_of(n, n_hidden)).scaled(2.0)
    hardware_s = PRODUCT_S.scaled(2.0) + PBIT_S.scaled(2.0)
    tau = memory.tau_sweeps
    return [
        Machine(
            "one core, Metropolis", attempts, exact(found.attempt_s, "measured", "one core here"),
            memory.tau_attempts, watts=CORE,
        ),
        Machine("one core, block Gibbs", sweeps, exact(found.sweep_s, "measured", "one core here"), tau, watts=CORE),
        Machine("GPU, block Gibbs", sweeps, GPU_FLOP_S.scaled(sweep_flop), tau, watts=GPU_W),
        Machine(
            "FPGA p-computer", sweeps, clock_s, tau, watts=BOARD,
            note=f"{8 * n * n_hidden / 1e6:.3g} Mbit of 8-bit weights must fit its block RAM",
        ),
        Machine(
            "junctions and crossbar", sweeps, hardware_s, tau, step_J=products + PBIT_J.scaled(n + n_hidden),
            note="two products and two flips a sweep",
        ),
    ]  # fmt: skip


def order_steps(n_sites, seed, is_full=False):
    """Return the memory of the order: sweeps of block Gibbs, attempts of Metropolis; (float, float)."""
    return order_memory(published_rbm(n_sites, ALPHA), ORDER[is_full], seed)
