"""Golden tempering: kernels equal the clocked machine, energies are exact, swaps keep the law, wrong ones do not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.golden.replicas.tempering import TemperingMachine, bus_writes, temper
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.quantised import FabricOptions
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.replicas.tempering import TemperingPhase, TemperingSpec, tempering_program

RING, BETAS = resolve("[ring n=5 J=1 h=0.25]"), (0.2, 0.6, 1.2)
OPTIONS = FabricOptions(weight=Fixed(1, 2), bias=Fixed(1, 2))
N_RUNS = 6000


def clocked(program, seed):
    machine = TemperingMachine(program.spec)
    for address, data in bus_writes(program, seed):
        machine.tick(address, True, data)
    while machine.phase != TemperingPhase.IDLE:
        machine.tick()
    return machine


@pytest.mark.promise("anneal.hardware")
@pytest.mark.parametrize(("instance", "swap_every"), [("[ring n=5 J=1 h=0.25]", 1), ("[ea2d L=3 seed=2]", 3)])
def test_kernels_equal_the_clocked_machine(instance, swap_every):
    program = tempering_program(resolve(instance), (0.1, 0.4, 0.7, 1.3), 30, OPTIONS, swap_every)
    machine, found = clocked(program, 5), temper(program, 5, record=True)
    in_order = 2 * machine.bits[:, machine.at].T.astype(np.int8) - 1
    np.testing.assert_array_equal(found.spins[-1], in_order)
    assert program.energy_unit * machine.best[0] + program.energy_offset == pytest.approx(found.best_energies[-1])
    np.testing.assert_array_equal(2 * machine.best_bits.astype(np.int8) - 1, found.best_spins)


@pytest.mark.promise("anneal.hardware")
@pytest.mark.parametrize("instance", ["[sk n=8 seed=1]", "[ea3d L=3 seed=1]", "[and]", "[ring n=5 J=-1 h=0.25]"])
def test_energies_are_those_of_the_quantised_instance(instance):
    program = tempering_program(resolve(instance), (0.2, 0.9), 40, FabricOptions(weight=Fixed(2, 2), bias=Fixed(2, 2)))
    found = temper(program, 1, record=True)
    from spinchip.emulator.spec.fabric.quantised import quantise

    exact = quantise(resolve(instance), program.spec.fabric).as_instance()
    assert exact.energies(found.best_spins[None])[0] == pytest.approx(found.best_energies[-1], abs=1e-9)
    lowest = np.minimum.accumulate(exact.energies(found.spins.reshape(-1, exact.n_spins)).reshape(40, -1).min(axis=1))
    after_swap = found.best_energies  # states after a swap are those before it, in other slots
    np.testing.assert_allclose(after_swap, lowest, atol=1e-9)


@pytest.mark.promise("anneal.hardware")
def test_acceptance_keeps_detailed_balance_to_the_last_bit():
    """A(d) / A(-d) = exp(-d beta d E), with A(-d) = 1: every entry within half a step of 2^-16."""
    program = tempering_program(RING, BETAS, 1, OPTIONS)
    d = np.arange(program.spec.swap_depth)
    for step, row in zip(np.diff(BETAS), program.swap_tables, strict=True):
        exact = 2.0**16 * np.exp(-step * program.energy_unit * d)
        assert np.abs(row - np.minimum(exact, 2**16 - 1)).max() <= 0.5
        assert row[-1] <= 1  # beyond the table nothing is accepted
        assert np.abs(row[1:] - 2.0**16 * np.exp(+step * program.energy_unit * d[1:])).min() > 100  # the wrong sign


def last_states(program, n_runs=N_RUNS):
    """Return the number of the state of each slot at the end of independent runs; shape (n_runs, n_slots)."""
    weights = 1 << np.arange(program.spec.fabric.n_pbits)
    return np.stack([((temper(program, seed, True).spins[-1] > 0) @ weights) for seed in range(n_runs)])


def p_values(program):
    """Return, for each slot, the chi2 probability of its states under Boltzmann's law at its beta."""
    found, n = last_states(program), program.spec.fabric.n_pbits
    values = []
    for slot, beta in enumerate(program.betas):
        law = boltzmann_law(RING, beta)
        expected = N_RUNS * law
        kept = expected >= 5.0
        counts = np.bincount(found[:, slot], minlength=1 << n)
        observed = np.append(counts[kept], counts[~kept].sum())
        wanted = np.append(expected[kept], expected[~kept].sum())
        kept_bins = wanted > 0
        values.append(stats.chisquare(observed[kept_bins], wanted[kept_bins]).pvalue)
    return np.array(values)


@pytest.mark.promise("anneal.hardware")
def test_every_slot_follows_its_own_law():
    """6000 runs: a share of 3 % of states from the next slot would move chi2 by ten standard deviations."""
    assert p_values(tempering_program(RING, BETAS, 40, OPTIONS)).min() > 1e-4


@pytest.mark.promise("anneal.hardware")
def test_swaps_that_are_always_done_are_rejected():
    program = tempering_program(RING, BETAS, 40, OPTIONS)
    always = replace(program, swap_tables=np.full_like(program.swap_tables, 2**16 - 1))
    assert p_values(always).min() < 1e-12


def test_slots_are_independent_of_each_other():
    found = last_states(tempering_program(RING, BETAS, 40, OPTIONS), 3000)
    spins = RING.energies(2 * ((found[..., None] >> np.arange(5)) & 1).astype(np.int8) - 1)
    z = np.corrcoef(spins.T)[np.triu_indices(3, 1)] * np.sqrt(3000)
    assert np.abs(z).max() < 4.0


def test_ladder_finds_what_its_cold_slot_alone_does_not():
    glass = resolve("[ea3d L=7 seed=3]")
    ladder = tempering_program(glass, np.linspace(0.3, 2.0, 16), 200)
    alone = tempering_program(glass, (1.99, 2.0), 200)
    best = [np.array([temper(one, seed).best_energies[-1] for seed in range(8)]) for one in (ladder, alone)]
    assert best[0].mean() < best[1].mean() - 1.0


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: tempering_program(RING, (0.5,), 10), "Betas of replicas must be two or more"),
        (lambda: tempering_program(RING, (0.5, 0.4), 10), "rising"),
        (lambda: tempering_program(RING, (0.5, 0.5001), 10, OPTIONS), "Betas must be at least"),
        (lambda: TemperingSpec(tempering_program(RING, BETAS, 1, OPTIONS).spec.fabric, 65), "Replicas must be 2..64"),
        (lambda: TemperingSpec(tempering_program(RING, BETAS, 1, OPTIONS).spec.fabric, 4, 3), "power of two"),
        (
            lambda: tempering_program(RING, BETAS, 1, FabricOptions(random=RandomSpec(RandomKind.EXTERNAL))),
            "must be internal",
        ),
    ],
)
def test_bad_hardware_is_refused(call, fault):
    with pytest.raises(InputError, match=fault):
        call()
