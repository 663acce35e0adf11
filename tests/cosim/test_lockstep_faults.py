"""Lockstep tells the RTL from machines with one fault each, and fails when nothing was compared."""

import re

import networkx as nx
import numpy as np
import pytest

from spinchip.emulator.golden.fabric import faulty_machines as faulty
from spinchip.emulator.golden.fabric.machine import Machine
from spinchip.emulator.spec.errors import ToolError
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.register_map import Control, Phase, Register
from spinchip.emulator.spec.fixed import Fixed
from spinchip.sim.cosim.lockstep import run_lockstep
from spinchip.sim.cosim.stimulus import Stimulus, random_stimulus

pytestmark = pytest.mark.icarus

# Faults, and the register that gives each away first.
FAULTS = {
    faulty.TieRuleMachine: "spins_0",
    faulty.ExtraSweepMachine: "sequencer.sweeps_left",
    faulty.StuckRandomBitMachine: "spins_0",
    faulty.HalfDownMachine: "spins_0",
    faulty.WrapMachine: "bus.saturations",
    faulty.SilentRefusalMachine: "bus.refused",
    faulty.DroppedClampMachine: "spins_0",
    faulty.KeptThinningMachine: "sequencer.record_phase",
    faulty.LossyFifoMachine: "sequencer.color",
    faulty.StaleTableMachine: "sequencer.page_valid",
    faulty.RestlessSourceMachine: "random_0.state_0",
    faulty.PoliteHaltMachine: "sequencer.phase",
    faulty.MiscountedAgreementMachine: "moments.agreements_",
}
N_CYCLES = 2500  # the traffic of this seed shows every fault within half of them


@pytest.fixture(scope="module")
def spec():
    """Ten p-bits, whose field is rounded by one bit, saturates, and meets only 8 random bits: ties come often."""
    graph = nx.random_regular_graph(4, 10, seed=5)
    colors = nx.greedy_color(graph, strategy="DSATUR")
    return FabricSpec(
        n_pbits=10,
        edges=tuple(sorted(tuple(sorted(edge)) for edge in graph.edges)),
        colors=tuple(colors[i] for i in range(10)),
        weight=Fixed(1, 2),
        bias=Fixed(1, 2),
        field=Fixed(2, 1),
        compare_bits=8,
        n_pages=4,
        n_segments=8,
        fifo_depth=4,
        moment_bits=8,
    )


@pytest.fixture(scope="module")
def stimulus(spec):
    return random_stimulus(spec, seed=10, n_cycles=N_CYCLES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lockstep")


@pytest.mark.promise("cosim.lockstep")
def test_honest_machine_is_equal(spec, stimulus, folder):
    result = run_lockstep(spec, stimulus, folder)
    assert (result.cycles, result.mismatches, result.first) == (N_CYCLES, 0, {})
    assert result.sweeps > 50
    assert result.first_register is None


@pytest.mark.promise("rtl.busy", "rtl.saturation", "cosim.lockstep")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_fault_is_caught_and_located(spec, stimulus, folder, fault):
    result = run_lockstep(spec, stimulus, folder, machine=fault(spec))
    assert result.mismatches > 0
    assert result.first_register.startswith(FAULTS[fault])


def test_every_faulty_machine_is_tried():
    known = {thing for thing in vars(faulty).values() if isinstance(thing, type) and issubclass(thing, Machine)}
    assert known - {Machine} == set(FAULTS)


@pytest.mark.promise("cosim.scoreboard")
def test_no_cycle_compared_is_refused(spec, folder):
    nothing = Stimulus(np.zeros((0, 3), dtype=np.uint32))
    with pytest.raises(ToolError, match=r"ToolError: Cycles compared must be 1 or more, not 0\)"):
        run_lockstep(spec, nothing, folder)


@pytest.mark.promise("cosim.scoreboard")
def test_silent_device_is_refused(spec, folder):
    reads = np.zeros((200, 3), dtype=np.uint32)
    reads[:, 0] = Register.STATUS
    with pytest.raises(ToolError, match="must finish a sweep"):
        run_lockstep(spec, Stimulus(reads), folder)


@pytest.mark.promise("cosim.scoreboard")
def test_machine_frozen_for_good_is_refused(spec, folder):
    run = [(Register.SEGMENT_SWEEPS, 1, 5), (Register.SEGMENTS, 1, 1), (Register.FREEZE, 1, 1)]
    run += [(Register.CONTROL, 1, Control.RUN)] + [(Register.SWEEPS, 0, 0)] * 200
    machine = Machine(spec)
    for access in run:
        machine.tick(*access)
    assert machine.phase == Phase.SWEEP
    with pytest.raises(ToolError, match="must finish a sweep"):
        run_lockstep(spec, Stimulus(np.array(run, dtype=np.uint32)), folder)


@pytest.mark.promise("cosim.waves")
@pytest.mark.slow
def test_waves_are_written_on_request_only(spec, stimulus, tmp_path):
    short = Stimulus(stimulus.rows[:1000])
    run_lockstep(spec, short, tmp_path)
    assert not list(tmp_path.rglob("*.fst"))
    run_lockstep(spec, short, tmp_path, waves=True)
    (waves,) = tmp_path.rglob("*.fst")
    assert waves.stat().st_size > 1000


def test_missing_icarus_is_named(spec, stimulus, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    text = "Icarus Verilog (iverilog) is missing; get it with: apt-get install iverilog"
    with pytest.raises(ToolError, match=f"^{re.escape(text)}$"):
        run_lockstep(spec, stimulus, tmp_path)
