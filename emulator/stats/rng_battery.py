"""Random sources through Debian's dieharder and through the gate; writes the table of docs/results/rng.md.

python -m spinchip.emulator.stats.rng_battery docs/results/rng.md
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np

from ..spec.errors import ToolError
from ..spec.fabric.quantised import FabricOptions
from ..spec.fabric.random_source import RandomKind, RandomSpec
from ..spec.files.atomic_write import whole_file
from ..spec.instance import IsingInstance
from .gate import Gate
from .judging import SHIPPED, golden_evidence
from .mutants import Setting
from .random_streams import ControlStream, SliceStream

SOURCES = (
    RandomSpec(),
    RandomSpec(RandomKind.XOSHIRO128PLUS),
    RandomSpec(RandomKind.LFSR32, slices=1, leap=32),
    RandomSpec(RandomKind.LFSR32, slices=1, leap=16),
    RandomSpec(RandomKind.LFSR32, slices=2, leap=32),
    RandomSpec(RandomKind.LFSR32, slices=2, leap=16),
    RandomSpec(RandomKind.LFSR32, slices=1, leap=1),
)
STREAMS = {"one p-bit": 1, "64 p-bits": 64}
# dieharder's numbers of tests that it rates "Good", with ntuple sizes where there are several. Left out, since the rest
# takes minutes already: 13, 16, 17 and 101 (squeeze, craps, gcd, runs), and 200-204 at larger ntuples.
TESTS = (
    *((number, None) for number in (0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 15, 100)),
    *((200, ntuple) for ntuple in (1, 2, 4)),
    *((202, ntuple) for ntuple in (2, 5)),
    (203, 0),
    *((number, None) for number in (205, 206, 207, 208, 209)),
)
COLUMNS = ("test_name", "ntuple", "pvalues", "assessment")
CHUNK_SLICES = 1 << 20
MOST_SLICES = 1 << 29  # the hungriest of TESTS takes 2^28.2 of a sound source; some wait for ever for what never comes
ENDLESS = "ENDLESS"
ISING_SCALE = 64  # the gate's second look, in shipped sizes


@dataclass(frozen=True)
class Outcome:
    """One line of dieharder."""

    test: str
    ntuple: int
    p_value: float
    assessment: str


def parse(text):
    """Return the outcomes in dieharder's output with columns between bars.

    >>> parse("diehard_rank_32x32|   0|0.00000000|  FAILED  ")
    [Outcome(test='diehard_rank_32x32', ntuple=0, p_value=0.0, assessment='FAILED')]
    """
    rows = (line.split("|") for line in text.splitlines() if line.count("|") >= len(COLUMNS) - 1)
    return [Outcome(row[0].strip(), int(row[1]), float(row[2]), row[3].strip()) for row in rows]


def run_dieharder(stream, number, ntuple=None):
    """Feed one dieharder test from a stream.

    Ambiguous p-values are repeated with more data until they resolve (``-Y 1``); p < 1e-6 is FAILED then.

    Parameters
    ----------
    stream : SliceStream or ControlStream
        Read until the test has enough.
    number, ntuple : int
        dieharder's ``-d`` and ``-n``.

    Returns
    -------
    list of Outcome
        Some tests report several p-values. One of assessment ENDLESS if the test had no result after MOST_SLICES.
    """
    if shutil.which("dieharder") is None:
        raise ToolError("dieharder must be installed for this table; get it with: sudo apt-get install dieharder")
    command = ["dieharder", "-g", "200", "-d", str(number), "-c", "|", "-Y", "1"]
    command += ["-n", str(ntuple)] if ntuple is not None else []
    command += [part for column in COLUMNS for part in ("-D", column)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        was_enough = _pump(stream, process.stdin)
        outcomes = parse(process.stdout.read().decode())
    if not outcomes and was_enough:
        raise ToolError(f"dieharder must give a result of test {number}, not stop with status {process.returncode}")
    return outcomes or [Outcome(f"dieharder -d {number}", ntuple or 0, 0.0, ENDLESS)]


def _pump(stream, pipe):
    """Write slices until the reader has gone, or has had MOST_SLICES; tell whether it went by itself."""
    n_steps = max(1, CHUNK_SLICES // stream.n_slots)
    try:
        with pipe:
            for _ in range(MOST_SLICES // (n_steps * stream.n_slots)):
                pipe.write(stream.read(n_steps).tobytes())
    except BrokenPipeError:
        return True
    return False


def battery(make_stream, tests=TESTS):
    """Run tests, each on fresh seeds so that no test reads a period twice.

    Parameters
    ----------
    make_stream : callable
        Returns the stream of a chain number.
    tests : sequence of (int, int or None)
        dieharder tests.

    Returns
    -------
    list of Outcome
    """
    return [
        outcome
        for chain, (number, ntuple) in enumerate(tests)
        for outcome in run_dieharder(make_stream(chain), number, ntuple)
    ]


def ising_p_value(random, scale):
    """Return the gate's adjusted p-value of a source on the 6-ring, at ``scale`` times the shipped size."""
    ring = IsingInstance.from_edges(6, [(i, (i + 1) % 6) for i in range(6)], np.ones(6), np.full(6, 0.3))
    program = Setting(ring, 0.5, FabricOptions(random=random), SHIPPED.n_sweeps).honest()
    return Gate().judge(golden_evidence(program, scale * SHIPPED.n_chains, seed=1)).p_value


