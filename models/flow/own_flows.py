"""Flows trained here: ``python -m spinchip.models.flow.own_flows DIR`` makes the shipped ones again, in minutes."""

from __future__ import annotations

import sys
from pathlib import Path

from .flow_spec import FlowSpec, save_flow
from .systems import SYSTEMS, metropolis_states
from .training import FlowPlan, train_flow

SPEC = FlowSpec("realnvp", 8, 32)
STAGES = (FlowPlan(600, ml=1.0), FlowPlan(2500, 1000, ml=1.0, kl=1.0))
SEED = 1


def trained(name, spec=SPEC, stages=STAGES, seed=SEED):
    """Return the parameters of a flow of a system after its training by data and energy."""
    system = SYSTEMS[name]
    return train_flow(spec, system, metropolis_states(system, 1000, seed), stages, seed)


def main(folder):
    """Train the flow of every system and write it."""
    for name in SYSTEMS:
        save_flow(Path(folder) / f"{name}.npz", SPEC, trained(name))


if __name__ == "__main__":
    main(sys.argv[1])
