"""Autoregressive network on the dense fabric: lockstep, law of its quantised chain, memory, and wrong networks."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.golden.fabric.sampler import run_chains
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.chain_law import apply_sweep
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.schedule import Schedule
from spinchip.models.van.directed_program import directed_program, quantised_network
from spinchip.models.van.fvsbn import Fvsbn
from spinchip.sim.cosim.lockstep import run_lockstep
from spinchip.sim.cosim.pysim_lockstep import run_lockstep_pysim
from spinchip.sim.cosim.stimulus import program_stimulus

OPTIONS = FabricOptions(weight=Fixed(1, 5), bias=Fixed(0, 5))
N_STATES = 40_000


def network(n, seed=1):
    return Fvsbn(np.tril(1.2 * np.random.default_rng(seed).standard_normal((n, n)), -1))


def p_value(spins, law):
    """Return the chi2 probability of states under ln q of all states."""
    n = spins.shape[-1]
    counts = np.bincount((spins.reshape(-1, n) > 0) @ (1 << np.arange(n)), minlength=1 << n)
    expected = counts.sum() * np.exp(law)
    kept = expected >= 5.0
    observed, wanted = (np.append(part[kept], part[~kept].sum()) for part in (counts, expected))
    return stats.chisquare(observed[wanted > 0], wanted[wanted > 0]).pvalue


@pytest.mark.promise("van.hardware")
@pytest.mark.parametrize("n", [4, 12])
def test_rtl_equals_golden(n):
    program = directed_program(network(n), 12, OPTIONS)
    found = run_lockstep_pysim(program, program_stimulus(program, 2))
    assert (found.mismatches, found.first, found.sweeps) == (0, {}, 12)
    assert program.spec.clocks_per_sweep == 2 * n


@pytest.mark.promise("van.hardware")
@pytest.mark.icarus
def test_rtl_of_twelve_spins_under_icarus_equals_golden(tmp_path):
    program = directed_program(network(12), 60, OPTIONS)
    found = run_lockstep(program, program_stimulus(program, 2), tmp_path)
    assert (found.mismatches, found.first, found.sweeps) == (0, {}, 60)


@pytest.mark.promise("van.hardware")
def test_law_is_that_of_the_quantised_network_and_of_no_other():
    """40 000 states of 12 spins; reversed order, doubled weights and couplings read both ways are rejected."""
    program = directed_program(network(12), N_STATES, OPTIONS)
    spins = run_chains(program, 7, 1).spins[0]
    held = quantised_network(program)
    assert p_value(spins, held.enumerated()[1]) > 1e-4
    assert p_value(spins, Fvsbn(2.0 * held.weights).enumerated()[1]) < 1e-12
    assert p_value(spins[:, ::-1], held.enumerated()[1]) < 1e-12


def test_couplings_read_both_ways_are_another_machine():
    program = directed_program(network(8), N_STATES, OPTIONS)
    instance = resolve("[sk n=8 seed=1]")
    both = replace(program, directed=False)
    law = quantised_network(program).enumerated()[1]
    assert p_value(run_chains(program, 7, 1).spins[0], law) > 1e-4
    assert p_value(run_chains(both, 7, 1).spins[0], law) < 1e-12
    sparse = compile_program(instance, fabric_for(instance), Schedule.constant(1.0, 1))
    with pytest.raises(InputError, match="must be dense"):
        replace(sparse, directed=True)


def test_oracle_gives_one_sweep_the_law_of_the_network_from_any_start():
    """Thresholds of 16 bits move a probability by less than 2^-17 a spin; the start must not matter at all."""
    program = directed_program(network(6), 1, OPTIONS)
    exact = np.exp(quantised_network(program).enumerated()[1])
    starts = np.eye(64)[[0, 37, 63]]
    laws = np.array([apply_sweep(start, program) for start in starts])
    assert np.ptp(laws, axis=0).max() < 1e-15
    assert np.abs(laws[0] - exact).sum() < 6 * 2.0**-15
    assert np.abs(apply_sweep(starts[2], replace(program, directed=False)) - exact).sum() > 0.1


@pytest.mark.promise("van.hardware")
def test_states_remember_nothing():
    """ln q of 40 000 states in a row: a correlation of 0.025 at any of five lags would be five standard errors."""
    program = directed_program(network(12), N_STATES, OPTIONS)
    logs = quantised_network(program).log_probabilities(run_chains(program, 3, 1).spins[0])
    centred = (logs - logs.mean()) / logs.std()
    rho = np.array([np.mean(centred[lag:] * centred[:-lag]) for lag in range(1, 6)])
    assert np.abs(rho).max() < 4.5 / np.sqrt(N_STATES)
