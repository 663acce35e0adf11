"""The whole p-computer in Amaranth's simulator: lockstep with golden, and the register map as a host sees it."""

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.faulty_machines import HalfDownMachine, SilentRefusalMachine, TieRuleMachine
from spinchip.emulator.spec.errors import ToolError
from spinchip.emulator.spec.fabric.loading import program_writes, start_writes
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fabric.register_map import (
    FIFO_BASE,
    MAGIC,
    SPINS_BASE,
    Control,
    Register,
    Status,
    Where,
    identity,
)
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.emulator.spec.spins import bits_from_words
from spinchip.rtl.fabric.p_computer import PComputer
from spinchip.sim.cosim.lockstep import demo_stimulus
from spinchip.sim.cosim.pysim_lockstep import run_lockstep_pysim
from spinchip.sim.cosim.stimulus import Stimulus, random_stimulus

SMALL = {"n_pages": 2, "n_segments": 4, "fifo_depth": 2}
RING = tuple(sorted(tuple(sorted((i, (i + 1) % 6))) for i in range(6)))
FABRICS = {
    "ring": FabricSpec(6, RING, (0, 1) * 3, Fixed(1, 2), Fixed(1, 2), Fixed(2, 1), 8, moment_bits=5, **SMALL),
    "one p-bit": FabricSpec(1, (), (0,), Fixed(0, 0), Fixed(1, 1), Fixed(1, 1), **SMALL),
    "no edges": FabricSpec(3, (), (0, 0, 0), Fixed(0, 0), Fixed(2, 1), Fixed(1, 0), moment_bits=4, **SMALL),
    "many words": FabricSpec(  # three spin words, the last one short
        70,
        tuple((i, i + 1) for i in range(69)),
        (0, 1) * 35,
        Fixed(1, 1),
        Fixed(1, 1),
        Fixed(2, 0),
        random=RandomSpec(RandomKind.XOSHIRO128PLUS),
        **SMALL,
    ),
    "large numbers": FabricSpec(6, RING, (0, 1) * 3, Fixed(19, -16), Fixed(18, -14), Fixed(20, -16), 8, **SMALL),
    "small numbers": FabricSpec(6, RING, (0, 1) * 3, Fixed(-9, 12), Fixed(-8, 11), Fixed(-7, 10), 8, **SMALL),
    "entropy port": FabricSpec(
        6, RING, (0, 1) * 3, Fixed(1, 0), Fixed(1, 0), Fixed(1, 3), 5, RandomSpec(RandomKind.EXTERNAL), **SMALL
    ),
}


@pytest.mark.promise("cosim.embedded", "spec.any-scale")
@pytest.mark.parametrize("name", FABRICS)
def test_lockstep_under_random_traffic(name):
    spec = FABRICS[name]
    result = run_lockstep_pysim(spec, random_stimulus(spec, seed=3, n_cycles=1200))
    assert (result.cycles, result.mismatches, result.first) == (1200, 0, {})
    assert result.sweeps > 10


@pytest.mark.promise("cosim.embedded")
@pytest.mark.parametrize(
    ("fault", "register"),
    [(TieRuleMachine, "spins_0"), (HalfDownMachine, "spins_0"), (SilentRefusalMachine, "bus.refused")],
)
def test_fault_is_caught_and_located(fault, register):
    spec = FABRICS["ring"]
    result = run_lockstep_pysim(spec, random_stimulus(spec, seed=3, n_cycles=1200), machine=fault(spec))
    assert result.mismatches > 0
    assert result.first_register == register


@pytest.mark.parametrize(
    ("n_cycles", "rule"), [(0, "Cycles compared must be 1 or more"), (30, "Machine must finish a sweep")]
)
def test_silent_device_is_refused(n_cycles, rule):
    with pytest.raises(ToolError, match=f"^{rule}"):
        run_lockstep_pysim(FABRICS["ring"], Stimulus(np.zeros((n_cycles, 3), dtype=np.uint32)))


@pytest.mark.promise("rtl.run-time")
def test_program_runs_to_its_end():
    instance = IsingInstance.from_edges(6, RING, [1.0, -0.5, 0.25, 1.0, 0.75, -1.0], np.linspace(-1, 1, 6))
    spec = fabric_for(instance, FabricOptions(n_pages=2, n_segments=4, moment_bits=8))
    program = compile_program(instance, spec, Schedule(((0.5, 12), (1.5, 9))), Recording(every=3))
    assert run_lockstep_pysim(program, demo_stimulus(program, seed=1)).sweeps == 21
    assert run_lockstep_pysim(program, demo_stimulus(program, seed=1, n_sweeps=15)).sweeps == 15


