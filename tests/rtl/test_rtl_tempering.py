"""Replica fabric: RTL in lockstep with golden under refused writes, and broken machines that differ."""

import numpy as np
import pytest

from spinchip.emulator.golden.replicas.tempering import TemperingMachine
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.fabric.quantised import FabricOptions
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.replicas.tempering import TemperingPhase, tempering_program
from spinchip.sim.cosim.replica_lockstep import run_replicas_pysim, temper_icarus

SHORT = FabricOptions(weight=Fixed(1, 2), bias=Fixed(1, 2))
CASES = {
    "ring": lambda: tempering_program(resolve("[ring n=6 J=-1 h=0]"), (0.2, 0.5, 0.9, 1.4), 25),
    "field, three slots, every other sweep": lambda: tempering_program(
        resolve("[sk n=6 seed=1]"), (0.2, 0.9, 1.8), 16, SHORT, swap_every=2
    ),
    "two slots, clamped": lambda: tempering_program(
        resolve("[ring n=5 J=1 h=0.25]"), (0.3, 1.0), 12, SHORT, clamps=[1, 0, -1, 0, 0]
    ),
    "xoshiro": lambda: tempering_program(
        resolve("[ea2d L=3 seed=1]"), (0.2, 0.4, 0.8), 10, FabricOptions(random=RandomSpec(RandomKind.XOSHIRO128PLUS))
    ),
    "no coupling": lambda: tempering_program(resolve("[ring n=3 J=0 h=1]"), (0.2, 1.0, 2.0), 10),
}


@pytest.mark.promise("anneal.hardware")
@pytest.mark.parametrize("name", CASES)
def test_rtl_equals_golden_in_every_register(name):
    program = CASES[name]()
    found = run_replicas_pysim("tempering", program, seed=3)
    assert (found.mismatches, found.first) == (0, {})
    assert found.sweeps == program.n_sweeps


@pytest.mark.promise("anneal.hardware")
@pytest.mark.icarus
def test_rtl_under_icarus_equals_golden_and_finds_the_ground_state(tmp_path):
    program = CASES["ring"]()
    found, energy, spins = temper_icarus(program, 3, tmp_path)
    assert (found.mismatches, found.first) == (0, {})
    assert energy == -6.0
    assert resolve("[ring n=6 J=-1 h=0]").energies(spins[None])[0] == -6.0


class WrongSign(TemperingMachine):
    """Swaps by exp(+...): the hot state is kept cold."""

    def _swap(self):
        self.energies = -self.energies
        super()._swap()
        self.energies = -self.energies


class SameParity(TemperingMachine):
    """Always the even pairs."""

    def _swap(self):
        super()._swap()
        self.parity = 0


class StaleEnergies(TemperingMachine):
    """Forgets to start from zero."""

    def _sweep(self):
        kept = self.energies.copy()
        super()._sweep()
        if self.phase == TemperingPhase.ENERGY:
            self.energies = kept


class SharedRandom(TemperingMachine):
    """All replicas draw the words of the first."""

    def _states(self):
        random, swap = super()._states()
        random[:, :, 1:] = random[:, :, :1]
        return random, swap


@pytest.mark.promise("anneal.hardware")
@pytest.mark.parametrize("mutant", [WrongSign, SameParity, StaleEnergies, SharedRandom])
def test_broken_machines_differ(mutant):
    program = CASES["ring"]()
    assert run_replicas_pysim("tempering", program, 3, mutant(program.spec)).mismatches > 0


def test_writes_during_a_run_are_refused():
    program = CASES["ring"]()
    machine = TemperingMachine(program.spec)
    machine.phase = TemperingPhase.KEEP
    before = {key: list(words) for key, words in machine.planes.items()}
    for address in range(18):
        machine.tick(address, True, 0xFFFFFFFF)
        machine.phase = TemperingPhase.KEEP
        machine.count = 0
    assert machine.planes == before
    assert not np.any(machine.table)