def table_row(name, stream, outcomes, ising):
    """Return one line of the Markdown table."""
    final = settled(outcomes)
    found = Counter(final.values())
    failed = sorted(test for test, assessment in final.items() if assessment == "FAILED")
    failed += sorted(f"{test} (endless)" for test, assessment in final.items() if assessment == ENDLESS)
    cells = [name, stream, found["PASSED"], found["WEAK"], len(failed), ", ".join(failed) or "-", *ising]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def settled(outcomes):
    """Return the final assessment of each test: FAILED if any of its lines is, otherwise that of its last line.

    dieharder prints a weak p-value before it resolves it with more data.
    """
    final = {}
    for outcome in outcomes:
        test = f"{outcome.test} {outcome.ntuple}" if outcome.ntuple else outcome.test
        if final.get(test) != "FAILED":
            final[test] = outcome.assessment
    return final


HEADER = f"""# Random sources

Each source in golden form, as p-bits read it: 16-bit slices, one slot alone or 64 slots side by side (seeds and
slicing as on a fabric), through {len(TESTS)} runs of Debian's `dieharder` 3.31.1 (ambiguous p-values resolved with more
data; failed is p < 1e-6, or endless: no result from 2^29 slices), and through the gate on the coupled 6-ring (J = 1,
h = 0.3, beta = 0.5): Holm-adjusted p-value at {SHIPPED.n_chains} chains of {SHIPPED.n_sweeps} sweeps, and at
{ISING_SCALE} times that. Written by `python -m spinchip.emulator.stats.rng_battery docs/results/rng.md`.

Xorshift and LFSR words are linear over GF(2), so tests of matrix rank and of linear recurrences must fail them; no
p-bit computes a rank. What counts for sampling is the gate, which must pass every source that is not flagged.
A flagged source that passes it too (an LFSR in two slices with 32 shifts) is flagged out of caution,
not for a fault seen here.

| source | stream | passed | weak | failed | failing tests | gate p | gate p, {ISING_SCALE}x |
|---|---|---|---|---|---|---|---|
"""


def write_table(path, sources=SOURCES, tests=TESTS):
    """Run everything and write the table; progress goes to stderr."""
    rows = []
    for random in (None, *sources):
        name = "control: numpy PCG64" if random is None else str(random)
        ising = ("-", "-") if random is None else [f"{ising_p_value(random, scale):.2g}" for scale in (1, ISING_SCALE)]
        for stream, n_slots in STREAMS.items():
            outcomes = battery(_maker(random, n_slots), tests)
            rows.append(table_row(name, stream, outcomes, ising))
            sys.stderr.write(rows[-1] + "\n")
    with whole_file(path) as file:
        file.write(HEADER + "\n".join(rows) + "\n")


def _maker(random, n_slots):
    """Return a function from chain number to stream."""
    if random is None:
        return lambda chain: ControlStream(n_slots, seed=1, chain=chain)
    return lambda chain: SliceStream(random, n_slots, seed=1, chain=chain)


def main(arguments=None):
    """Write the table to the path on the command line."""
    parser = argparse.ArgumentParser(prog="rng_battery", description="Tests every random source; takes an hour.")
    parser.add_argument("path", help="Markdown file to write, for example docs/results/rng.md")
    write_table(parser.parse_args(arguments).path)


if __name__ == "__main__":
    main()
