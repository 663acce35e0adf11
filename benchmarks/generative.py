"""Independent states per second of a glass: directed p-bits of an autoregressive network beside Gibbs sampling."""

from __future__ import annotations

import numpy as np

from ..emulator.golden.fabric.sampler import run_chains
from ..emulator.reference.sampler import ReferenceSampler
from ..emulator.spec.fabric.program import compile_program
from ..emulator.spec.fabric.quantised import FabricOptions, fabric_for
from ..emulator.spec.instance import IsingInstance
from ..emulator.spec.schedule import Recording, Schedule
from ..emulator.stats.autocorrelation import integrated_time
from ..models.van.directed_program import directed_program
from ..models.van.exact import sk_couplings
from ..models.van.training import VanPlan, train_van
from ..sim.samplers.icarus_sampler import IcarusSampler
from .stopwatch import best_of

BETA, N_SPINS = 1.0, 20
DENSE = FabricOptions(dense=True)
N_KERNEL, N_GOLDEN, N_ICARUS = 200_000, 20_000, 200
UNIT = "independent states/s"


def rows(quick=False):
    """Return independent states per second on the kernel, golden's dense fabric and its RTL under Icarus.

    A state of Gibbs sampling counts once every 2 tau sweeps, tau of the energy: the least that one could ask. The RTL
    is timed on Gibbs sweeps, for its clocks a sweep are the same in both directions of reading.

    Parameters
    ----------
    quick : bool
        One round instead of three, and no Icarus.

    Returns
    -------
    list of dict
        ``name, value, unit, peer, ratio``.
    """
    couplings = sk_couplings(N_SPINS, 1)
    instance = IsingInstance(couplings, np.zeros(N_SPINS), name="SK-20")
    betas = tuple(np.round(np.arange(0.1, BETA + 0.01, 0.1), 3).tolist())
    network = train_van(couplings, VanPlan(betas), 1)[BETA]
    energies = ReferenceSampler().sample(
        instance, Schedule.constant(BETA, 20_000), 8, 1, Recording(500, 1, spins=False)
    )
    sweeps = max(1.0, integrated_time(energies.energies, min_length=0.0))
    directed = directed_program(network, N_GOLDEN)
    program = compile_program(
        instance, fabric_for(instance, DENSE), Schedule.constant(BETA, N_GOLDEN), Recording(every=1)
    )
    works = {
        ("kernel", "directed", N_KERNEL): lambda: network.sample(N_KERNEL, 2),
        ("kernel", "Gibbs", N_KERNEL / sweeps): lambda: ReferenceSampler().sample(
            instance, Schedule.constant(BETA, N_KERNEL // 8), 8, 2, Recording(spins=False)
        ),
        ("golden, dense", "directed", N_GOLDEN): lambda: run_chains(directed, 2, 1),
        ("golden, dense", "Gibbs", N_GOLDEN / sweeps): lambda: run_chains(program, 2, 1),
    }
    if not quick:
        icarus = IcarusSampler(DENSE)
        works["RTL under Icarus, dense", "Gibbs", N_ICARUS / sweeps] = lambda: icarus.sample(
            instance, Schedule.constant(BETA, N_ICARUS), 1, 2, Recording()
        )
    spent = best_of(works, 1 if quick else 3)
    speeds = {(where, how): count / spent[where, how, count] for where, how, count in works}
    if not quick:
        speeds["RTL under Icarus, dense", "directed"] = speeds["RTL under Icarus, dense", "Gibbs"] * sweeps
    return [_row(where, how, speeds) for where in dict.fromkeys(w for w, _ in speeds) for how in ("directed", "Gibbs")]


def _row(where, how, speeds):
    peer, is_peer = f"SK-20 at beta {BETA:g}, Gibbs, {where}", how == "Gibbs"
    return {
        "name": peer if is_peer else f"SK-20 at beta {BETA:g}, directed p-bits, {where}",
        "value": speeds[where, how],
        "unit": UNIT,
        "peer": "" if is_peer else peer,
        "ratio": None if is_peer else speeds[where, "directed"] / speeds[where, "Gibbs"],
    }
