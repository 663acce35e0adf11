"""The rows of `spin_glass` as a document."""

from __future__ import annotations

from ..peers import version_of
from .gibbs import machine

HEAD = """# Spin glasses and cuts

Made by `python -m spinchip.benchmarks.spin_glass docs/results/spin_glass.md{flag}` in {minutes:.1f} minutes.

- Machine: {machine}. One core, shared; packed kernels, numba {numba}.
- Glasses: 3D Edwards-Anderson +-J, open in x and y, periodic in z, as published with arXiv:2503.10302, whose
  figures are means over 300 instances of 50 runs each. Sites are missing at L = 10 and 15: 999 and 2687 spins.
- rho = (E - E0)/n, with E the lowest energy of the replicas **at that sweep**, as published, and E0 the authors'
  putative ground energy. [low, high] is the 95 % bootstrap interval over instances and runs.
- Joint: half width of the 95 % interval of the difference, from our interval and theirs. Fewer than five
  instances cannot tell how much instances differ; there the spread of the ensemble is added, sqrt(300) times the
  published half width over the root of their number.
- Tempering: betas by `adaptive_ladder` (alpha 1.25, from the same energy fluctuations as the authors', other random
  numbers), four replicas a beta, cluster moves and swaps after each sweep; {n_runs} runs an instance.
- DT-SQA: beta' = 0.5, transverse field 3 (1 - t/T) + 1e-5, coupling -ln tanh(beta' Gamma), as the published program has
  it; no instance but number 0 is shipped at L = 15.
- The same rows come from `spinchip workload spin-glass --full --out DIR`, which also draws them:

![residual energies beside the published ones](spin_glass.png)

"""
RESIDUAL_HEAD = """## Residual energy

| method | L | replicas | sweeps | instances x runs | rho | [low, high] | published | joint | |
|---|---|---|---|---|---|---|---|---|---|
"""
GROUND_HEAD = """
## Ground energies

First: records at which the first of {n_runs} runs had reached the putative energy; share: runs that had by the end.

| L | number | putative | found | first, sweeps | share | sweeps | betas | s | s for betas | updates/s |
|---|---|---|---|---|---|---|---|---|---|---|
"""
CUT_HEAD = """
## Max-Cut

Torus: exact optima. G-set: best known. Cuts are counted on the original weights. First: record at which it was reached.

| instance | spins | method | runs | sweeps | cut | best known | % | first, sweeps | s | s for betas |
|---|---|---|---|---|---|---|---|---|---|---|
"""
METHOD_NAMES = {"apt_icm": "APT + ICM", "dt_sqa": "DT-SQA"}


def residual_line(row):
    """Return one line of the table of residual energies."""
    known, verdict = "", ""
    if row["published"] is not None:
        known = f"{row['published']:.6f} +- {row['half_width']:.6f} | {row['joint']:.6f}"
        verdict = "inside" if row["inside"] else ("lower" if row["value"] < row["published"] else "**higher**")
    sizes = f"{row['n_instances']} x {row['n_runs']}"
    interval = f"[{row['low']:.6f}, {row['high']:.6f}]"
    replicas = row["replicas"] or 4
    return (
        f"| {METHOD_NAMES[row['method']]} | {row['size']} | {replicas} | {row['sweeps']} | {sizes} "
        f"| {row['value']:.6f} | {interval} | {known or ' | '} | {verdict} |\n"
    )


def ground_line(row):
    """Return one line of the table of ground energies."""
    first = "-" if row["first"] is None else f"<= {row['first']}"
    return (
        f"| {row['size']} | {row['number']} | {row['known']:.0f} | {row['found']:.0f} | {first} | {row['share']:.3f} "
        f"| {row['sweeps']} | {row['n_betas']} | {row['seconds']:.1f} | {row['ladder_s']:.1f} "
        f"| {row['updates_per_s']:.2g} |\n"
    )


def cut_line(row):
    """Return one line of the table of cuts."""
    first = "-" if row["first"] is None else f"<= {row['first']}"
    return (
        f"| {row['name']} | {row['spins']} | {row['method']}, {row['engine']} | {row['n_runs']} | {row['sweeps']} "
        f"| {row['cut']:.0f} | {row['known']} | {100 * row['cut'] / row['known']:.3f} | {first} "
        f"| {row['seconds']:.1f} | {row['ladder_s']:.1f} |\n"
    )


def document(tables):
    """Return what `spin_glass.measured` found as Markdown."""
    n_runs = max(row["n_runs"] for row in tables["residual"])
    head = HEAD.format(
        flag=" --full" if tables["full"] else "",
        minutes=tables["seconds"] / 60,
        machine=machine(),
        numba=version_of("numba"),
        n_runs=n_runs,
    )
    text = head + RESIDUAL_HEAD + "".join(residual_line(row) for row in tables["residual"])
    text += GROUND_HEAD.format(n_runs=n_runs) + "".join(ground_line(row) for row in tables["ground"])
    return text + CUT_HEAD + "".join(cut_line(row) for row in tables["cuts"])
