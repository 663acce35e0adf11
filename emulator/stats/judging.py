"""End-to-end judgement: draws of golden, faultless or with a fault, and the verdict of the gate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..golden.fabric.sampler import run_chains
from ..oracle.chain_law import MAX_DENSE_PBITS
from ..oracle.schedule_law import law_after
from ..spec.spins import bits_from_spins, spins_from_bits
from .evidence import Evidence
from .gate import Gate


@dataclass(frozen=True)
class SampleSize:
    """Independent chains, and sweeps of each, of a first stage."""

    n_chains: int
    n_sweeps: int


# On the 6-ring (J = 1, h = 0.3, beta = 0.5) `power.chains_needed` wants 25 chains of 50 sweeps to reject the law mutant
# that hides best (table off by one) with power 0.999, and 1980 for the tie rule, which is lockstep's to catch and moves
# every probability by 2^-8. 4000 reject both, show a total variation of 0.04 by chance, and take a tenth of a second.
SHIPPED = SampleSize(n_chains=4000, n_sweeps=50)


def golden_evidence(program, n_chains, seed, broken=None, arrays=None):
    """Run golden and return what a host would see of it.

    Parameters
    ----------
    program : Program
        Honest design with a schedule that is recorded from the first sweep on; the exact distribution of its last state
        joins the evidence if it has at most 12 p-bits.
    n_chains, seed : int
        Number of chains and seed of the run, as for `run_chains`.
    broken : Program, optional
        Runs instead. Its first p-bits are those of the honest design; sweeps beyond the honest schedule are not seen.
    arrays : GoldenArrays, optional
        Kernel arrays of what runs.

    Returns
    -------
    Evidence
    """
    runs = program if broken is None else broken
    n_pbits, n_sweeps = program.spec.n_pbits, program.n_sweeps
    recorded = run_chains(runs, seed, n_chains, arrays).spins[:, :n_sweeps, :n_pbits]
    first = spins_from_bits(_first_bits(runs)[:n_pbits])
    spins = np.concatenate([np.broadcast_to(first, (n_chains, 1, n_pbits)), recorded], axis=1)
    return Evidence(program, spins, end_law=_end_law(program) if n_pbits <= MAX_DENSE_PBITS else None)


def _first_bits(program):
    """Return the state before the first sweep, clamps applied."""
    return np.where(program.clamps != 0, bits_from_spins(program.clamps), program.initial_bits)


@lru_cache(maxsize=32)
def _end_law(program):
    """Return the distribution after the whole schedule; programs are compared by identity."""
    return law_after(program)


def judge(program, size=SHIPPED, seed=0, gate=None):
    """Return the two-stage verdict on the golden model of an honest program.

    Parameters
    ----------
    program : Program
        Program of the design without a fault; see `golden_evidence`.
    size : SampleSize
        Size of the first stage; its sweeps are those of the program.
    seed : int
        Seed of the first stage.
    gate : Gate, optional
        Gate with the thresholds to judge by.

    Returns
    -------
    Verdict
    """
    return _two_stage(program, {}, size.n_chains, seed, gate)


def judge_seeds(program, seeds, size=SHIPPED, gate=None):
    """Yield the verdict on an honest program for each seed; the record of false alarms."""
    for seed in seeds:
        yield judge(program, size, seed, gate)


def judge_mutant(mutant, n_chains=SHIPPED.n_chains, seed=0, gate=None):
    """Return the two-stage verdict on a mutant that applies, against its own honest design."""
    return _two_stage(mutant.honest, {"broken": mutant.broken, "arrays": mutant.arrays}, n_chains, seed, gate)


def _two_stage(program, changes, n_chains, seed, gate):
    def draw(stage_seed, scale):
        return golden_evidence(program, scale * n_chains, stage_seed, **changes)

    return (gate or Gate()).two_stage(draw, seed)
