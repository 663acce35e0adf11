"""The machine stepped by the clock against the free-running kernels and against arithmetic written out in floats."""

import math
from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.machine import Machine
from spinchip.emulator.golden.fabric.sampler import busy_cycles, run_chains
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.loading import program_writes, start_writes
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fabric.register_map import Register, Where
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.emulator.spec.spins import bits_from_words, spins_from_bits

SCHEDULE = Schedule(((0.2, 6), (0.9, 11), (0.9, 5), (0.2, 8), (2.0, 7)))
# Random source, field format (rounds, exact, appends zeros; the first saturates), recording, clamped p-bits.
CASES = {
    "xorshift, rounds": (RandomSpec(), Fixed(1, 2), Recording(), 0),
    "xorshift whole": (RandomSpec(slices=1), Fixed(3, 3), Recording(after=5, every=4), 3),
    "xoshiro": (RandomSpec(RandomKind.XOSHIRO128PLUS), Fixed(3, 5), Recording(every=7), 2),
    "lfsr": (RandomSpec(RandomKind.LFSR32, 1, 19), Fixed(0, 1), Recording(after=36), 1),
}


def program_of(case, schedule=SCHEDULE, moment_bits=16):
    """Return a random glass of eleven spins on the fabric of a case."""
    source, field, recording, n_clamped = CASES[case]
    rng = np.random.default_rng(4)
    edges = np.argwhere(np.triu(rng.random((11, 11)) < 0.35, 1))
    instance = IsingInstance.from_edges(11, edges, rng.normal(size=len(edges)), rng.normal(size=11))
    options = FabricOptions(Fixed(1, 3), Fixed(1, 2), field, random=source, fifo_depth=64, moment_bits=moment_bits)
    clamps = np.zeros(11, dtype=np.int8)
    clamps[:n_clamped] = rng.choice([-1, 1], n_clamped)
    initial = rng.choice([-1, 1], 11)
    return compile_program(instance, fabric_for(instance, options), schedule, recording, initial, clamps)


def run_machine(program, seed=0, chain=0, machine=None, pop_odds=0.0):
    """Load, start and run a machine by its bus; return it and the snapshots that came out of its FIFO."""
    machine = machine or Machine(program.spec)
    for address, data in program_writes(program, Where.FIFO | Where.MOMENTS) + start_writes(program, seed, chain):
        machine.tick(address, True, data)
    rng = np.random.default_rng(seed)
    snapshots = []
    while machine.busy or machine.fifo:
        pops = bool(machine.fifo) and (not machine.busy or rng.random() < pop_odds)
        if pops:
            snapshots.append(spins_from_bits(bits_from_words(machine.fifo[0], program.spec.n_pbits)))
        machine.tick(Register.FIFO_POP if pops else Register.STATUS, pops)
    return machine, np.array(snapshots, dtype=np.int8).reshape(-1, program.spec.n_pbits)


