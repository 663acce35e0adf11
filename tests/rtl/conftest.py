"""Amaranth's own simulator for single components."""

import pytest
from amaranth.sim import Simulator


@pytest.fixture
def simulate():
    """Return a function that runs a bench, an async function of the simulator's context, on a component."""

    def run(component, bench):
        simulator = Simulator(component)
        simulator.add_clock(1e-8, if_exists=True)  # some components are combinational
        simulator.add_testbench(bench)
        simulator.run()

    return run
