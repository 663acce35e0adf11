"""Time to target on a published glass of 12^3 spins beside other samplers, and the cost of a sweep up to 1e6 spins.

Time to target is the processor time after which the target has been met with 99 %,

    t ln(0.01) / ln(1 - p), at least t,

for runs of time t that meet it with probability p, at the best of several lengths of run. Of one that never met the
target only the processor time that it spent is told.
``python -m spinchip.benchmarks.anneal docs/results/anneal.md`` writes the table.
"""

from __future__ import annotations

import importlib
import sys
from functools import partial

import numpy as np

from ..emulator.annealing.anneal import anneal
from ..emulator.annealing.betas import default_betas
from ..emulator.annealing.ladder import adaptive_ladder
from ..emulator.annealing.progress import AnnealOptions
from ..emulator.instances.dimod_bqm import to_dimod
from ..emulator.instances.generators.by_name import generate
from ..emulator.spec.files.atomic_write import whole_file
from ..emulator.spec.seeds import child_seed
from ..models.spin_glass.data import glasses
from .documents.gibbs import machine
from .stopwatch import processor_seconds

GROUND, NEAR = "ground energy", "99.5 % of it"
LENGTHS = {"ours": (100, 1000), "peer": (100, 1000, 10_000)}
N_READS = {100: 64, 1000: 64, 10_000: 24}
N_ANSWERS = (1, 2, 16, 512)
SIZES = (10, 22, 46, 100)  # sides of the scaling: 1e3 to 1e6 spins
MEMBERS = (
    "spinchip APT + ICM",
    "spinchip SA",
    "dwave-samplers SA",
    "dwave-samplers path integral",
    "openjij SA",
    "openjij SQA",
    "ferrotherm SA",
)


def time_to_target(seconds, n_runs, n_hits):
    """Return the time to a target [s], infinite if no run met it.

    >>> time_to_target(10.0, 10, 10), round(float(time_to_target(10.0, 10, 5)), 3), time_to_target(10.0, 10, 0)
    (1.0, 6.644, inf)
    """
    one = seconds / n_runs
    if n_hits in (0, n_runs):
        return one if n_hits else np.inf
    return max(one, one * np.log(0.01) / np.log1p(-n_hits / n_runs))


def contenders(glass):
    """Yield name, lengths of runs, and a function of (sweeps, n_runs, seed) that returns energies, None if absent."""
    instance = glass.instance
    ladder = adaptive_ladder(instance, seed=1).betas
    packed = AnnealOptions(engine="packed", record_at=())
    line = default_betas(instance)

    def ours(method, betas):
        def run(sweeps, n_runs, seed):
            del n_runs  # one block holds 512
            found = anneal(instance, method, sweeps, 512, seed, packed, betas=betas[: max(2, sweeps)])
            return found.run_energies

        return run

    yield MEMBERS[0], LENGTHS["ours"], ours("apt", ladder)
    yield MEMBERS[1], LENGTHS["peer"], ours("sa", line)
    for name, make in zip(MEMBERS[2:], (_dwave_sa, _dwave_pi, _openjij_sa, _openjij_sqa, _ferrotherm), strict=True):
        try:
            yield name, LENGTHS["peer"], make(instance)
        except ImportError:
            yield name, (), None


def _dwave(instance, kind, **fixed):
    sampler = getattr(importlib.import_module("dwave.samplers"), kind)()
    bqm = to_dimod(instance)

    def run(sweeps, n_runs, seed):
        found = sampler.sample(bqm, num_reads=n_runs, num_sweeps=sweeps, seed=seed, **fixed)
        return np.asarray(found.record.energy)

    return run


def _dwave_sa(instance):
    return _dwave(instance, "SimulatedAnnealingSampler")


def _dwave_pi(instance):
    return _dwave(instance, "PathIntegralAnnealingSampler")


