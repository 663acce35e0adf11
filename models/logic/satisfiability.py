"""3-SAT: random formulas with a planted assignment, and answers that are counted on the clauses themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.annealing.anneal import anneal
from ...emulator.annealing.progress import AnnealOptions
from ...emulator.instances.sat import penalty_model
from ...emulator.spec.errors import InputError

BETAS = np.geomspace(0.5, 6.0, 16)


@dataclass(frozen=True, eq=False)
class SatAnswer:
    """The best assignment that was found.

    Parameters
    ----------
    assignment : ndarray, shape (n_variables,), bool
        True or false.
    violated : int
        Clauses that it does not satisfy, counted on the formula.
    verdict : str
        "satisfied", or "not satisfied": a search proves no formula unsatisfiable.
    """

    assignment: np.ndarray
    violated: int
    verdict: str


def violated_clauses(clauses, assignment):
    """Return the number of clauses that no literal satisfies; int.

    Parameters
    ----------
    clauses : ndarray, shape (m, k), int64
        Literals +-v, padded with 0.
    assignment : ndarray, shape (n_variables,), bool
        Truth of variable v at index v - 1.
    """
    clauses = np.asarray(clauses)
    truth = np.where(clauses > 0, assignment[np.abs(clauses) - 1], ~assignment[np.abs(clauses) - 1]) & (clauses != 0)
    return int((~truth.any(axis=1)).sum())


def planted_formula(n_variables, n_clauses, seed):
    """Return random clauses of three different variables that a hidden assignment satisfies.

    Parameters
    ----------
    n_variables, n_clauses : int
        Size; 4.2 clauses a variable are hardest.
    seed : int
        Seed of the formula.

    Returns
    -------
    clauses : ndarray, shape (n_clauses, 3), int64
    hidden : ndarray, shape (n_variables,), bool
    """
    if n_variables < 3 or n_clauses < 1:
        raise InputError(f"Formula must have 3 variables and 1 clause or more, not {n_variables} and {n_clauses}")
    rng = np.random.default_rng(seed)
    hidden, clauses = rng.random(n_variables) < 0.5, np.empty((n_clauses, 3), dtype=np.int64)
    for k in range(n_clauses):
        while True:
            chosen = rng.choice(n_variables, 3, replace=False)
            signs = rng.choice([-1, 1], 3)
            if ((signs > 0) == hidden[chosen]).any():
                break
        clauses[k] = signs * (chosen + 1)
    return clauses, hidden


def solve_formula(n_variables, clauses, sweeps=2000, n_runs=8, seed=1):
    """Search a formula by parallel tempering on its penalty model.

    Parameters
    ----------
    n_variables : int
        Number of variables.
    clauses : ndarray, shape (m, 3), int64
        Literals, padded with 0.
    sweeps, n_runs, seed : int
        Sweeps, runs and seed of the search.

    Returns
    -------
    SatAnswer
        Verified on the clauses.
    """
    clauses = np.asarray(clauses, dtype=np.int64)
    if not clauses.size:
        raise InputError("Formula must have a clause or more, not none: every assignment satisfies it")
    instance = penalty_model(n_variables, clauses).instance("formula", {})
    options = AnnealOptions(engine="plain")
    found = anneal(instance, "apt", sweeps, n_runs, seed, options, betas=BETAS, n_replicas=2)
    assignments = found.run_spins[:, :n_variables] > 0
    counts = [violated_clauses(clauses, one) for one in assignments]
    best = int(np.argmin(counts))
    return SatAnswer(assignments[best], counts[best], "satisfied" if counts[best] == 0 else "not satisfied")
