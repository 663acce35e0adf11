"""The compiled RTL runs in lockstep with golden fed by itself or from outside, and a faulty machine is caught."""

import networkx as nx
import pytest

from spinchip.emulator.golden.fabric import faulty_machines as faulty
from spinchip.emulator.spec.errors import ToolError
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.sim.cosim.compiled_lockstep import run_lockstep_compiled
from spinchip.sim.cosim.stimulus import random_stimulus

pytestmark = pytest.mark.compiler

N_CYCLES = 2500
# Faults, and the register that gives each away first under the traffic of seed 10.
FAULTS = {
    faulty.TieRuleMachine: "spins_0",
    faulty.WrapMachine: "bus.saturations",
    faulty.RestlessSourceMachine: "random_0.state_0",
    faulty.MiscountedAgreementMachine: "moments.agreements_",
}


def fabric(source, n=10):
    """Ten p-bits, whose field is rounded by one bit, saturates, and meets only 8 random bits: ties come often."""
    graph = nx.random_regular_graph(4, n, seed=5)
    colors = nx.greedy_color(graph, strategy="DSATUR")
    return FabricSpec(
        n_pbits=n,
        edges=tuple(sorted(tuple(sorted(edge)) for edge in graph.edges)),
        colors=tuple(colors[i] for i in range(n)),
        weight=Fixed(1, 2),
        bias=Fixed(1, 2),
        field=Fixed(2, 1),
        compare_bits=8,
        random=source,
        n_pages=4,
        n_segments=8,
        fifo_depth=4,
        moment_bits=8,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lockstep")


# The other two sources feed the same machine from generators that the sampler test compares.
@pytest.mark.parametrize("kind", [RandomKind.XORSHIFT32, RandomKind.EXTERNAL], ids=lambda kind: kind.name)
def test_honest_machine_is_equal(folder, kind):
    spec = fabric(RandomSpec(kind))
    result = run_lockstep_compiled(spec, random_stimulus(spec, 10, 4 * N_CYCLES), folder)
    assert (result.cycles, result.mismatches, result.first) == (4 * N_CYCLES, 0, {})
    assert result.sweeps > 100
    assert result.registers > 40


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_fault_is_caught_and_located(folder, fault):
    spec = fabric(RandomSpec())
    result = run_lockstep_compiled(spec, random_stimulus(spec, 10, N_CYCLES), folder, fault(spec))
    assert result.mismatches > 0
    assert result.first_register.startswith(FAULTS[fault])


def test_idle_run_is_refused(folder):
    spec = fabric(RandomSpec())
    with pytest.raises(ToolError, match=r"^Machine must finish a sweep in lockstep"):
        run_lockstep_compiled(spec, random_stimulus(spec, 10, 3), folder)
