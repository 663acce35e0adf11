"""Ring of Trotter replicas: RTL in lockstep with golden, its law, its search, and broken machines that differ."""

import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.annealing.methods import QuantumAnnealing
from spinchip.emulator.golden.replicas.trotter import TrotterMachine, ring_writes, run_ring
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.quantised import FabricOptions
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.replicas.trotter import TrotterPhase, TrotterSpec, trotter_program, trotter_ring
from spinchip.sim.cosim.replica_lockstep import run_replicas_icarus, run_replicas_pysim

RING = resolve("[ring n=4 J=-1 h=0.5]")
CASES = {
    "ring": lambda: trotter_program(RING, 4, 0.5, (0.5, 1.25, 3.0), (4, 3, 5)),
    "odd ring of odd spins": lambda: trotter_program(resolve("[ring n=5 J=1 h=0]"), 3, 0.4, (1.0, 2.0), (3, 3)),
    "no coupling": lambda: trotter_program(resolve("[ring n=3 J=0 h=1]"), 4, 0.5, (0.5,), (6,)),
    "glass": lambda: trotter_program(
        resolve("[sk n=5 seed=1]"), 4, 0.5, (0.5, 2.0), (3, 4), FabricOptions(weight=Fixed(2, 3), bias=Fixed(2, 3))
    ),
}


@pytest.mark.promise("anneal.hardware")
@pytest.mark.parametrize("name", CASES)
def test_rtl_equals_golden_in_every_register(name):
    program = CASES[name]()
    found = run_replicas_pysim("trotter", program, seed=3)
    assert (found.mismatches, found.first) == (0, {})
    assert found.sweeps == sum(count for _, count in program.schedule)


@pytest.mark.promise("anneal.hardware")
@pytest.mark.icarus
def test_rtl_under_icarus_equals_golden(tmp_path):
    program = CASES["ring"]()
    found, last = run_replicas_icarus("trotter", program, 3, tmp_path)
    assert (found.mismatches, found.first) == (0, {})
    bits = np.array([int(last[f"bit_{i}"], 2) for i in range(16)])
    np.testing.assert_array_equal(2 * bits - 1, run_ring(program, 3)[-1].ravel())
    machine = TrotterMachine(program.spec)
    machine.bits[5, 0] ^= 1
    found, _ = run_replicas_icarus("trotter", program, 3, tmp_path, machine=machine)
    assert found.mismatches > 0
    assert found.first["bit_5"]["cycle"] == 0


def test_runs_equal_the_clocked_machine():
    program = CASES["glass"]()
    machine = TrotterMachine(program.spec)
    for address, data in ring_writes(program, 5):
        machine.tick(int(address), True, data)
    while machine.phase != TrotterPhase.IDLE:
        machine.tick()
    np.testing.assert_array_equal(2 * machine.bits[:, 0].astype(np.int8) - 1, run_ring(program, 5)[-1].ravel())


class StaleOffset(TrotterMachine):
    """Forgets that the couplings of the ring count in the offsets."""

    def _program(self):
        program = super()._program()
        program.offsets[:] += self.coupling << self.spec.ring_shift
        return program


class LateStep(TrotterMachine):
    """Keeps the coupling of the step before."""

    def tick(self, address=0, write=False, data=0):
        before = self.coupling
        fetches = self.phase == TrotterPhase.FETCH and self.step > 0
        super().tick(address, write, data)
        if fetches:
            self.coupling = before


@pytest.mark.promise("anneal.hardware")
@pytest.mark.parametrize("mutant", [StaleOffset, LateStep])
def test_broken_machines_differ(mutant):
    program = CASES["ring"]()
    assert run_replicas_pysim("trotter", program, 3, mutant(program.spec)).mismatches > 0


def law_distance(coupling, judged, n_runs=6000):
    """Return the chi2 probability of states at the end of runs under the law of a ring with coupling ``judged``."""
    small = resolve("[ring n=3 J=-1 h=0.5]")  # frustrated: forgets in a few sweeps
    program = trotter_program(small, 3, 0.5, (coupling,), (25,))
    weights = 1 << np.arange(9)
    states = [int((run_ring(program, seed)[-1].ravel() > 0) @ weights) for seed in range(n_runs)]
    expected = n_runs * boltzmann_law(trotter_ring(small, 3, judged), 0.5)
    counts, kept = np.bincount(states, minlength=512), expected >= 5.0
    observed, wanted = (np.append(part[kept], part[~kept].sum()) for part in (counts, expected))
    return stats.chisquare(observed[wanted > 0], wanted[wanted > 0] * observed.sum() / wanted.sum()).pvalue


@pytest.mark.promise("anneal.hardware")
@pytest.mark.slow
def test_states_follow_the_law_of_the_ring_and_not_another():
    """6000 runs of 9 p-bits; a coupling of 0.5 instead of 1 is rejected."""
    assert law_distance(1.0, 1.0) > 1e-4
    assert law_distance(1.0, 0.5) < 1e-12


@pytest.mark.promise("anneal.hardware")
def test_falling_field_finds_the_ground_state():
    glass = resolve("[planted L=4 seed=1]")
    settings = QuantumAnnealing(n_replicas=8)
    parts = np.array_split(settings.couplings(160) / settings.beta, 16)
    program = trotter_program(glass, 8, settings.beta, [part.mean() for part in parts], [len(part) for part in parts])
    lowest = min(glass.energies(run_ring(program, seed).reshape(-1, glass.n_spins)).min() for seed in range(4))
    assert lowest == glass.provenance["ground_energy"]


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: trotter_program(RING, 4, 0.5, (), ()), "Steps must have a coupling above 0"),
        (lambda: trotter_program(RING, 4, 0.5, (1.0,), (0,)), "Steps must have a coupling above 0"),
        (lambda: trotter_program(RING, 4, 0.5, [1.0] * 300, [1] * 300), "Steps must be at most 256"),
        (lambda: TrotterSpec(CASES["ring"]().spec.fabric, 4, 3), "Replicas must be 3 or more that fill the fabric"),
    ],
)
def test_bad_hardware_is_refused(call, fault):
    with pytest.raises(InputError, match=fault):
        call()
