"""Projection of directed p-bits: independent states of an autoregressive network beside Gibbs sampling of its glass."""

from __future__ import annotations

import numpy as np

from ....emulator.golden.fabric.sampler import run_chains
from ....emulator.spec.fabric.quantised import FabricOptions
from ....emulator.spec.instance import IsingInstance
from ....emulator.stats.importance import effective_share, shares_of
from ....models.van.directed_pbits import DirectedHardware, draw_directed
from ....models.van.directed_program import directed_program, quantised_network
from ....models.van.exact import sk_couplings
from ....models.van.own_networks import own_network
from .estimate import exact, spread
from .glass import glass_machines, junction_sweep
from .machines import BOARD, CORE, GPU_FLIP_S, GPU_W, Machine, sweep_time
from .processor_time import least_processor_s

N_SPINS, N_STATES, N_BLOCKS = 20, 100_000, 20
FLAWS = DirectedHardware(weight_bits=8, programming_noise=0.02, read_noise=0.03)
INDEPENDENT = 0.5  # tau of states without memory


def glass_of_network():
    """Return the glass that the shipped networks were trained on; IsingInstance."""
    return IsingInstance(sk_couplings(N_SPINS, 1), np.zeros(N_SPINS), name="SK glass of 20 spins")


def autoregressive_machines(beta, error, seed, fmax_hz=None):
    """Return Gibbs sampling and directed p-bits on each machine; list of Machine.

    Both estimate E / N without bias: states of the network are reweighted by the probability that the machine drew
    them with, so its flaws cost states, not truth.

    Parameters
    ----------
    beta : float
        One of the shipped networks'.
    error : float
        Standard error of E / N.
    seed : int
        Seed of chains and draws.
    fmax_hz : float, optional
        Clock of the p-computer [Hz].
    """
    instance, network = glass_of_network(), own_network("layer", beta)
    n = instance.n_spins
    gibbs = glass_machines(instance, beta, error, seed, fmax_hz, FabricOptions(dense=True))
    program = directed_program(network, N_STATES)
    on_golden = run_chains(program, seed, 1).spins[0]
    drawn = draw_directed(network, FLAWS, N_STATES, seed)
    states = network.sample(N_STATES, seed)
    steps = {
        "float": _states(instance, beta, error, states, network.log_probabilities(states)),
        "words": _states(instance, beta, error, on_golden, quantised_network(program).log_probabilities(on_golden)),
        "flaws": _states(instance, beta, error, drawn.spins, drawn.realised),
    }
    state_s = exact(least_processor_s(lambda: network.sample(N_STATES, seed)) / N_STATES, "measured", "one core here")
    clock_s = sweep_time(program.spec.clocks_per_sweep, fmax_hz, " of the dense fabric, a state each")
    state_of_junctions_s, state_J, _ = junction_sweep(instance)  # all to all: a product for every spin, both ways
    note = "8-bit weights, 2 % programming noise, 3 % input noise; a whole product for every spin"
    return gibbs + [
        Machine("one core, directed", steps["float"], state_s, INDEPENDENT, watts=CORE),
        Machine("GPU, directed", steps["float"], GPU_FLIP_S.scaled(n), INDEPENDENT, watts=GPU_W),
        Machine("FPGA p-computer, directed", steps["words"], clock_s, INDEPENDENT, watts=BOARD),
        Machine("junctions and crossbar, directed", steps["flaws"], state_of_junctions_s, INDEPENDENT,
                step_J=state_J, note=note),
    ]  # fmt: skip


def _states(instance, beta, error, spins, logs):
    """Return how many states the reweighted E / N needs, from the spread of its terms; Estimate."""
    energies = instance.energies(spins) / instance.n_spins
    shares = shares_of(-beta * instance.n_spins * energies - logs)
    terms = len(shares) * np.square(shares * (energies - shares @ energies))
    variance = float(terms.sum())
    blocks = N_BLOCKS * terms.reshape(N_BLOCKS, -1).sum(axis=1)
    relative = float(blocks.std(ddof=1) / np.sqrt(N_BLOCKS) / variance)
    source = f"spread of reweighted states, effective share {effective_share(shares):.2f}"
    return spread(variance / error**2, relative, "simulated", source)