def _openjij(instance, kind):
    package = importlib.import_module("openjij")
    sampler, ends = getattr(package, kind)(), instance.edges
    quadratic = {(int(i), int(j)): -float(v) for (i, j), v in zip(ends, instance.edge_values, strict=True)}
    linear = {spin: -float(bias) for spin, bias in enumerate(instance.biases)}
    model = package.model.model.BinaryQuadraticModel(linear, quadratic, 0.0, "SPIN", sparse=True)

    def run(sweeps, n_runs, seed):
        found = sampler.sample(model, num_reads=n_runs, num_sweeps=sweeps, sparse=True, seed=seed)
        return np.asarray(found.energies)

    return run


def _openjij_sa(instance):
    return _openjij(instance, "SASampler")


def _openjij_sqa(instance):
    return _openjij(instance, "SQASampler")


def _ferrotherm(instance):
    package = importlib.import_module("ferrotherm")
    edges = [(int(i), int(j), float(v)) for (i, j), v in zip(instance.edges, instance.edge_values, strict=True)]

    def run(sweeps, n_runs, seed):
        energies = []
        for k in range(n_runs):
            model = package.Model(instance.n_spins)
            model.couple_many(edges)
            sim = model.build(beta=0.1, seed=child_seed(seed, "run", k))
            stages = min(60, sweeps)
            energies.append(sim.anneal(stages=stages, sweeps_per_stage=max(1, sweeps // stages)))
        return np.array(energies)

    return run


def race(quick=False):
    """Return, for each contender, its best time to each target; list of dict."""
    glass, found = glasses(12)[0], []
    targets = {GROUND: glass.ground_energy, NEAR: 0.995 * glass.ground_energy}
    for name, lengths, run in contenders(glass):
        best, spent = dict.fromkeys(targets, (np.inf, 0)), 0.0
        for sweeps in lengths[:1] if quick else lengths:
            seconds, energies = _timed(run, sweeps, 4 if quick else N_READS[sweeps])
            spent += seconds
            for target, energy in targets.items():
                one = time_to_target(seconds, len(energies), int(np.sum(energies <= energy + 1e-9)))
                best[target] = min(best[target], (one, sweeps))
        found.append({"name": name, "installed": run is not None, "best": best, "spent": spent})
    return found


def _timed(run, sweeps, n_runs):
    """Return the processor time of some runs [s] and their energies."""
    energies = []
    run(2, 1, 0)  # compiled before the clock runs
    seconds = processor_seconds(lambda: energies.extend(run(sweeps, n_runs, 1)))
    return seconds, np.array(energies)


def sweep_cost(quick=False):
    """Return nanoseconds per spin of one sweep of 512 packed replicas, for cubes of 1e3 to 1e6 spins; list of dict."""
    found = []
    for side in SIZES[:2] if quick else SIZES:
        instance = generate("ea3d", L=side, seed=1)
        counts = (20, 20 + int(4e6) // instance.n_spins + 20)
        _sweeps(instance, 2)
        seconds = [min(processor_seconds(partial(_sweeps, instance, n)) for _ in range(3)) for n in counts]
        per_sweep = (seconds[1] - seconds[0]) / (counts[1] - counts[0])
        found.append({"n": instance.n_spins, "ns": 1e9 * per_sweep / (instance.n_spins * 512), "seconds": per_sweep})
    return found


def _sweeps(instance, n):
    options = AnnealOptions(engine="packed", record_at=())
    anneal(instance, "sa", n, 512, 1, options, betas=[0.5, 0.6])


def first_answers(quick=False):
    """Return the processor time of requests for 1 to 512 runs, engines chosen by default; list of dict."""
    instance, found = glasses(12)[0].instance, []
    options = AnnealOptions(record_at=())
    for method, sweeps in (("sa", 1000), ("apt", 100)):
        betas = default_betas(instance) if method == "sa" else adaptive_ladder(instance, seed=1).betas

        def run(n_runs, sweeps=sweeps, method=method, betas=betas):
            anneal(instance, method, sweeps, n_runs, 1, options, betas=betas)

        run(3, 2, betas=betas[:2])  # compiled before the clock runs
        seconds = {n: processor_seconds(partial(run, n)) for n in N_ANSWERS[: 1 if quick else None]}
        found.append({"method": method, "sweeps": sweeps, "seconds": seconds})
    return found


def best_ratio(raced, target):
    """Return our time to a target, the best peer's over it and that peer; ratio None where none met it."""
    mine = min(one["best"][target][0] for one in raced[:2])
    met = [(one["best"][target][0], one["name"]) for one in raced[2:] if np.isfinite(one["best"][target][0])]
    if met:
        return mine, min(met)[0] / mine, min(met)[1]
    return mine, None, "no peer met it" if any(one.get("installed", True) for one in raced[2:]) else None


def rows(quick=False):
    """Return the rows of `spinchip bench anneal`: ratios are the best peer's time over ours."""
    raced, found = race(quick), []
    for target in (GROUND, NEAR):
        mine, ratio, peer = best_ratio(raced, target)
        value = mine if np.isfinite(mine) else None
        name = f"time to {target}, L = 12"
        row = {"name": name, "value": value, "unit": "s/core", "peer": peer, "ratio": ratio}
        found.append(row if np.isfinite(mine) else row | {"note": "target not met"})
    absent = [one["name"] for one in raced[2:] if not one["installed"]]
    found += [{"name": name, "value": None, "unit": "s/core", "peer": None, "ratio": None} for name in absent]
    for one in sweep_cost(quick):
        name = f"sweep of 512 replicas, {one['n']} spins"
        found.append({"name": name, "value": one["ns"], "unit": "ns/update", "peer": "", "ratio": None})
    return found


HEAD = """# Annealing: time to target and cost of a sweep

Written by `python -m spinchip.benchmarks.anneal {path}` on {machine}.

The published glass number 0 of 12^3 sites, ground energy {energy:g}. Processor time of one core to meet the target with
99 %, at the best of 100, 1000 (and, but for APT, 10 000) sweeps; each sampler with its own default schedule. Our runs
are packed, 512 in a block, and their time is that of a block over 512: no single answer can be had in it, see below.

| sampler | {ground} (s) | sweeps | {near} (s) | sweeps |
|---|---|---|---|---|
"""


ANSWERS_HEAD = f"""## What so many answers take

Processor time of one core for a whole request on the same glass (s), set-up of the kernels' arrays included. The first
two runs are plain, the others share blocks of 512, so that a third run costs as much as 510 of them.

| method | sweeps | {" | ".join(f"{n} run" + "s" * (n > 1) for n in N_ANSWERS)} |
|---|---|{"---|" * len(N_ANSWERS)}
"""


def _cell(one, target):
    if not one["installed"]:
        return "absent | "
    seconds, sweeps = one["best"][target]
    return f"{seconds:.3g} | {sweeps}" if np.isfinite(seconds) else f"not met in {one['spent']:.3g} s | "


def document(path):
    """Return the document as Markdown."""
    energy = glasses(12)[0].ground_energy
    text = HEAD.format(path=path, machine=machine(), energy=energy, ground=GROUND, near=NEAR)
    raced = race()
    for one in raced:
        cells = [_cell(one, target) for target in (GROUND, NEAR)]
        text += f"| {one['name']} | {' | '.join(cells)} |\n"
    for target in (GROUND, NEAR):
        mine, ratio, peer = best_ratio(raced, target)
        told = f"{ratio:.3g} ({peer})" if ratio else f"{peer}, ours takes {mine:.3g} s"
        text += f"\nBest peer over ours, {target}: {told}.\n"
    text += "\n" + ANSWERS_HEAD
    for one in first_answers():
        seconds = " | ".join(f"{one['seconds'][n]:.3g}" for n in N_ANSWERS)
        text += f"| {one['method']} | {one['sweeps']} | {seconds} |\n"
    text += "\n## Cost of a sweep\n\n| spins | ns per update | s per sweep of 512 replicas |\n|---|---|---|\n"
    return text + "".join(f"| {one['n']:,} | {one['ns']:.4f} | {one['seconds']:.3g} |\n" for one in sweep_cost())


if __name__ == "__main__":
    made = document(sys.argv[1])
    with whole_file(sys.argv[1]) as handle:
        handle.write(made)