class Host:
    """A host on the bus of a simulated p-computer."""

    def __init__(self, context, computer):
        self._context, self._computer = context, computer

    async def write(self, *writes):
        """Carry out (address, data) writes back to back."""
        for address, data in writes:
            self._context.set(self._computer.address, int(address))
            self._context.set(self._computer.write_data, int(data) & 0xFFFFFFFF)
            self._context.set(self._computer.write, 1)
            await self._context.tick()
            self._context.set(self._computer.write, 0)

    async def read(self, address):
        """Return what an address shows."""
        self._context.set(self._computer.address, int(address))
        await self._context.tick()
        return self._context.get(self._computer.read_data)

    async def start_endless(self):
        """Run a schedule that outlives any test."""
        await self.write((Register.SEGMENT_SWEEPS, 0xFFFFFFFF), (Register.SEGMENTS, 1))
        await self.write((Register.SEEDS, 0x12345678), (Register.SEEDS, 0x9ABCDEF0), (Register.CONTROL, Control.RUN))
        for _ in range(40):
            await self._context.tick()


@pytest.fixture
def on_bus(simulate):
    """Return a function that runs a bench, an async function of a host, on a fresh fabric."""

    def run(name, bench):
        computer = PComputer(FABRICS[name])

        async def testbench(context):
            await bench(Host(context, computer))

        simulate(computer, testbench)

    return run


@pytest.mark.promise("rtl.control")
@pytest.mark.parametrize("name", FABRICS)
def test_identity_reads_back(on_bus, name):
    async def bench(host):
        for register, expected in identity(FABRICS[name]).items():
            assert await host.read(register) == expected
            await host.write((register, ~expected))
            assert await host.read(register) == expected
        assert await host.read(Register.MAGIC) == MAGIC == int.from_bytes(b"SPIN", "big")

    on_bus(name, bench)


def test_unknown_addresses_read_zero_and_refuse_writes(on_bus):
    async def bench(host):
        unknown = [0x0E, 0x0F, 0x1E, 0x25, 0x2D, SPINS_BASE - 1, SPINS_BASE + 1, FIFO_BASE + 1, 0xFFFF]
        for count, address in enumerate(unknown, start=1):
            await host.write((address, 0xFFFFFFFF))
            assert await host.read(address) == 0
            assert await host.read(Register.REFUSED) == count

    on_bus("ring", bench)


@pytest.mark.promise("rtl.busy")
def test_busy_machine_refuses_and_counts(on_bus):
    accepted = {Register.FREEZE, Register.FIFO_POP, Register.CONTROL}
    written = [register for register in Register if register not in accepted]

    async def bench(host):
        before = {register: await host.read(register) for register in (Register.RECORD_EVERY, Register.SEGMENTS)}
        await host.start_endless()
        assert await host.read(Register.STATUS) == Status.BUSY
        before[Register.SEGMENTS] = 1
        await host.write(*((register, 0x5) for register in written))
        await host.write((Register.CONTROL, Control.RUN), (Register.CONTROL, Control.LOAD | Control.CLEAR))
        assert await host.read(Register.REFUSED) == len(written) + 2
        assert {register: await host.read(register) for register in before} == before
        await host.write((Register.FREEZE, 1))
        assert await host.read(Register.STATUS) == Status.BUSY | Status.FROZEN
        await host.write((Register.FREEZE, 0), (Register.CONTROL, Control.HALT | Control.RUN))
        assert await host.read(Register.STATUS) == 0
        assert await host.read(Register.REFUSED) == len(written) + 2
        await host.write((Register.CONTROL, Control.CLEAR))
        assert await host.read(Register.REFUSED) == 0

    on_bus("ring", bench)


@pytest.mark.promise("rtl.control")
def test_freeze_holds_spins_sweeps_and_seeds(on_bus):
    async def bench(host):
        await host.start_endless()
        await host.write((Register.FREEZE, 1))
        watched = (SPINS_BASE, Register.SWEEPS, Register.SEEDS)
        first = [await host.read(address) for address in watched]
        for _ in range(20):
            assert [await host.read(address) for address in watched] == first
        await host.write((Register.FREEZE, 0))
        for _ in range(6):
            await host.read(0)
        after = [await host.read(address) for address in watched]
        assert after[1] > first[1]
        assert after[2] != first[2]

    on_bus("ring", bench)


