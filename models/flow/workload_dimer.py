"""Rows of the workload on the dimer among 36 discs (extra ``models``): umbrella sampling, and a flow of each state."""

from __future__ import annotations

import numpy as np

from ..workload_row import measured, near, row
from .annealed import annealed_logs
from .dimer import SolvatedDimer
from .estimates import bennett_log_z
from .flow_spec import FlowSpec
from .hardware import PlainFlow
from .training import FlowPlan, train_flow
from .umbrella import run_umbrella
from .umbrella_estimates import difference, integrated_profile, states_of
from .whitened import Whitened

SPEC = FlowSpec("realnvp", 12, 64, 76, 3)
STAGES = tuple(FlowPlan(800, 256, rate, ml=1.0) for rate in (1e-3, 4e-4, 1.6e-4))
N_SWEEPS, N_STATES, N_DRAWN, N_LAWS, HELD_OUT = 200_000, 20_000, 1024, 120, 0.15
PUBLISHED, WITHIN = -6.6, 1.0


def dimer_rows(seed):
    """Return the free energy of the closed dimer less that of the open one: windows, twice, and flows.

    Each state has a flow of its own, trained by data alone, so that none can be lost. Where discs change names the
    space repeats itself, 36! 2 times: one copy is the target. Annealing carries points of the flow to the target, and
    data to the flow; Bennett's ratio of both works gives ln Z.
    """
    system = SolvatedDimer()
    run = run_umbrella(system, N_SWEEPS, seed, kept_every=2)
    weighted, error = difference(run)
    integrated, other = difference(run, integrated_profile)
    states = states_of(run, N_STATES, seed)
    anchor = _anchor(system, np.concatenate([one[:1000] for one in states]))
    parts = [_log_z(system, one, anchor, is_closed, seed) for one, is_closed in zip(states, (True, False), strict=True)]
    found = parts[1][0] - parts[0][0]
    ends = " and ".join(f"{forward:.2f} ... {backward:.2f}" for _, forward, backward in parts)
    name = "dimer among 36 discs, closed less open"
    both = float(np.hypot(error, other))
    first = near(f"{name}, umbrella sampling, kT", weighted, PUBLISHED, WITHIN, "noted; published -6.63, -7.12, -7.55")
    return [
        first | {"se": error},
        measured(f"{name}, mean forces of the same windows, kT", integrated, weighted, both, "weighted windows"),
        near(f"{name}, annealed flows, kT", found, weighted, WITHIN, "umbrella sampling, within 1 kT"),
        row(f"{name}: ln Z of each from both sides", ends, None, "from below by points, from above by data", True),
    ]


def _mirrored(x):
    """Return points and their three mirror images, which have the same energy."""
    down = x * np.tile([1.0, -1.0], x.shape[1] // 2)
    return np.concatenate([x, down, -down, -x])


def _anchor(system, x):
    """Return the mean places of discs, their names given by itself; ndarray, shape (d,)."""
    anchor = system.start(1.5)
    for _ in range(6):
        anchor = system.relabelled(_mirrored(x), anchor).mean(axis=0)
    return anchor


def _log_z(system, states, anchor, is_closed, seed):
    """Return ln Z of one state by a flow: from both sides together, from the flow alone, from the data alone."""
    data = system.relabelled(_mirrored(states), anchor)
    place = np.tile(np.arange(len(states)), 4)
    is_held = place >= (1.0 - HELD_OUT) * len(states)  # mirror images of training points are not held out
    seen = Whitened.of(system, data[~is_held])
    params = None
    for number, stage in enumerate(STAGES):
        params = train_flow(SPEC, seen, seen.to_u(data[~is_held]), [stage], seed + number, params)

    def is_inside(u):
        x = seen.to_x(u)
        return system.is_named_right(x, anchor) & (system.is_far(x) == is_closed)

    rng = np.random.default_rng([seed, 19])
    drawn = PlainFlow(SPEC, params).to_x(rng.standard_normal((N_DRAWN, SPEC.n_dims)))[0]
    inside = is_inside(drawn)
    held = seen.to_u(data[is_held][rng.choice(int(is_held.sum()), N_DRAWN // 2, replace=False)])
    laws = np.linspace(0.0, 1.0, N_LAWS)
    forward = np.full(N_DRAWN, -np.inf)  # points outside count, with no weight
    forward[inside] = annealed_logs((SPEC, params), seen, drawn[inside], is_inside, laws, seed)[0]
    backward = annealed_logs((SPEC, params), seen, held, is_inside, laws[::-1], seed + 1)[0]
    return bennett_log_z(forward, -backward), _log_mean(forward), -_log_mean(backward)


def _log_mean(logs):
    top = logs.max()
    return float(np.log(np.exp(logs - top).mean()) + top)
