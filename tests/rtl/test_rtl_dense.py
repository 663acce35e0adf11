"""Dense fabric: RTL in lockstep with golden, its run equal to the kernels', and broken machines that differ."""

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.dense_machine import DenseMachine, machine_for
from spinchip.emulator.golden.fabric.sampler import run_chains
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fabric.register_map import Register, identity
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.models.nqs.lattice import Lattice
from spinchip.models.nqs.mapping import ising_of
from spinchip.models.nqs.rbm import random_rbm
from spinchip.sim.cli.options import fabric_options
from spinchip.sim.cosim.pysim_lockstep import run_lockstep_pysim
from spinchip.sim.cosim.stimulus import program_stimulus, random_stimulus

NETWORK = ising_of(random_rbm(Lattice((4,)), 1, seed=3, scale=0.6))
CASES = {
    "all to all": (resolve("[sk n=6 seed=1]"), {}),
    "network": (NETWORK, {"weight": Fixed(1, 5), "bias": Fixed(1, 5)}),
    "saturating": (resolve("[ring n=6 J=1 h=0.25]"), {"field": Fixed(1, 2)}),
    "no coupling": (resolve("[ring n=3 J=0 h=1]"), {}),
    "xoshiro, moments": (
        resolve("[ring n=5 J=-1 h=0]"),
        {"random": RandomSpec(RandomKind.XOSHIRO128PLUS), "moment_bits": 8},
    ),
    "external": (resolve("[sk n=4 seed=2]"), {"random": RandomSpec(RandomKind.EXTERNAL)}),
}


def program_of(name, clamps=None):
    instance, options = CASES[name]
    spec = fabric_for(instance, FabricOptions(dense=True, **options))
    return compile_program(instance, spec, Schedule(((0.3, 5), (1.0, 7))), Recording(every=2), clamps=clamps)


@pytest.mark.promise("nqs.dense-rtl")
@pytest.mark.parametrize("name", CASES)
def test_rtl_equals_golden_in_an_honest_run(name):
    program = program_of(name)
    found = run_lockstep_pysim(program, program_stimulus(program, 3))
    assert (found.mismatches, found.first, found.sweeps) == (0, {}, 12)


@pytest.mark.promise("nqs.dense-rtl")
@pytest.mark.parametrize("name", CASES)
def test_rtl_equals_golden_under_a_rude_host(name):
    spec = program_of(name).spec
    found = run_lockstep_pysim(spec, random_stimulus(spec, 5, 5000))
    assert (found.mismatches, found.first) == (0, {})


@pytest.mark.promise("nqs.dense-rtl")
@pytest.mark.parametrize("name", [name for name in CASES if name != "external"])
def test_clocked_machine_equals_the_kernels(name):
    n = CASES[name][0].n_spins
    program = program_of(name, clamps=[1, *[0] * (n - 2), -1])
    machine = machine_for(program.spec)
    for row in program_stimulus(program, 3).rows.tolist():
        machine.tick(*row)
    run = run_chains(program, 3, 1)
    np.testing.assert_array_equal(run.final_bits[0], machine.bits[:, 0])
    assert (run.cycles, run.saturations[0]) == (machine.cycles, machine.saturations)


def test_clocks_of_a_sweep():
    """A network waits once between its layers and once at the end; all to all waits after every p-bit."""
    assert program_of("network").spec.clocks_per_sweep == 8 + 2
    assert program_of("all to all").spec.clocks_per_sweep == 2 * 6


class NoWait(DenseMachine):
    """Chooses a p-bit that reads the bit which is still being drawn."""

    def _walk(self):
        last = self.spec.n_pbits - 1
        if self.place != last and not self.waiting:
            self.at, self.drawing, self.place = self.place, True, self.place + 1
        else:
            super()._walk()


class StaleSum(DenseMachine):
    """Does not begin a sum anew."""

    def _update(self, entropy):
        kept = self.sums.copy()
        counts = super()._update(entropy)
        if not self.priming:
            self.sums[self.spec.order[self.at]] = kept[self.spec.order[self.at]]
        return counts


class HeldWord(DenseMachine):
    """Two p-bits in a row draw with one random word."""

    def _random_words(self, entropy):
        if self.at % 2:
            return self._word
        self._word = super()._random_words(entropy)
        return self._word


class Unprimed(DenseMachine):
    """Draws in the first sweep, from empty accumulators."""

    def _control(self, data):
        accepted = super()._control(data)
        self.priming = False
        return accepted


@pytest.mark.promise("nqs.dense-rtl")
@pytest.mark.parametrize("mutant", [NoWait, StaleSum, HeldWord, Unprimed])
def test_broken_machines_differ(mutant):
    program = program_of("all to all")
    assert run_lockstep_pysim(program, program_stimulus(program, 3), mutant(program.spec)).mismatches > 0


def test_couplings_can_be_read_back():
    program = program_of("all to all")
    machine, n = machine_for(program.spec), program.spec.n_pbits
    for row in program_stimulus(program, 3).rows.tolist():
        machine.tick(*row)
    words = []
    for _ in range(n * n):
        machine.tick(Register.WEIGHTS)
        machine.tick(Register.WEIGHTS)
        words.append(machine.read_data)
        machine.tick(Register.WEIGHTS, True, words[-1])
    np.testing.assert_array_equal(np.array(words).reshape(n, n), machine.matrix)
    assert machine.matrix.any()


def test_dense_designs_have_an_identity_of_their_own_and_sparse_ones_keep_theirs():
    """The sparse number is that of version 2.0 before there was another fabric: boards bear it."""
    instance = CASES["all to all"][0]
    sparse, dense = fabric_for(instance), fabric_for(instance, FabricOptions(dense=True))
    assert f"{sparse.design_id:016x}" == "9bb18c4030135522"
    assert sparse.design_id != dense.design_id
    assert [identity(spec)[Register.FABRIC] for spec in (sparse, dense)] == [0, 1]
    assert [spec.flips_per_clock for spec in (sparse, dense)] == [1.0, 0.5]


def test_order_must_be_one():
    with pytest.raises(InputError, match="Colours of a dense fabric must be an order"):
        FabricSpec(2, ((0, 1),), (0, 0), Fixed(1, 0), Fixed(1, 0), Fixed(2, 0), dense=True)


def test_choice_of_fabric_is_0_or_1():
    assert [fabric_options(f"dense={k}").dense for k in (0, 1)] == [False, True]
    with pytest.raises(InputError, match="Fabric choice must be 0 or 1, not '2'"):
        fabric_options("dense=2")