def plain_run(program, seed=0, chain=0):
    """Return snapshots and saturated cycles of a xorshift32 run in exact floats: s = +-1, no offset form, no numba."""
    spec = program.spec
    weights, words = spec.weight.values(program.weights), program.seed_words(seed, chain).astype(np.int64)[:, 0]
    couplings = np.zeros((spec.n_pbits, spec.n_pbits))
    for (i, j), weight in zip(spec.edges, weights, strict=True):
        couplings[i, j] = couplings[j, i] = weight
    biases = spec.offset.values(program.offsets) + couplings.sum(axis=1)
    spins = np.where(program.clamps != 0, program.clamps, spins_from_bits(program.initial_bits)).astype(float)
    snapshots, saturated_cycles, sweep = [], 0, 0
    for page, n_sweeps in program.segments:
        for _ in range(n_sweeps):
            for color in range(spec.n_colors):
                fields, strikes = biases + couplings @ spins, 0
                for i in np.flatnonzero((np.array(spec.colors) == color) & (program.clamps == 0)):
                    word = math.floor(fields[i] * 2**spec.field.n_frac + 0.5)
                    strikes += not spec.field.min_word <= word <= spec.field.max_word
                    word = min(max(word, spec.field.min_word), spec.field.max_word)
                    random = words[spec.slots[i] // spec.random.slices]
                    random >>= 32 - spec.slots[i] % spec.random.slices * spec.random.slice_bits - spec.compare_bits
                    spins[i] = 1 if random % 2**spec.compare_bits < program.tables[page, word] else -1
                saturated_cycles += strikes > 0
                for shift in (13, -17, 5):
                    words = words ^ (words << shift & 0xFFFFFFFF if shift > 0 else words >> -shift)
            sweep += 1
            recording = program.recording
            if sweep > recording.after and (sweep - recording.after) % recording.every == 0:
                snapshots.append(spins.astype(np.int8))
    return np.array(snapshots), saturated_cycles


@pytest.mark.promise("golden.schedule")
@pytest.mark.parametrize("case", CASES)
def test_machine_equals_free_run(case):
    program = program_of(case)
    run = run_chains(program, seed=9, n_chains=3)
    for chain in range(3):
        machine, snapshots = run_machine(program, 9, chain)
        assert np.array_equal(snapshots, run.spins[chain])
        assert np.array_equal(machine.bits[:, 0], run.final_bits[chain])
        assert machine.planes[Register.SEEDS] == run.random_state[chain].ravel().tolist()
        assert machine.saturations == run.saturations[chain]
        assert machine.sweeps == program.n_sweeps
        assert machine.cycles == run.cycles == busy_cycles(program)
    assert len(np.unique(run.random_state, axis=0)) == 3


@pytest.mark.promise("golden.field")
@pytest.mark.parametrize("case", ["xorshift, rounds", "xorshift whole"])
def test_free_run_equals_exact_arithmetic(case):
    program = program_of(case)
    run = run_chains(program, seed=3, n_chains=2)
    for chain in range(2):
        snapshots, saturated_cycles = plain_run(program, 3, chain)
        assert np.array_equal(run.spins[chain], snapshots)
        assert run.saturations[chain] == saturated_cycles
    assert (run.saturations.min() > 0) == (case == "xorshift, rounds")


@pytest.mark.promise("golden.field")
def test_exact_arithmetic_sees_one_wrong_word():
    """One unit in the last place, of which rounding drops half, shows within 300 sweeps."""
    program = program_of("xorshift, rounds", Schedule.constant(0.9, 300))
    snapshots, _ = plain_run(program, 3)
    assert np.array_equal(run_chains(program, seed=3).spins[0], snapshots)
    for name in ("weights", "offsets"):
        wrong = getattr(program, name).copy()
        wrong[0] += 1
        assert not np.array_equal(run_chains(replace(program, **{name: wrong}), seed=3).spins[0], snapshots)


@pytest.mark.promise("golden.schedule")
@pytest.mark.parametrize("case", CASES)
def test_moments_are_sums_over_snapshots(case):
    program = program_of(case)
    machine, snapshots = run_machine(program, 2)
    ups = (snapshots > 0).sum(axis=0)
    agreements = [int(np.sum(snapshots[:, i] == snapshots[:, j])) for i, j in program.spec.edges]
    assert machine.planes[Register.MOMENTS] == [*ups, *agreements]
    assert machine.moment_count == len(snapshots) == program.recording.n_samples(program.n_sweeps)


def test_moments_wrap_at_their_width():
    program = program_of("xorshift, rounds", moment_bits=3)
    machine, snapshots = run_machine(program, 2)
    assert machine.planes[Register.MOMENTS][:11] == ((snapshots > 0).sum(axis=0) % 8).tolist()
    assert machine.moment_count == len(snapshots) > 8


@pytest.mark.promise("rtl.fifo")
def test_slow_host_gets_the_same_states():
    program = program_of("xorshift, rounds")
    program = replace(program, spec=replace(program.spec, fifo_depth=2))
    machine, snapshots = run_machine(program, 5, pop_odds=0.2)
    assert np.array_equal(snapshots, run_chains(program, seed=5).spins[0])
    assert machine.cycles > busy_cycles(program)  # it did wait


def test_loaded_machine_runs_again():
    """A second run needs seeds and a first state only, and spares the table that is still loaded."""
    program = program_of("xorshift, rounds", Schedule(((0.5, 9),)))
    run = run_chains(program, seed=1, n_chains=2)
    machine, _ = run_machine(program, 1, 0)
    for address, data in start_writes(program, 1, 1):
        machine.tick(address, True, data)
    while machine.busy:
        machine.tick()
    assert np.array_equal(machine.bits[:, 0], run.final_bits[1])
    assert machine.cycles == run.cycles - program.spec.n_table_entries - 1


@pytest.mark.promise("rtl.run-time")
def test_run_time_contents_change_without_a_new_fabric():
    """Couplings, clamps, betas and schedule of a second program replace the first one's."""
    first = program_of("xorshift, rounds")
    other = replace(
        first,
        weights=-first.weights,
        offsets=first.offsets + 3,
        tables=first.tables[::-1].copy(),
        clamps=-np.eye(11, dtype=np.int8)[4],
        segments=((1, 3), (0, 0), (2, 9)),
        recording=Recording(after=1, every=2),
    )
    machine, _ = run_machine(first, 1)
    machine, snapshots = run_machine(other, 6, machine=machine)
    assert np.array_equal(snapshots, run_chains(other, seed=6).spins[0])
    assert set(snapshots[:, 4]) == {-1}


@pytest.mark.promise("rtl.entropy-port")
def test_external_words_decide():
    """All-zero words lie below every threshold, all-one words below none."""
    program = program_of("xorshift, rounds")
    spec = replace(program.spec, random=RandomSpec(RandomKind.EXTERNAL))
    program = replace(program, spec=spec, clamps=np.eye(11, dtype=np.int8)[0])
    for word, expected in ((0, [1] * 11), ((1 << spec.n_slots * spec.compare_bits) - 1, [1] + [0] * 10)):
        machine = Machine(spec)
        for address, data in program_writes(program) + start_writes(program, 0):
            machine.tick(address, True, data)
        while machine.busy:
            machine.tick(entropy=word)
        assert machine.bits[:, 0].tolist() == expected
    with pytest.raises(InputError, match="Random source must be internal for a free run"):
        run_chains(program)
