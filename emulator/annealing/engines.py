"""Which kernels run which runs: chosen by the number of a run, so that no run depends on how many others there are.

A block of 512 packed runs takes about as long as four to nine plain ones. The first runs of a search are plain, the
others packed: one or two cost what they cost, ten or more at most half as much again as the better of both would; the
worst are three runs, at two to four times that.
"""

from __future__ import annotations

import numpy as np

from ..reference.bit_fields import GROUP_CHAINS
from ..spec.errors import InputError
from .packed.searches import PackedAnnealing, PackedQuantum, PackedTempering, packed_model, trotter_blocks
from .plain.searches import PlainAnnealing, PlainPopulation, PlainQuantum, PlainTempering

PACKED = {"sa": PackedAnnealing, "sqa": PackedQuantum, "apt": PackedTempering}
PLAIN = {"sa": PlainAnnealing, "sqa": PlainQuantum, "apt": PlainTempering, "pa": PlainPopulation}
BLOCK_COST = 5  # plain runs that take as long as a block of 512 packed ones, where a ladder is budgeted; 4 to 9
FIRST_PLAIN = 2  # runs on the plain kernels where the packed ones take the others


def n_first_plain(method, settings):
    """Return how many runs are plain where the others are packed.

    A Trotter ring of R replicas that is ``trotter_blocks`` lanes wide costs a block that many times less.
    """
    if method == "sqa":
        return 4 * FIRST_PLAIN // trotter_blocks(settings.n_replicas)
    return FIRST_PLAIN


def cost_in_plain_runs(n_runs, is_packed):
    """Return what runs cost, in plain ones.

    >>> cost_in_plain_runs(100, False), cost_in_plain_runs(100, True), cost_in_plain_runs(1, True)
    (100, 7, 1)
    """
    if not is_packed or n_runs <= FIRST_PLAIN:
        return n_runs
    return FIRST_PLAIN + BLOCK_COST * -(-(n_runs - FIRST_PLAIN) // GROUP_CHAINS)


def packed_model_of(problem, method):
    """Return the `PackedModel` of a problem, or None if the packed kernels cannot run the method or the couplings."""
    if method not in PACKED or not problem.exact:
        return None
    try:
        return packed_model(problem)
    except InputError:
        return None


def make_blocks(problem, settings, method, size, options):
    """Return the searches that share the runs.

    Parameters
    ----------
    problem, settings, method
        What is searched, and how.
    size : tuple of int
        Sweeps, runs and seed.
    options : AnnealOptions
        Options of the run: kernels and threads.

    Returns
    -------
    list of PlainSearch and PackedSearch
        In the order of the runs.
    """
    sweeps, n_runs, seed = size
    model = None
    if options.engine == "packed":
        if method not in PACKED or not problem.exact:
            what = f"method {method}" if method not in PACKED else "couplings that are no whole multiples of a unit"
            raise InputError(f"Engine must be plain for {what}, not packed")
        model = packed_model(problem)
    first = 0 if options.engine == "packed" else n_runs
    if options.engine == "auto" and n_first_plain(method, settings) < n_runs:
        model = packed_model_of(problem, method)
        first = n_runs if model is None else n_first_plain(method, settings)
    parts = np.array_split(np.arange(first), max(1, min(options.n_threads, first)))
    spans = [range(part[0], part[-1] + 1) for part in parts if len(part)]
    blocks = [PLAIN[method](problem, settings, sweeps, span, seed) for span in spans]
    if first == n_runs:
        return blocks
    kind = PACKED[method]
    held = kind.capacity(settings)
    starts = [first, *range(held, n_runs, held)]
    return blocks + [kind(model, settings, sweeps, range(s, min((s // held + 1) * held, n_runs)), seed) for s in starts]
