"""Processor seconds from the shell's prompt to an answer, of commands that do little."""

from __future__ import annotations

import subprocess
import sys

from .stopwatch import best_of

PROGRAM = "from spinchip.sim.cli.app import main; main()"
RING = "[ring n=6 J=1 h=0.3]"
# What is run, and the seconds that it may take on a machine of the two cores of CI.
ASKED = {
    "spinchip --help": (["-c", PROGRAM, "--help"], 0.5),
    "spinchip info, six spins": (["-c", PROGRAM, "info", RING, "--json"], 2.0),
    "import spinchip": (["-c", "import spinchip"], 0.3),
    "python alone": (["-c", ""], None),
}


def rows(quick=False):
    """Return the rows; processor time of warm runs, the best of several that take turns.

    Parameters
    ----------
    quick : bool
        Two rounds instead of seven.

    Returns
    -------
    list of dict
        ``name, value, unit, peer, ratio``; the peer is what was wanted, and a ratio below 1 meets it.
    """
    best = best_of({name: _run(arguments) for name, (arguments, _) in ASKED.items()}, 2 if quick else 7)
    return [_row(name, best[name], wanted) for name, (_, wanted) in ASKED.items()]


def _run(arguments):
    return lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def _row(name, seconds, wanted):
    peer = None if wanted is None else f"{wanted:g} wanted"
    ratio = None if wanted is None else seconds / wanted
    return {"name": name, "value": seconds, "unit": "s", "peer": peer, "ratio": ratio}
