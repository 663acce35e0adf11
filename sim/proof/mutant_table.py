"""Every mutant before its judge: the law gate, or lockstep where the distribution hardly changes."""

from __future__ import annotations

import math
import tempfile
from dataclasses import asdict, dataclass, replace

from ...emulator.golden.fabric.faulty_machines import ExtraSweepMachine, TieRuleMachine
from ...emulator.spec.seeds import child_seed
from ...emulator.stats.judging import judge, judge_mutant
from ...emulator.stats.mutants import catalogue
from ...emulator.stats.power import rejection_power
from ..cosim.icarus import icarus_is_here
from ..cosim.lockstep import demo_stimulus, run_lockstep
from ..cosim.pysim_lockstep import run_lockstep_pysim

FAULTY_MACHINES = {"tie rule": TieRuleMachine, "sweep count": ExtraSweepMachine}
CHANCES = 30  # expected ties of a run: one without any has odds of e^-30


@dataclass(frozen=True)
class MutantRow:
    """What became of one mutant.

    Parameters
    ----------
    name, fault, arena : str
        Same meaning as in `Mutant`.
    rejected : bool or None
        None if it does not apply.
    by : str
        Test or register that gave it away, or why it does not apply.
    p_value : float or None
        p-value of the law gate; lockstep has none, it tolerates nothing.
    power : float or None
        Probability that the gate rejects it.
    """

    name: str
    fault: str
    arena: str
    rejected: bool | None
    by: str
    p_value: float | None
    power: float | None


def mutant_rows(instance, beta, options=None, seed=0, step=lambda name: None):
    """Judge every mutant of an instance.

    Parameters
    ----------
    instance : IsingInstance
        Model that is sampled.
    beta : float
        Inverse temperature, above 0.
    options : FabricOptions, optional
        Options of the honest design.
    seed : int
        Seed of the draws.
    step : callable
        Told the name of the mutant that is next.

    Returns
    -------
    list of MutantRow
    """
    rows = []
    for mutant in catalogue(instance, beta, options):
        step(mutant.name)
        if mutant.not_applicable:
            why = f"not applicable: {mutant.not_applicable}"
            rows.append(MutantRow(mutant.name, mutant.fault, mutant.arena, None, why, None, None))
        elif mutant.caught_by == "lockstep":
            rows.append(_by_lockstep(mutant, seed))
        else:
            rows.append(_by_law(mutant, seed))
    return rows


def honest_verdict(instance, beta, options=None, seed=0):
    """Return the gate's verdict on the honest design at the same sample size."""
    mutant = next(m for m in catalogue(instance, beta, options) if m.honest is not None)
    return judge(mutant.honest, seed=seed)


def _by_law(mutant, seed):
    verdict = judge_mutant(mutant, seed=seed)
    _, power = rejection_power(mutant, seeds=[child_seed(seed, "power", k) for k in range(8)])
    by = f"law: {verdict.decisive.name}"
    return MutantRow(mutant.name, mutant.fault, mutant.arena, verdict.rejected, by, verdict.p_value, power)


def _by_lockstep(mutant, seed):
    """Run the honest RTL beside the faulty machine."""
    spec = mutant.honest.spec
    per_sweep = spec.n_pbits / 2**spec.compare_bits if mutant.name == "tie rule" else 1.0  # chances to show
    n_sweeps = math.ceil(CHANCES / per_sweep)
    program = replace(mutant.honest, segments=((0, n_sweeps),))
    stimulus, machine = demo_stimulus(program, seed), FAULTY_MACHINES[mutant.name](spec)
    if icarus_is_here():
        with tempfile.TemporaryDirectory(prefix="spinchip-mutant-") as folder:
            result = run_lockstep(program, stimulus, folder, machine=machine)
    else:
        result = run_lockstep_pysim(spec, stimulus, machine=machine)
    by = "lockstep: no mismatch"
    if result.mismatches:
        register, found = next(iter(result.first.items()))
        by = f"lockstep: {register} at cycle {found['cycle']:,} of {result.cycles:,}"
    power = -math.expm1(-n_sweeps * per_sweep)  # a run without a single tie, or without a sweep, would show nothing
    return MutantRow(mutant.name, mutant.fault, mutant.arena, result.mismatches > 0, by, None, power)


def as_json(rows, honest):
    """Return the promised keys: the rows, the smallest power, and the honest design's verdict."""
    powers = [row.power for row in rows if row.power is not None]
    return {
        "mutants": [asdict(row) for row in rows],
        "power": min(powers) if powers else None,
        "honest": honest.as_dict(),
    }
