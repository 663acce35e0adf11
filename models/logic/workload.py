"""Invertible logic and the problems beside it as a workload: every answer is checked on the original problem."""

from __future__ import annotations

import numpy as np

from ...emulator.annealing.anneal import anneal
from ...emulator.annealing.progress import AnnealOptions
from ...emulator.golden.fabric.sampler import GoldenSampler
from ...emulator.spec.schedule import Recording, Schedule
from ..workload_row import LARGEST_Z, row
from .circuits import circuit, factor, solve
from .graph_coloring import colorable_graph, coloring_instance, colors_of, is_proper
from .number_problems import difference, partition_instance, subset_instance, subset_sum
from .satisfiability import planted_formula, solve_formula
from .sparsify import sparsified

SEED = 1
QUICK_NUMBERS, FULL_NUMBERS = (143, 3127, 60491), (143, 3127, 10403, 32111, 43357, 51983, 59989, 60491)
BETA, N_CHAINS, BURN_IN = 0.8, 4000, 60


def workload_rows(full=False, seed=SEED):
    """Return the figures of the workload, one dictionary each.

    Parameters
    ----------
    full : bool
        Eight numbers to factor with 32 runs each, larger formulas: some minutes.
    seed : int
        Seed of all searches.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se``, ``reference``, ``source``, ``ok``.
    """
    return gate_rows(seed) + adder_rows(seed) + factor_rows(full, seed) + problem_rows(full, seed)


def gate_rows(seed):
    """Return the distribution of the AND gate: free, and with its output held at 0, beside exact enumeration."""
    unit, rows = circuit("and"), []
    schedule, recording = Schedule.constant(BETA, BURN_IN), Recording(after=BURN_IN - 1)
    for label, given in (("free", {}), ("y = 0", {"y": 0})):
        clamps = unit.clamps(**given)
        samples = GoldenSampler().sample(unit.instance, schedule, N_CHAINS, seed, recording, clamps=clamps)
        share, exact = float(np.mean(unit.holds(samples.spins[:, -1]))), _conditional(unit, given)
        error = float(np.sqrt(exact * (1.0 - exact) / N_CHAINS))
        ok = abs(share - exact) <= LARGEST_Z * error
        name = f"AND, {label}: share of right rows at beta {BETA:g}, golden"
        rows.append(row(name, share, exact, "enumeration", ok, error))
    return rows


def _conditional(unit, given):
    """Return the exact share of right rows with some ports held."""
    every = 2 * ((np.arange(8)[:, None] >> np.arange(3)) & 1).astype(np.int8) - 1
    kept = np.ones(8, dtype=bool)
    for port, number in given.items():
        kept &= unit.read(every, port) == number
    weights = np.exp(-BETA * unit.instance.energies(every)) * kept
    return float(weights[np.asarray(unit.holds(every))].sum() / weights.sum())


def adder_rows(seed):
    """Return a four-bit adder forward, backward and sideways."""
    unit = circuit("adder", bits=4)
    cases = {
        "forward, 9 + 5": ({"a": 9, "b": 5, "cin": 0}, "s", 14),
        "backward, sum 14": ({"s": 14, "cin": 0, "cout": 0}, None, 14),
        "sideways, 14 - 9": ({"a": 9, "s": 14, "cin": 0, "cout": 0}, "b", 5),
    }
    rows = []
    for name, (given, port, wanted) in cases.items():
        found = solve(unit, 300, 16, seed, **given)
        state = found.states[int(np.argmax(found.is_right))]
        value = unit.read(state, port) if port else unit.read(state, "a") + unit.read(state, "b")
        ok = bool(found.is_right.any() and value == wanted)
        label = f"4-bit adder {name} ({found.share:.2f} of runs right), golden"
        rows.append(row(label, int(value), wanted, "arithmetic", ok))
    return rows


def factor_rows(full, seed):
    """Return the product of the factors that were found, and the share of runs that found some."""
    rows = []
    for number in FULL_NUMBERS if full else QUICK_NUMBERS:
        pair, found = factor(number, 20_000, 32 if full else 4, seed)
        product = 0 if pair is None else pair[0] * pair[1]
        ok = pair is not None and pair[0] > 1 and product == number
        label = f"{number} = {pair[0]} x {pair[1]}" if pair else f"{number}, no factors found"
        share = f"{found.share:.2f} of {len(found.is_right)} runs of {found.sweeps} sweeps, golden"
        rows.append(row(f"{label} ({share})", product, number, "product", ok))
    return rows


def problem_rows(full, seed):
    """Return partition, subset sum, 3-colouring, 3-SAT and a sparsified glass, each verified on the original."""
    return [
        *_numbers(24 if full else 16, seed),
        *_coloring(60 if full else 30, seed),
        *_formula(100 if full else 40, seed),
        *_sparse(24 if full else 14, seed),
    ]


def _numbers(n, seed):
    numbers = np.random.default_rng(seed).integers(1, 200, n)
    numbers[0] += numbers.sum() % 2
    options = AnnealOptions(engine="plain")
    scale = 1.0 / float(np.abs(numbers).max()) ** 2
    betas = np.geomspace(0.02, 40.0, 24) * scale
    found = anneal(partition_instance(numbers), "apt", 1000, 4, seed, options, betas=betas, n_replicas=2)
    halves = int(difference(numbers, found.spins))
    target = int(numbers[: n // 3].sum())
    chosen = anneal(subset_instance(numbers, target), "apt", 1000, 4, seed, options, betas=betas, n_replicas=2)
    total = int(subset_sum(numbers, chosen.spins))
    return [
        row(f"partition of {n} numbers, difference", halves, 0, "count", halves == 0),
        row(f"subset of {n} numbers, sum", total, target, "count", total == target),
    ]


def _coloring(n, seed):
    graph = colorable_graph(n, 3, 2 * n, seed)
    instance = coloring_instance(graph, 3)
    options = AnnealOptions(engine="plain")
    found = anneal(instance, "sa", 3000, 8, seed, options, betas=np.linspace(0.2, 3.0, 300))
    colors = colors_of(found.spins, 3)
    clashes = sum(colors[u] == colors[v] for u, v in graph.edges)
    return [row(f"3-colouring of {n} vertices, clashes", int(clashes), 0, "count", is_proper(graph, colors))]


def _formula(n, seed):
    clauses, _ = planted_formula(n, round(4.0 * n), seed)
    answer = solve_formula(n, clauses, 3000, 4, seed)
    return [
        row(f"3-SAT, {n} variables, {len(clauses)} clauses, violated", answer.violated, 0, "count", not answer.violated)
    ]


def _sparse(n, seed):
    from ...emulator.instances.generators.by_name import generate

    dense = generate("sk", n=n, seed=seed)
    embedding = sparsified(dense, 5)
    options = AnnealOptions(engine="plain")
    ladder = {"betas": np.geomspace(0.1, 8.0, 16), "n_replicas": 2}
    found = anneal(embedding.sparse, "apt", 3000, 4, seed, options, **ladder)
    best = float(dense.energies(embedding.gathered(found.run_spins)).min())
    direct = float(anneal(dense, "apt", 1000, 4, seed, options, **ladder).energy)
    label = f"SK glass of {n} spins at degree 5 ({embedding.sparse.n_spins} copies), lowest energy"
    return [row(label, best, direct, "search of the original", bool(abs(best - direct) < 1e-9))]