def test_run_needs_a_schedule(on_bus):
    async def bench(host):
        await host.write((Register.CONTROL, Control.RUN))
        assert await host.read(Register.STATUS) == 0
        assert await host.read(Register.REFUSED) == 1
        await host.write((Register.SEGMENTS, 5))  # the memory holds four
        assert await host.read(Register.SEGMENTS) == 0
        assert await host.read(Register.REFUSED) == 2

    on_bus("ring", bench)


def test_clamps_hold_and_planes_read_back(on_bus):
    async def bench(host):
        words = {Register.WEIGHTS: [1, -2, 3, -4, 5, -6], Register.OFFSETS: [7, -8, 9, -10, 11, -12]}
        words[Register.CLAMPS] = [3, 2, 0, 1, 3, 2]
        for register, plane in words.items():
            await host.write(*((register, word) for word in plane))
        await host.write((Register.CONTROL, Control.LOAD))
        assert await host.read(SPINS_BASE) == 0b010001
        spec = FABRICS["ring"]
        widths = {Register.WEIGHTS: spec.weight.width, Register.OFFSETS: spec.offset.width, Register.CLAMPS: 2}
        for register, plane in words.items():
            for word in plane:
                assert await host.read(register) == word % (1 << widths[register])
                await host.write((register, word))
        await host.start_endless()
        for _ in range(20):
            assert await host.read(SPINS_BASE) & 0b110011 == 0b010001

    on_bus("ring", bench)


def test_table_bank_reads_back_a_cycle_later(on_bus):
    async def bench(host):
        await host.write((Register.TABLE_ADDRESS, 3), (Register.TABLE_DATA, 0x7A), (Register.TABLE_DATA, 0x1B5))
        assert await host.read(Register.TABLE_ADDRESS) == 5
        await host.write((Register.TABLE_ADDRESS, 3))
        await host.read(Register.TABLE_DATA)
        assert await host.read(Register.TABLE_DATA) == 0x7A
        await host.write((Register.TABLE_ADDRESS, 4))
        await host.read(Register.TABLE_DATA)
        assert await host.read(Register.TABLE_DATA) == 0xB5  # eight compared bits

    on_bus("ring", bench)


@pytest.mark.promise("rtl.fifo")
def test_full_fifo_stalls_until_a_pop(on_bus):
    async def bench(host):
        await host.write((Register.RECORD_EVERY, 1), (Register.RECORD_WHERE, Where.FIFO))
        await host.start_endless()
        assert await host.read(Register.STATUS) == Status.BUSY | Status.STALLED
        assert await host.read(Register.FIFO_LEVEL) == 2
        assert await host.read(Register.SWEEPS) == 3  # two stored, the third waits
        await host.write((Register.FIFO_POP, 0))
        for _ in range(5):
            await host.read(FIFO_BASE)
        assert await host.read(Register.SWEEPS) == 4
        await host.write((Register.CONTROL, Control.HALT))
        for level in (1, 0):
            await host.write((Register.FIFO_POP, 0))
            assert await host.read(Register.FIFO_LEVEL) == level
        assert await host.read(FIFO_BASE) == 0
        refused = await host.read(Register.REFUSED)
        await host.write((Register.FIFO_POP, 0))
        assert await host.read(Register.REFUSED) == refused + 1

    on_bus("ring", bench)


@pytest.mark.promise("rtl.fabric.moments")
def test_moments_read_through_their_plane_are_sums_over_the_fifo(on_bus):
    spec = FABRICS["ring"]
    instance = IsingInstance.from_edges(6, RING, [1.0, -0.5, 0.25, 1.0, 0.75, -1.0], np.linspace(-1, 1, 6))
    program = compile_program(instance, spec, Schedule.constant(0.6, 40), Recording(after=2, every=2))

    async def bench(host):
        await host.write(*program_writes(program, Where.FIFO | Where.MOMENTS), *start_writes(program, 3))
        states = []
        while await host.read(Register.STATUS) or await host.read(Register.FIFO_LEVEL):
            if await host.read(Register.FIFO_LEVEL):
                states.append(bits_from_words([await host.read(FIFO_BASE)], 6))
                await host.write((Register.FIFO_POP, 0))
        states = np.array(states)
        assert len(states) == await host.read(Register.MOMENT_COUNT) == 19
        moments = []
        for _ in range(12):
            moments.append(await host.read(Register.MOMENTS))
            await host.write((Register.MOMENTS, 0))
        assert moments == [*states.sum(axis=0), *(np.sum(states[:, i] == states[:, j]) for i, j in RING)]
        assert await host.read(Register.MOMENTS) == 0  # written back as 0: cleared

    on_bus("ring", bench)
