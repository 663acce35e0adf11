"""The table of ``bench gibbs`` as a document.

Command: ``python -m spinchip.benchmarks.documents.gibbs docs/results/gibbs.md``.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from ...emulator.spec.files.atomic_write import whole_file
from ..gibbs import BETA, SIDE, UNIT, rows
from ..peers import PEERS, version_of

HEAD = """# Gibbs updates: spinchip beside other samplers

Made by `python -m spinchip.benchmarks.documents.gibbs docs/results/gibbs.md`, in some minutes; the peers come with the
extra `peers` of `pyproject.toml`.

- Problem: 3D +-J glass, L = {side}, periodic, {spins} spins, beta = {beta}. One run, one core.
- Machine: {machine}.
- Versions: {versions}.
- An update is one attempted change of one spin; all chains of a program count. Speed is updates over *processor*
  seconds, between a short and a four times longer run: set-up, compilation and other processes are left out, for all.
- Rounds take turns. "Best" and "median" are over rounds; "ratio" is to the fastest peer, best by best, and in brackets
  the median of the ratios of the rounds.
- E/N is the mean energy of last states after 3000 sweeps of independent chains, z its distance from that of the
  bit-sliced backend in standard errors: all do the same job.

"""
SPEED_HEAD = "| program | mode | best, updates/s | median | ratio | E/N | z |\n|---|---|---|---|---|---|---|\n"
SCALE_HEAD = """
## Cost against size, and memory

Wall time, best of rounds that take turns; ratios are to the smallest size. Chains share the couplings that a sweep
reads, so that many are flat in the number of spins; one chain alone waits for memory beyond the caches. Peak memory is
all that a run allocates, set-up and answer included: of it, the states that it works on take 1 B a spin and chain in
float and 1/8 B in bits, and the last states that it hands back 1 B.

| what | value | unit | ratio |
|---|---|---|---|
"""


def machine():
    """Return processor, vector extensions and system in words."""
    facts, path = {}, Path("/proc/cpuinfo")
    if path.is_file():
        for line in path.read_text(encoding="utf-8").split("\n\n")[0].splitlines():
            key, _, value = line.partition(":")
            facts[key.strip()] = value.strip()
    vectors = [flag for flag in ("avx2", "avx512f") if flag in facts.get("flags", "").split()]
    name = facts.get("model name", platform.processor() or platform.machine())
    return f"{name}, {os.cpu_count()} cores, {' '.join(vectors) or platform.machine()}, {platform.system()}, shared"


def plain_line(row):
    """Return one line of a table of name, value, unit, peer and ratio; a value that is None is absent."""
    value = "absent" if row["value"] is None else f"{row['value']:.4g}"
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.3g}"
    return f"| {row['name']} | {value} | {row['unit']} | {row['peer']} | {ratio} |\n"


def versions():
    """Return the versions that the figures depend on, in words."""
    found = {package: version_of(package) for package in (*PEERS, "jax", "numba", "llvmlite", "numpy")}
    return ", ".join(f"{package} {version or 'absent'}" for package, version in found.items())


def speed_line(row, anchor):
    """Return one line of the table of speeds; ``anchor`` is the row whose energy the others are held against."""
    if row["value"] is None:
        return f"| {row['name']} | {row['mode']} | | | | | |\n"
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.1f} ({row['ratio_median']:.1f})"
    spread = (row["energy_se"] ** 2 + anchor["energy_se"] ** 2) ** 0.5
    z = "" if row is anchor else f"{(row['energy_per_spin'] - anchor['energy_per_spin']) / spread:+.1f}"
    energy = f"{row['energy_per_spin']:.4f} +- {row['energy_se']:.4f}"
    return f"| {row['name']} | {row['mode']} | {row['value']:.3g} | {row['median']:.3g} | {ratio} | {energy} | {z} |\n"


def scale_line(row):
    """Return one line of the table of costs and memory."""
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
    return f"| {row['name']} | {row['value']:.3g} | {row['unit']} | {ratio} |\n"


def table(found):
    """Return the rows of `gibbs.rows` as Markdown."""
    speeds = [row for row in found if row["unit"] == UNIT]
    others = [row for row in found if row["unit"] != UNIT]
    anchor = next(row for row in speeds if row["name"] == "spinchip bit-sliced")
    head = HEAD.format(side=SIDE, spins=SIDE**3, beta=BETA, machine=machine(), versions=versions())
    table_of_speeds = SPEED_HEAD + "".join(speed_line(row, anchor) for row in speeds)
    return head + table_of_speeds + SCALE_HEAD + "".join(scale_line(row) for row in others)


if __name__ == "__main__":
    with whole_file(sys.argv[1]) as handle:
        handle.write(table(rows()))
